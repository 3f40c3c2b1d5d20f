"""Input files to chunks of numbered lines: one module a format, all yielding the same shape."""
