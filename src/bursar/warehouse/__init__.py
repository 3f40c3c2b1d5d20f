"""The only rooms that talk to dbt and open DuckDB files: build, publish, fingerprints."""
