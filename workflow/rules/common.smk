"""What all stages share: the checked configuration, the cohort, and the input functions."""

import re
import sys
from functools import partial

from taceflow.code_digest import code_digest, library_versions
from taceflow.errors import TaceflowError
from taceflow.radiomics.perturbation.chosen_patients import perturbed_patients
from taceflow.imaging.catalogue.patient_files import patient_files
from taceflow.cohort.members import read_members
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
    patient="|".join(map(re.escape, STUDY.patients)),
    reading=r"reader\d+-\d+",
    bucket=r"\d+",
    model="|".join(MODELS),


RESULTS = STUDY.results
# Conda's environments hold what their files say; else jobs run with what is installed here.
PINNED = "conda" in map(str, workflow.deployment_settings.deployment_method)
code_digest = partial(code_digest, pinned=PINNED)
BUCKETS = config["dlopctr"]["embedding_buckets"]
SELECTION = {key: config["survival"][key] for key in ("variables", "p_enter", "select")}
# Asked of a cluster, and counted against --resources gpu, where the network insists on one.
GPUS = int(config["dlopctr"]["device"] == "cuda")


def catalogue_files(wildcards):
    """The archive's files, if there is one; what changed of them the fingerprint tells."""
    return ancient(checkpoints.catalogue.get().output.files) if STUDY.archive else []


def source_fingerprint(wildcards):
    """A digest of the sources; Snakemake compares only parameters that take nothing but wildcards."""
    files = STUDY.archive and checkpoints.catalogue.get().output.files
    of_files = patient_files(files, wildcards.patient)["digest"] if files else ""
    return STUDY.index.sources_fingerprint(wildcards) + of_files


def cohort_for(stage):
    """An input function: the cohort's table, if the sheet holds enough deaths for the stage."""
    reason = STUDY.too_small_for.get(stage)
    return lambda wildcards: sys.exit(f"Error: {reason}") if reason else PATIENTS


def members():
    """The included patients; Snakemake asks again once the checkpoint has run."""
    return read_members(checkpoints.cohort.get().output)


def included(pattern, always=False):
    """An input function: the pattern for each included patient."""
    return lambda wildcards: to_fit(pattern, always, patient=members().patients)


def to_fit(pattern, always=False, **values):
    """Files of patients, or the table whose job says that there is nobody to go on with."""
    return expand(f"{RESULTS}/{pattern}", **values) if always or can_go_on() else [PATIENTS]


def can_go_on():
    """Say whether anybody is there to train on, or to predict."""
    return members().can_train if STUDY.is_fitted else bool(members().patients)


def left_of(pattern):
    """An input function: what a run that goes on leaves of each included patient."""
    return lambda wildcards: to_fit(pattern, patient=members().patients)


def pictures_first(wildcards):
    """The pictures of those who are left, before the job that says so ends the run."""
    return of_images("cohort/quality.tsv") if not can_go_on() else []


def read_patients(wildcards):
    """Features of the included patients who have the reading."""
    patients = members().with_reading(wildcards.reading)
    return to_fit("radiomics/patients/{patient}.tsv.gz", patient=patients)


def reading_tables(wildcards):
    """Feature tables of the main reading, and of those that repeat it if anybody has them."""
    return expand(f"{RESULTS}/radiomics/{{reading}}.parquet", reading=members().repeated)


def perturbed_tables(wildcards):
    """Features under perturbed masks of the training patients who are chosen for it."""
    if not STUDY.is_fitted:
        return []
    chosen = perturbed_patients(checkpoints.cohort.get().output.members, config["radiomics"])
    return expand(f"{RESULTS}/radiomics/perturbed/{{patient}}.tsv.gz", patient=chosen)


def bucket_patches(wildcards):
    """Patches of the included patients of one bucket."""
    patients = members().of_bucket(int(wildcards.bucket), BUCKETS)
    return expand(f"{RESULTS}/patches/{{patient}}.nii.gz", patient=patients)


def of_buckets(pattern):
    """An input function: the pattern for each bucket that has patients."""
    return lambda wildcards: to_fit(pattern, bucket=members().buckets(BUCKETS))
