"""Which region of a file is the tumour."""

import numpy as np
import pytest

from taceflow.errors import ExclusionError


def test_names_of_regions(wide_ct, tmp_path, rtstruct, square, voxels):
    small, large = (square(wide_ct, (5, 6), (high, 9), 3) for high in (9, 14))
    path = rtstruct(
        tmp_path / "rs.dcm", ("GTV_Mass", [small]), ("gtv_mass_2", [large]), ("Empty", None)
    )
    cases = {"GTV_Mass ": 20, "gtv_mass": 20, "GTV_MASS_2": 40, "8": 40, "*": 40, "7;8": 40}
    for roi, count in cases.items():
        assert voxels(path, roi, wide_ct).sum() == count, roi
    with pytest.raises(ExclusionError, match="the region has no closed outline"):
        voxels(path, "Empty", wide_ct)
    with pytest.raises(
        ExclusionError, match=r"P: the region that the table names is not there.*: 7, 8, 9"
    ):
        voxels(path, "Tumor", wide_ct)
    with pytest.raises(ExclusionError, match=r"several regions \(2\)"):
        voxels(path, "", wide_ct)
    alike = rtstruct(tmp_path / "a.dcm", ("GTV", [small]), ("gtv", [large]), ("Gtv", [large]))
    assert voxels(alike, "gtv", wide_ct).sum() == 40
    with pytest.raises(ExclusionError, match="3 regions have the name"):
        voxels(alike, "GTV ", wide_ct)
    twice = rtstruct(tmp_path / "b.dcm", ("GTV", [small]), ("GTV", [large]))
    with pytest.raises(ExclusionError, match=r"2 regions have the name.*: 7, 8"):
        voxels(twice, "GTV", wide_ct)
    only = rtstruct(tmp_path / "c.dcm", ("Liver", None), ("GTV", [small]))
    assert voxels(only, "", wide_ct).sum() == 20


def test_regions_by_number_several_and_all(reference, tmp_path, save, two_blocks, voxels):
    path = save(two_blocks(reference), tmp_path / "mask.nii.gz")
    for roi, count in (("1", 24), ("2", 12), ("1;2", 36), ("2; 1;", 36), ("*", 36), (" 2 ", 12)):
        assert voxels(path, roi, reference).sum() == count, roi
    with pytest.raises(ExclusionError, match="several regions"):
        voxels(path, "", reference)
    with pytest.raises(ExclusionError, match=r"not there.*a number: 1, 2"):
        voxels(path, "1;3", reference)


def test_a_ct_in_place_of_a_mask_is_refused_and_the_list_stays_short(
    small_ct, tmp_path, count, save_labels
):
    values = np.arange(6 * 15 * 20, dtype=np.int16).reshape(6, 15, 20)
    with pytest.raises(ExclusionError, match=r"several regions \(1799\).*20 and 1779 more"):
        count(save_labels(values, small_ct, tmp_path / "ct.nii.gz"), "", small_ct)
