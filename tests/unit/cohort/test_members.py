import pandas as pd
import pytest

from taceflow.cohort.members import read_members
from taceflow.files.tables import write_table

IDS = ["P1", "P2", "P3"]


@pytest.fixture
def written(tmp_path):
    """What the checkpoint leaves of three patients, the last without a second reading."""

    def write(cohorts):
        members = pd.DataFrame({"patient_id": IDS, "cohort": cohorts})
        read = [("P1", 1, 1), ("P1", 1, 2), ("P2", 1, 1), ("P2", 3, 1), ("P3", 1, 1)]
        readings = pd.DataFrame(read, columns=["patient_id", "reader", "reading"])
        readings = readings.assign(phase="arterial", voxels=1000, volume_ml=1.0)
        names = ("members", "readings", "exclusions")
        paths = {name: str(tmp_path / f"{name}.tsv") for name in names}
        left = [("X1", "imaging", "no scan"), ("X2", "review", "no tumour")]
        left = pd.DataFrame(left, columns=["patient_id", "stage", "reason"]).assign(remedy=None)
        write_table(left, paths["exclusions"], "exclusions")
        write_table(members, paths["members"], "members")
        write_table(readings, paths["readings"], "readings")
        return paths

    return write


def test_readings_that_repeat_the_main_one_are_those_of_method_and_table(written):
    members = read_members(**written(["training", "validation", "training"]))
    assert members.patients == tuple(IDS)
    assert members.training == ("P1", "P3")
    assert members.with_reading("reader1-1") == IDS
    assert members.with_reading("reader1-2") == ["P1"]
    # a third reader's is extracted, but repeats nothing
    assert members.with_reading("reader3-1") == ["P2"]
    assert members.repeated == ["reader1-1", "reader1-2"]
    assert members.reviewed_out == ("X2",)


def test_nobody_to_train_on_is_told_from_somebody(written):
    assert read_members(**written(["validation", "training", "external"])).can_train
    assert not read_members(**written(["validation", "external", "validation"])).can_train
