"""The compiled way to read lines: `scan.c`, and its two functions for Python."""
