"""Whose scan it is."""

from pathlib import Path

import pandas as pd
import pytest

from taceflow.cohort.ownership import shared_images
from taceflow.errors import InputError
from taceflow.study.plan import plan_study


def test_a_wrong_scan_is_said_before_a_wrong_outline():
    digests = {"masks": ["m"], "scan": ["s"], "series": []}
    records = [{"patient_id": name, "digests": digests} for name in ("A", "B")]
    assert {stage for stage, _, _ in shared_images(records).values()} == {"imaging"}


# Whose scan it is


def of_patient(patient, **values):
    def change(frame):
        changed = frame.reindex(columns=[*dict.fromkeys([*frame, *values])]).astype(object)
        for name, value in values.items():
            changed.loc[frame["patient_id"] == patient, name] = value
        return changed

    return change


@pytest.mark.parametrize(("table", "column"), [("scans", "image"), ("segmentations", "mask")])
@pytest.mark.parametrize("kind", ["path", "dots", "link"])
def test_one_scan_or_mask_for_two_patients_is_an_error(
    own_config, tmp_path, table, column, kind, rewrite
):
    (tmp_path / "link.nii").symlink_to("A.nii")
    same = {"path": "A.nii", "dots": f"../{tmp_path.name}/A.nii", "link": "link.nii"}[kind]
    rewrite(own_config["tables"][table], of_patient("D", **{column: f"{tmp_path}/{same}"}))
    with pytest.raises(InputError, match=r"patient D: the .* is given to patient A too.*belongs"):
        plan_study(own_config)


def test_one_folder_of_two_patients_is_theirs_if_each_row_names_its_series(
    own_config, tmp_path, rewrite
):
    folder = str(tmp_path / "archive")
    Path(folder).mkdir()
    for patient, uid in (("A", "1.2.3"), ("D", "1.2.4")):
        rewrite(own_config["tables"]["scans"], of_patient(patient, image=folder, series_uid=uid))
    assert set(plan_study(own_config).to_import) >= {"A", "D"}
    rewrite(own_config["tables"]["scans"], of_patient("D", series_uid="1.2.3"))
    with pytest.raises(InputError, match=r"patient D: .* given to patient A too"):
        plan_study(own_config)


def test_a_folder_that_holds_another_patients_scan_is_an_error(own_config, tmp_path, rewrite):
    inner = tmp_path / "scans" / "D"
    inner.mkdir(parents=True)
    rewrite(own_config["tables"]["scans"], of_patient("A", image=str(inner.parent)))
    rewrite(own_config["tables"]["scans"], of_patient("D", image=str(inner)))
    with pytest.raises(
        InputError, match=r"patient D: the scan .* lies in .*, which is the scan of patient A"
    ):
        plan_study(own_config)
    # a series that is named is the patient's own, whatever lies beside it
    rewrite(own_config["tables"]["scans"], of_patient("A", series_uid="1.2.3"))
    assert set(plan_study(own_config).to_import) >= {"A", "D"}


def test_one_outline_is_no_second_reading_of_itself(own_config, rewrite):
    rewrite(
        own_config["tables"]["segmentations"],
        lambda frame: pd.concat([frame, frame.head(1).assign(reading=2)]),
    )
    with pytest.raises(InputError, match=r"patient A: the mask .* is given for two readings"):
        plan_study(own_config)
