"""Events in: read, judge, deduplicate, commit.

Owns everything under ``landing/`` of a project. It leaves what events mean to the models and
metrics, and the printing of reports to ``bursar.cli``.
"""

from __future__ import annotations

from bursar.landing.batch import BatchReport, LandOptions, land
from bursar.landing.readers.formats import InputFormat

__all__ = ["BatchReport", "InputFormat", "LandOptions", "land"]
