"""A new billing project on disk.

Owns what `bursar init` writes: dbt's own files from `templates/`, the empty catalog, and for a demo
the catalog and the metrics of Fathom. It leaves the catalog's columns to `bursar.catalog`, the
compiled models to `bursar.metrics`, and the link to the dbt package to `bursar.package_link`.
"""
