"""The catalog: what is sold, at what price, to whom.

Owns the catalog's relations and the checks of its CSV files. It leaves loading them to dbt's seeds
and typing them to the staging models.
"""
