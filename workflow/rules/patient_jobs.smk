# Which job does which patients: a bucket of them, whose number follows from the id.
from taceflow.imaging.catalogue.patient_files import patient_files
from taceflow.radiomics.perturbation.chosen_patients import perturbed_patients
from taceflow.study.patient_jobs import PatientJobs

JOBS = PatientJobs.of(RESULTS, STUDY.patients, config["patients_per_job"])
# Of a large CT a step takes a quarter of a minute on a core that does nothing else.
BATCH_MINUTES = minutes(10 + config["patients_per_job"])
# Who is in the study decides about whom these jobs do, not about when.
DRAWN = ancient(f"{RESULTS}/cohort/members.tsv")


def catalogue_files(wildcards):
    """The archive's files, if there is one; what changed of them the fingerprints tell."""
    return ancient(checkpoints.catalogue.get().output.files) if STUDY.archive else []


def sources(wildcards):
    """By patient, what the tables name and a digest of it, by whose change an import is due."""
    files = STUDY.archive and checkpoints.catalogue.get().output.files
    found = {}
    for patient in JOBS.members(wildcards.bucket, STUDY.to_import):
        of_files = patient_files(files, patient)["digest"] if files else ""
        found[patient] = STUDY.index.sources_of(patient) | {"of_archive": of_files}
    return found


def listed():
    """The patients whose images are read."""
    return STUDY.to_import


def included():
    """The patients of the study."""
    return members().patients


def perturbed():
    """The training patients whose masks are perturbed."""
    return perturbed_patients(members().training, config["radiomics"])


def job_of(stage, who=included):
    """A parameter: what a job of the stage is told of itself."""
    return lambda wildcards: JOBS.job(stage, wildcards.bucket, who())


def made_of(stage, who=included, always=False):
    """An input function: the ledgers of what a stage makes of each patient."""
    return lambda wildcards: to_fit(JOBS.ledgers(stage, who()), always)


def files_of(stage, number=0, who=included):
    """A parameter: a file that a stage makes, of each of these patients."""
    return lambda wildcards: JOBS.files(stage, who(), number)


def read_patients(wildcards):
    """The feature tables of the included patients who have the reading."""
    return JOBS.files("extract_features", members().with_reading(wildcards.reading))


def bucket_patients(wildcards):
    """The included patients of one bucket of embeddings."""
    return members().of_bucket(int(wildcards.bucket), BUCKETS)


def patches_of_bucket(wildcards):
    """Their patches."""
    return JOBS.files("patch", bucket_patients(wildcards))


def bucket_patches(wildcards):
    """The ledgers that tell of their patches."""
    return JOBS.ledgers("patch", bucket_patients(wildcards))


def ledger_of_file(wildcards):
    """The ledger of the job that makes a patient's file."""
    try:
        return JOBS.ledger_of(wildcards[0], STUDY.patients)
    except TaceflowError as error:
        sys.exit(f"Error: {error}")
