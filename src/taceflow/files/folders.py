"""Where the workflow's own files lie: below the package, in a clone by links."""

from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[1]
"""The package's folder."""

SOURCE = PACKAGE.parent
"""Folder that holds the package: ``src`` in a clone, else where packages are installed."""

ENVIRONMENTS = PACKAGE / "envs"
"""Folder of the environments' files."""

SCHEMAS = PACKAGE / "workflow" / "schemas"
"""Folder of the schemas of tables and configuration."""

RESOURCES = PACKAGE / "workflow" / "resources"
"""Folder of what others printed: numbers of the study, items of checklists."""

CONFIG = (PACKAGE / "config").resolve()
"""Folder of the defaults of every key, of the panels, and of the documentation of both."""
