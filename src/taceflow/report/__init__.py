"""Manuscript tables, provenance and the report of a run."""
