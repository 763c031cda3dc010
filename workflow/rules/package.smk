"""Where the package and the libraries lie that this workflow and its jobs import."""

import os
import site
import sys
from pathlib import Path

SOURCE = Path(str(workflow.current_basedir)).parents[1] / "src"
if (SOURCE / "taceflow" / "workflow").is_file():
    sys.exit(
        f"Error: {SOURCE}/taceflow holds files in place of links: fetch the project with git, or unpack it with a "
        "program that keeps links, such as unzip or tar (on Windows: in WSL)"
    )
if SOURCE.is_dir():
    # A clone runs its own code, whatever is installed, also in jobs, whose interpreters are others.
    sys.path.insert(0, str(SOURCE))
    others = os.environ.get("PYTHONPATH")
    os.environ |= {"PYTHONPATH": os.pathsep.join(filter(None, (str(SOURCE), others)))}
    import taceflow

    if not (SOURCE / "taceflow" / "__init__.py").samefile(taceflow.__file__):
        sys.exit(
            f"Error: the rules of {SOURCE.parent} would run with the code of {Path(taceflow.__file__).parents[2]}, "
            "which was imported before: take both runs from one clone, or plan them one by one"
        )
else:
    # Rules from a git address: the package is installed beside Snakemake, where jobs look last.
    from taceflow.files.folders import PACKAGE

    version = Path(workflow.source_path("../../src/taceflow/version.py")).read_text().strip()
    if version != (PACKAGE / "version.py").read_text().strip():
        sys.exit("Error: rules and installed package differ in version: pip install the rules' one")

    # Snakemake 9.27 joins an address of git+file with the object of a script's path as if it were text.
    from snakemake.sourcecache import LocalGitFile
    from taceflow.study.addresses import joining_text

    LocalGitFile.join = joining_text(LocalGitFile.join)

# Every rule file asks for memory and minutes by these.
from taceflow.study.resources import memory_mb, minutes

# What a cluster submits again does nothing if the attempt before met an error that stays (taceflow.log).
# The number stands in the call of the job; workflow.attempt is 1 until all rules are read.
called = iter(sys.argv)
os.environ |= {"TACEFLOW_ATTEMPT": next(called, "1") if "--attempt" in called else "1"}

# Conda's environments hold what their files say; else jobs run with what is installed here.
PINNED = "conda" in map(str, workflow.deployment_settings.deployment_method)
USERS_OWN = site.getusersitepackages()
if PINNED and not any(
    str(getattr(module, "__file__", None)).startswith(USERS_OWN)
    for module in list(sys.modules.values())
):
    # Python and pip look there first, for what `pip install --user` left. Where Snakemake itself
    # needs it, it stays: on a cluster Snakemake starts once more for each job.
    os.environ |= {"PYTHONNOUSERSITE": "1"}
