"""The catalog: what its relations are, and what can be wrong with them.

Pure but for `project.py`, which reads seeds/.
"""
