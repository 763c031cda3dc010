"""Where the workflow's own files lie."""

from pathlib import Path

SCHEMAS = Path(__file__).resolve().parents[3] / "workflow" / "schemas"
"""Folder of the schemas of tables and configuration."""
