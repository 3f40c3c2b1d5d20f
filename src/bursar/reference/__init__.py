"""Reference pages that are written from the code, so that they cannot say anything else.

Owns `docs/reference/cli.md`, `tables.md`, `catalog.md` and `errors.md`. It leaves every other page
to the person who writes it, and the facts themselves to the command line, the marts, the catalog
and the error cases.
"""
