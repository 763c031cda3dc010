"""The three tables of a synthetic cohort on disk, as a user would bring them."""

from taceflow.files.tables import write_table
from taceflow.synthetic.plan import plan_cohort


def write_tables(settings: dict, root: str, patients: str, scans: str, segmentations: str) -> None:
    """Write the tables of a synthetic cohort.

    Parameters
    ----------
    settings : dict
        The `synthetic` section of the configuration.
    root : str
        Folder of the cohort, relative to the working directory; its images lie in
        ``{root}/images``.
    patients, scans, segmentations : str
        The tables to be written.
    """
    plan = plan_cohort(settings, root)
    write_table(plan.patients, patients, "patients")
    write_table(plan.scans, scans, "scans")
    write_table(plan.segmentations, segmentations, "segmentations")
