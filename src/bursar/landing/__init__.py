"""Events in: read, validate, deduplicate, commit.

Knows files and DuckDB as a reader and writer of files; knows no dbt and no catalog.
"""
