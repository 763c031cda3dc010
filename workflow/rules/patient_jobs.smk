# Which job does which patients: a bucket of them, whose number follows from the id.
from taceflow.imaging.catalogue.patient_files import patient_files
from taceflow.radiomics.perturbation.chosen_patients import perturbed_patients
from taceflow.study.patient_jobs import PatientJobs

JOBS = PatientJobs.of(
    *(RESULTS, STUDY.patients),
    *(config["patients_per_job"], config["dlopctr"]["patients_per_job"]),
)
# Of a large CT a step takes a quarter of a minute on a core that does nothing else.
BUCKET_MINUTES = minutes(10 + config["patients_per_job"])
# Who is in the study decides about whom these jobs do, not about when.
DRAWN = ancient(f"{RESULTS}/cohort/members.tsv")


def catalogue_files(wildcards):
    """The archive's files, if there is one; what changed of them the fingerprints tell."""
    return ancient(checkpoints.catalogue.get().output.files) if STUDY.archive else []


def sources(wildcards):
    """By patient, what the tables name and a digest of it, by whose change an import is due."""
    files = STUDY.archive and checkpoints.catalogue.get().output.files
    patients = JOBS.members("import_patient", wildcards.bucket, STUDY.to_import)
    archived = {one: patient_files(files, one)["digest"] if files else "" for one in patients}
    return {one: STUDY.index.sources_of(one) | {"of_archive": archived[one]} for one in patients}


def listed():
    """The patients whose images are read."""
    return STUDY.to_import


def included():
    """The patients of the study."""
    return members().patients


def pictured():
    """The patients of the study, and those whom a reader left out by their picture."""
    return members().patients + members().reviewed_out


def perturbed():
    """The training patients whose masks are perturbed."""
    return perturbed_patients(members().training, config["radiomics"])


def made_of(stage, who=included, always=False):
    """An input function: the ledgers of what a stage makes of each patient."""

    def ledgers(wildcards):
        return to_fit(JOBS.ledgers(stage, who()), always)

    return ledgers


def read_patients(wildcards):
    """The feature tables of the included patients who have the reading."""
    return JOBS.files("extract_features", members().with_reading(wildcards.reading))


def patches_to_embed(wildcards):
    """The ledgers that tell of the patches of one bucket of embeddings."""
    patients = JOBS.members("embed", wildcards.bucket, included())
    return JOBS.ledgers("patch", patients)


def ledger_of_file(wildcards):
    """The ledger of the job that makes a patient's file."""
    try:
        ledger = JOBS.ledger_of(wildcards[0], STUDY.patients)
    except TaceflowError as error:
        sys.exit(f"Error: {error}")
    # Snakemake plans the job before it knows who is in, unless it is told to wait
    members()
    return ledger
