"""What all stages share: the checked configuration, the cohort, and the input functions."""

import sys
from functools import partial

from taceflow.code_digest import code_digest, library_versions
from taceflow.errors import TaceflowError
from taceflow.cohort.members import read_members
from taceflow.report.provenance import workflow_digest
from taceflow.study import left_out, targets
from taceflow.study.figures import FIGURES
from taceflow.models import MODELS
from taceflow.study.plan import plan_study
from taceflow.synthetic.latent import image_settings

try:
    STUDY = plan_study(config, workflow.configfiles, whole=workflow.is_main_process)
except TaceflowError as error:
    # an exception would be shown with this file and line, where a user has nothing to mend
    sys.exit(f"Error: {error}")


wildcard_constraints:
    reading=r"reader\d+-\d+",
    bucket=r"\d+",
    model="|".join(MODELS),


RESULTS = STUDY.results
code_digest = partial(code_digest, pinned=PINNED)
SELECTION = {key: config["survival"][key] for key in ("variables", "p_enter", "select")}
# What the longest job that nobody shares, the correction for optimism, waits for, goes before the rest.
LONGEST_WAY = 2
LOOK = dict(config["figures"])
TIFF = int(LOOK.pop("tiff"))
# Asked of a cluster, and counted against --resources gpu, where the network insists on one.
GPUS = int(config["dlopctr"]["device"] == "cuda")


def cohort_for(stage):
    """An input function: the cohort's table, if the sheet holds enough deaths for the stage."""
    reason = STUDY.too_small_for.get(stage)
    return lambda wildcards: sys.exit(f"Error: {reason}") if reason else PATIENTS


def members():
    """The included patients; Snakemake asks again once the checkpoint has run."""
    cohort = checkpoints.cohort.get().output
    return read_members(cohort.members, cohort.readings, cohort.exclusions)


def to_fit(files, always=False):
    """Files that a run leaves which goes on, or the table whose job says that nobody is left."""
    return files if always or can_go_on() else [PATIENTS]


def can_go_on():
    """Say whether anybody is there to train on, or to predict."""
    return members().can_train if STUDY.is_fitted else bool(members().patients)


def pictures_first(wildcards):
    """The pictures of those who are left, before the job that says so ends the run."""
    pages = [of_images("cohort/quality.tsv"), of_images("qc/index.html")]
    return pages if not can_go_on() else []


def reading_tables(wildcards):
    """Feature tables of the main reading, and of those that repeat it if anybody has them."""
    return expand(f"{RESULTS}/radiomics/{{reading}}.parquet", reading=members().repeated)
