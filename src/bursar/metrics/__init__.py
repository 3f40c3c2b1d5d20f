"""The metric compiler: text and schema in, text out.

Pure but for `project.py`, which reads metrics/ and writes models/metrics/.
"""
