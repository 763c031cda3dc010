"""Where the package lies that this workflow and its jobs import."""

import os
import sys
from pathlib import Path

SOURCE = str(Path(str(workflow.current_basedir)).parents[1] / "src")
sys.path.insert(0, SOURCE)
# Jobs have interpreters of their own, with conda even other ones.
os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, (SOURCE, os.environ.get("PYTHONPATH"))))
