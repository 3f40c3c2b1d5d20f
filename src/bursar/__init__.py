"""Bursar: a SQL-first billing warehouse.

Usage events land as Parquet, metrics are SQL, dbt prices the usage, and invoices stand in DuckDB.
"""

__version__ = "0.1.0"
