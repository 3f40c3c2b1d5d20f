"""The compiled way to read lines: a few C files, and their functions for Python."""
