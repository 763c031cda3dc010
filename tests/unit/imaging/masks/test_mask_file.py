"""Whether a mask was drawn on the CT that it is put on."""

import pytest
import SimpleITK as sitk

from taceflow.errors import ExclusionError
from taceflow.imaging.masks.load import load_mask
from taceflow.imaging.masks.mask_file import ReferenceCT

FRAME = "1.2.826.0.1.3680043.8.498.9"


@pytest.mark.parametrize("frame", ["roi", "object", "sequence"])
def test_the_frame_of_reference_must_be_the_cts(wide_ct, tmp_path, frame, rtstruct, square, voxels):
    outline = square(wide_ct, (5, 6), (9, 9), 3)
    path = rtstruct(tmp_path / "rs.dcm", ("T", [outline]), frame=frame)
    for known in (FRAME, None, ""):
        assert voxels(path, "T", wide_ct, frame_of_reference=known).sum() == 20
    with pytest.raises(ExclusionError, match="another frame of reference than the CT's") as raised:
        voxels(path, "T", wide_ct, frame_of_reference="1.2.3")
    assert FRAME not in str(raised.value)
    unknown = rtstruct(tmp_path / "rs.dcm", ("T", [outline]), frame="none")
    assert voxels(unknown, "T", wide_ct, frame_of_reference="1.2.3").sum() == 20


def test_the_series_and_the_slices_outweigh_another_frame(wide_ct, tmp_path, rtstruct, square):
    on_slice, beside = (square(wide_ct, (5, 6), (9, 9), level) for level in (3, 3.3))
    target = ReferenceCT(wide_ct, "1.2.3", "1.7")
    path = rtstruct(tmp_path / "rs.dcm", ("T", [on_slice]), listed=FRAME, series="1.7")
    mask = load_mask(path, "T", target, patient="P")
    assert (int(sitk.GetArrayFromImage(mask.image).sum()), mask.on_series) == (20, True)
    assert "another frame of reference than the CT's, but" in mask.notes[0]
    for outline, series, words in (
        (beside, "1.7", "lies beside its slices, though it names the CT's series"),
        (on_slice, "1.8", "drawn in another frame of reference than the CT's"),
    ):
        path = rtstruct(tmp_path / "rs.dcm", ("T", [outline]), listed=FRAME, series=series)
        with pytest.raises(ExclusionError, match=words):
            load_mask(path, "T", target, patient="P")


def test_the_series_on_which_it_was_drawn_is_told(wide_ct, tmp_path, rtstruct, square):
    outline = square(wide_ct, (5, 6), (9, 9), 3)
    path = rtstruct(tmp_path / "rs.dcm", ("T", [outline]), listed=FRAME, series="1.7")
    for uid, told in (("1.7", True), ("1.8", False), (None, None)):
        assert load_mask(path, "T", ReferenceCT(wide_ct, FRAME, uid), patient="P").on_series is told
    silent = rtstruct(tmp_path / "s.dcm", ("T", [outline]))
    assert load_mask(silent, "T", ReferenceCT(wide_ct, FRAME, "1.7"), patient="P").on_series is None
