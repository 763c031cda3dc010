"""Where the package lies that this workflow and its jobs import."""

import os
import sys
from pathlib import Path

SOURCE = Path(str(workflow.current_basedir)).parents[1] / "src"
if SOURCE.is_dir():
    # A clone runs its own code, whatever is installed, also in jobs, whose interpreters are others.
    sys.path.insert(0, str(SOURCE))
    others = os.environ.get("PYTHONPATH")
    os.environ |= {"PYTHONPATH": os.pathsep.join(filter(None, (str(SOURCE), others)))}
else:
    # Rules from a git address: the package is installed beside Snakemake, where jobs look last.
    from taceflow.files.folders import PACKAGE

    version = Path(workflow.source_path("../../src/taceflow/version.py")).read_text().strip()
    if version != (PACKAGE / "version.py").read_text().strip():
        sys.exit("Error: rules and installed package differ in version: pip install the rules' one")
