"""One mask a patient from WAW-TACE's masks of tumours."""

import numpy as np
import SimpleITK as sitk

from taceflow.public_cohorts.waw_tace_masks import join_masks


def test_the_tumours_of_a_patient_are_one_mask_in_its_place(record, box, unpack_all):
    tables = unpack_all(record)
    mask = sitk.ReadImage(tables.segmentations.set_index("patient_id").loc["WAW_007", "mask"])
    assert np.array_equal(sitk.GetArrayViewFromImage(mask), box(0, 2) | box(3, 5))
    assert mask.GetSpacing() == (1.0, 1.0, 2.5)
    assert mask.GetOrigin() == (-10.0, 20.0, 5.0)


def test_masks_on_different_grids_leave_the_patient_without_and_say_so(record, caplog, unpack_all):
    tables = unpack_all(record)
    assert "WAW_040" not in set(tables.segmentations["patient_id"])
    assert "WAW_040: the tumours' masks lie on different grids" in caplog.text


def test_label_values_other_than_1_count(waw_image, box, tmp_path):
    path = tmp_path / "a.nrrd"
    sitk.WriteImage(waw_image(box(0, 2) * 3), str(path))
    joined = sitk.GetArrayFromImage(join_masks([path]))
    assert np.array_equal(joined, box(0, 2))
