"""Masks as DICOM segmentation objects, written by highdicom in all its ways."""

import copy

import highdicom
import numpy as np
import pytest
import SimpleITK as sitk
from highdicom.seg import Segmentation, SegmentDescription
from pydicom.data import get_testdata_file
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.sr.codedict import codes
from pydicom.uid import (
    CTImageStorage,
    ExplicitVRLittleEndian,
    RLELossless,
    generate_uid,
)

from taceflow.errors import ExclusionError
from taceflow.imaging.dicom.series import list_series
from taceflow.imaging.dicom.volume import load_series
from taceflow.imaging.masks.load import load_mask
from taceflow.imaging.masks.mask_file import ReferenceCT

COLUMNS, ROWS, SLICES = 36, 33, 9
SPACING = (1.5, 1.5, 4.0)
FRAME = "1.2.826.0.1.3680043.8.498.7"
OBLIQUE = (0.8, 0.6, 0.0, -0.48, 0.64, 0.6)


def make_ct(orientation=(1, 0, 0, 0, 1, 0)):
    """Return a CT as a volume and as the datasets of its slices."""
    x, y = np.reshape(orientation, (2, 3)).astype(float)
    z = np.cross(x, y)
    image = sitk.Image((COLUMNS, ROWS, SLICES), sitk.sitkInt16)
    image.SetSpacing(SPACING)
    image.SetOrigin((-20.5, 31.0, 7.0))
    image.SetDirection(np.stack([x, y, z], axis=1).ravel().tolist())
    study, series = generate_uid(), generate_uid()
    slices = []
    for number in range(SLICES):
        dataset = Dataset()
        dataset.SOPClassUID = CTImageStorage
        dataset.SOPInstanceUID = generate_uid()
        dataset.StudyInstanceUID, dataset.SeriesInstanceUID = study, series
        dataset.FrameOfReferenceUID = FRAME
        dataset.PatientID = dataset.PatientName = dataset.AccessionNumber = dataset.StudyID = ""
        dataset.PatientBirthDate = dataset.PatientSex = dataset.StudyDate = dataset.StudyTime = ""
        dataset.ReferringPhysicianName = dataset.PositionReferenceIndicator = ""
        dataset.Modality, dataset.InstanceNumber = "CT", number + 1
        dataset.Rows, dataset.Columns = ROWS, COLUMNS
        dataset.PixelSpacing = [SPACING[1], SPACING[0]]
        dataset.SliceThickness = SPACING[2]
        dataset.ImageOrientationPatient = [float(value) for value in orientation]
        position = image.TransformIndexToPhysicalPoint((0, 0, number))
        dataset.ImagePositionPatient = [round(value, 6) for value in position]
        slices.append(dataset)
    return image, slices


def describe(number, label):
    return SegmentDescription(number, label, codes.SCT.Organ, codes.SCT.Liver, "MANUAL")


def write(path, slices, pixels, kind="BINARY", labels=("Liver", "Tumour", "Vein"), **options):
    """Write a SEG; pixels of shape (z, y, x[, segment]), or a highdicom volume."""
    count = pixels.shape[3] if pixels.ndim == 4 else len(labels)
    if isinstance(pixels, highdicom.Volume):
        count = 1
    segmentation = Segmentation(
        slices,
        pixels,
        kind,
        [describe(number + 1, labels[number]) for number in range(count)],
        generate_uid(),
        1,
        generate_uid(),
        1,
        "maker",
        "model",
        "1",
        "serial",
        **options,
    )
    segmentation.save_as(path)
    return segmentation


def count_frames(path):
    return highdicom.seg.segread(path).number_of_frames


def voxels(path, roi, ct, frame=FRAME):
    return sitk.GetArrayFromImage(
        load_mask(str(path), roi, ReferenceCT(ct, frame), patient="P").image
    )


@pytest.fixture
def truth():
    """Three segments, the first two overlap; gaps between the slices that hold them."""
    pixels = np.zeros((SLICES, ROWS, COLUMNS, 3), dtype=np.uint8)
    pixels[1:8, 2:14, 3:15, 0] = 1
    pixels[2, 4:7, 5:9, 1] = pixels[5, 4:9, 5:6, 1] = 1
    pixels[6, 0, 0, 2] = pixels[6, -1, -1, 2] = 1
    return pixels


@pytest.mark.parametrize("start", [132, None])
def test_a_segmentation_without_preamble(tmp_path, truth, start):
    image, slices = make_ct()
    write(tmp_path / "seg.dcm", slices, truth)
    content = (tmp_path / "seg.dcm").read_bytes()
    start = start or 144 + int.from_bytes(content[140:144], "little")
    (tmp_path / "bare.dcm").write_bytes(content[start:])
    expected = voxels(tmp_path / "seg.dcm", "Liver", image)
    np.testing.assert_array_equal(voxels(tmp_path / "bare.dcm", "Liver", image), expected)


def check_each(path, ct, truth):
    for number, name in enumerate(("Liver", "Tumour", "Vein")):
        for roi in (name, str(number + 1), f" {name.upper()}"):
            np.testing.assert_array_equal(voxels(path, roi, ct), truth[..., number], err_msg=roi)
    np.testing.assert_array_equal(voxels(path, "Tumour;3", ct), truth[..., 1:].max(axis=3))
    np.testing.assert_array_equal(voxels(path, "*", ct), truth.max(axis=3))


@pytest.mark.parametrize("orientation", [(1, 0, 0, 0, 1, 0), OBLIQUE])
@pytest.mark.parametrize("omit", [True, False])
def test_binary_segments_that_overlap(tmp_path, truth, orientation, omit):
    ct, slices = make_ct(orientation)
    path = tmp_path / "seg.dcm"
    write(path, slices, truth, omit_empty_frames=omit)
    assert count_frames(path) == (10 if omit else 27)
    check_each(path, ct, truth)
    with pytest.raises(ExclusionError, match=r"several regions.*: 1, 2, 3"):
        voxels(path, "", ct)


@pytest.mark.parametrize("kind", ["PROBABILITY", "OCCUPANCY"])
@pytest.mark.parametrize("maximum", [255, 100])
def test_fractions_are_cut_at_a_half(tmp_path, kind, maximum):
    ct, slices = make_ct()
    pixels = np.zeros((SLICES, ROWS, COLUMNS), dtype=np.float32)
    pixels[3, 4, 2:8] = (0.2, 0.49, 0.51, 0.7, 1.0, 0.0)
    pixels[4, 5, 2:4] = (0.3, 0.9)
    path = tmp_path / "seg.dcm"
    write(
        path,
        slices,
        pixels,
        "FRACTIONAL",
        labels=("Tumour",),
        fractional_type=kind,
        max_fractional_value=maximum,
    )
    np.testing.assert_array_equal(voxels(path, "", ct), pixels > 0.5)


def test_exactly_a_half_counts(tmp_path):
    ct, slices = make_ct()
    pixels = np.zeros((SLICES, ROWS, COLUMNS), dtype=np.float32)
    pixels[3, 4, 2:4] = (0.5, 0.49)
    path = tmp_path / "seg.dcm"
    write(path, slices, pixels, "FRACTIONAL", labels=("T",), max_fractional_value=100)
    assert voxels(path, "", ct).sum() == 1


@pytest.mark.parametrize("syntax", [ExplicitVRLittleEndian, RLELossless])
def test_label_maps(tmp_path, truth, syntax):
    ct, slices = make_ct()
    truth[..., 0] &= 1 - truth[..., 1:].max(axis=3)
    labels = (truth * np.arange(1, 4)).sum(axis=3).astype(np.uint8)
    path = tmp_path / "seg.dcm"
    made = write(path, slices, labels, "LABELMAP", transfer_syntax_uid=syntax)
    assert made.SOPClassUID == "1.2.840.10008.5.1.4.1.1.66.7"
    check_each(path, ct, truth)


@pytest.mark.parametrize("kind", ["BINARY", "LABELMAP"])
def test_frames_out_of_order(tmp_path, truth, kind):
    ct, slices = make_ct()
    pixels = truth[..., 0] if kind == "LABELMAP" else truth
    path = tmp_path / "seg.dcm"
    write(
        path, slices, pixels, kind, labels=("Liver", "Tumour", "Vein")[: 1 + 2 * (kind == "BINARY")]
    )
    made = highdicom.seg.segread(path)
    frames = made.pixel_array
    order = np.random.default_rng(1).permutation(len(frames))
    groups = list(made.PerFrameFunctionalGroupsSequence)
    bits = frames[order].astype(np.uint8)
    if kind == "BINARY":
        made.PixelData = np.packbits(bits.ravel(), bitorder="little").tobytes()
    else:
        made.PixelData = bits.tobytes()
    made.PixelData += b"\0" * (len(made.PixelData) % 2)
    made.PerFrameFunctionalGroupsSequence = Sequence([groups[number] for number in order])
    made.save_as(path)
    if kind == "BINARY":
        check_each(path, ct, truth)
    else:
        np.testing.assert_array_equal(voxels(path, "", ct), truth[..., 0])


def test_gaps_are_not_filled_where_the_spacing_is_not_stated(tmp_path):
    """Every second slice of the CT, one of them alone: nothing lies between."""
    ct, slices = make_ct()
    pixels = np.zeros((SLICES, ROWS, COLUMNS), dtype=np.uint8)
    pixels[[1, 3, 5], 4:9, 4:9] = 1
    path = tmp_path / "seg.dcm"
    made = write(path, slices, pixels, labels=("Tumour",))
    measures = made.SharedFunctionalGroupsSequence[0].PixelMeasuresSequence[0]
    assert made.number_of_frames == 3
    if "SpacingBetweenSlices" in measures:
        del measures.SpacingBetweenSlices
    made.save_as(path)
    np.testing.assert_array_equal(voxels(path, "", ct), pixels)


def other_grid(ct, slices, path, *, flip=False, fine=1, shift=0.0, kind="BINARY"):
    """Write a ball of 9 mm on a grid of its own; return it as drawn there."""
    middle = np.array(ct.TransformContinuousIndexToPhysicalPoint([9.5, 8.0, 4.0]))
    direction = np.reshape(ct.GetDirection(), (3, 3)) @ np.diag([1, -1, -1] if flip else [1, 1, 1])
    spacing = np.array(SPACING) / fine
    size = np.array([COLUMNS, ROWS, SLICES]) * fine
    steps = direction * spacing
    origin = middle + shift - steps @ ((size - 1) / 2)
    index = np.stack(np.indices(size), axis=-1)
    distance = np.linalg.norm(index @ steps.T + origin - middle, axis=-1)
    ball = (distance <= 9).astype(np.uint8)
    affine = np.eye(4)
    # highdicom counts slices, rows, columns
    affine[:3, :3], affine[:3, 3] = steps[:, ::-1], origin
    volume = highdicom.Volume(
        ball.transpose(2, 1, 0), affine, "PATIENT", frame_of_reference_uid=FRAME
    )
    write(path, slices, volume, kind, labels=("Tumour",), omit_empty_frames=True)
    return ball.sum() * np.prod(spacing)


def ball_of(ct):
    index = np.stack(np.indices(ct.GetSize()), axis=-1)
    steps = np.reshape(ct.GetDirection(), (3, 3)) * ct.GetSpacing()
    middle = np.array(ct.TransformContinuousIndexToPhysicalPoint([9.5, 8.0, 4.0]))
    distance = np.linalg.norm(index @ steps.T + ct.GetOrigin() - middle, axis=-1)
    return (distance <= 9).astype(np.uint8).transpose(2, 1, 0)


@pytest.mark.parametrize("orientation", [(1, 0, 0, 0, 1, 0), OBLIQUE])
def test_segments_that_count_rows_and_slices_the_other_way(tmp_path, orientation):
    ct, slices = make_ct(orientation)
    other_grid(ct, slices, tmp_path / "seg.dcm", flip=True)
    np.testing.assert_array_equal(voxels(tmp_path / "seg.dcm", "", ct), ball_of(ct))


@pytest.mark.parametrize("kind", ["BINARY", "FRACTIONAL", "LABELMAP"])
def test_segments_on_a_finer_grid(tmp_path, kind):
    ct, slices = make_ct()
    other_grid(ct, slices, tmp_path / "seg.dcm", fine=3, kind=kind)
    np.testing.assert_array_equal(voxels(tmp_path / "seg.dcm", "", ct), ball_of(ct))


def test_one_slice_off_the_cts_has_no_thickness(tmp_path):
    ct, slices = make_ct()
    affine = np.diag([SPACING[2], SPACING[1], SPACING[0], 1.0])[[2, 1, 0, 3]]
    affine[:3, 3] = ct.TransformContinuousIndexToPhysicalPoint([0, 0, 3.4])
    volume = highdicom.Volume(
        np.ones((1, ROWS, COLUMNS), np.uint8), affine, "PATIENT", frame_of_reference_uid=FRAME
    )
    made = write(tmp_path / "seg.dcm", slices, volume, labels=("Tumour",))
    del made.SharedFunctionalGroupsSequence[0].PixelMeasuresSequence[0].SpacingBetweenSlices
    made.save_as(tmp_path / "seg.dcm")
    with pytest.raises(ExclusionError, match="one slice, of unknown thickness"):
        voxels(tmp_path / "seg.dcm", "", ct)


def test_segments_oblique_to_the_ct(tmp_path):
    """Drawn on an oblique reformation of the same frame of reference."""
    ct, _ = make_ct()
    drawn_on, slices = make_ct(OBLIQUE)
    middle = ct.TransformContinuousIndexToPhysicalPoint([9.5, 8.0, 4.0])
    there = drawn_on.TransformContinuousIndexToPhysicalPoint([9.5, 8.0, 4.0])
    drawn_on.SetOrigin((np.array(drawn_on.GetOrigin()) + middle - np.array(there)).tolist())
    other_grid(drawn_on, slices, tmp_path / "seg.dcm", fine=4)
    mask, truth = voxels(tmp_path / "seg.dcm", "", ct), ball_of(ct)
    assert 2 * (mask & truth).sum() / (mask.sum() + truth.sum()) > 0.95


def test_the_frame_of_reference_decides(tmp_path):
    """Same size and spacing as the CT, half a voxel beside it: carried over if the frames agree."""
    ct, slices = make_ct()
    path = tmp_path / "seg.dcm"
    volume = other_grid(ct, slices, path, shift=0.75)
    for frame in (FRAME, None):
        carried = voxels(path, "", ct, frame=frame).sum() * np.prod(SPACING)
        assert carried == pytest.approx(volume, rel=0.1)
    with pytest.raises(
        ExclusionError, match=r"P: was drawn in another frame.*Bring the mask"
    ) as no:
        voxels(path, "", ct, frame="1.2.3")
    assert FRAME not in str(no.value)


@pytest.mark.parametrize("series", ["own", "other"])
def test_an_object_that_names_the_series_is_taken_from_another_frame(tmp_path, truth, series):
    """The frame was given anew by an anonymiser: the series is named, the frames fit its slices."""
    ct, slices = make_ct()
    path = tmp_path / "seg.dcm"
    write(path, slices, truth)
    uid = slices[0].SeriesInstanceUID if series == "own" else "1.2.3.4"
    mask = load_mask(str(path), "Tumour", ReferenceCT(ct, FRAME, uid), patient="P")
    assert (mask.on_series, mask.notes) == (series == "own", ())
    target = ReferenceCT(ct, "1.2.3", uid)
    if series == "other":
        with pytest.raises(ExclusionError, match="drawn in another frame of reference than"):
            load_mask(str(path), "Tumour", target, patient="P")
        return
    mask = load_mask(str(path), "Tumour", target, patient="P")
    np.testing.assert_array_equal(sitk.GetArrayFromImage(mask.image), truth[..., 1])
    assert "another frame of reference than the CT's, but" in mask.notes[0]
    beside = sitk.Image(ct)
    beside.SetOrigin(np.add(ct.GetOrigin(), (0, 0, 1.5)).tolist())
    with pytest.raises(ExclusionError, match="lies beside its slices, though it names the CT's"):
        load_mask(str(path), "Tumour", ReferenceCT(beside, "1.2.3", uid), patient="P")


def broken(path, fault):
    made = highdicom.seg.segread(path)
    frames = made.PerFrameFunctionalGroupsSequence
    if fault == "no segments":
        del made.SegmentSequence
    elif fault == "no pixels":
        made.PixelData = made.PixelData[:8]
    elif fault == "another size":
        made.Rows //= 2
    elif fault == "frames not counted":
        del made.NumberOfFrames
    elif fault == "more frames":
        made.NumberOfFrames = len(frames) + 3
    elif fault == "of no kind":
        made.SegmentationType = "SKETCH"
    elif fault == "no positions":
        for group in frames:
            del group.PlanePositionSequence
    elif fault == "twice":
        frames[1].PlanePositionSequence = copy.deepcopy(frames[0].PlanePositionSequence)
    elif fault == "uneven":
        for frame, shift in zip(frames, np.cumsum(1 + np.arange(len(frames)) ** 2), strict=True):
            frame.PlanePositionSequence[0].ImagePositionPatient[2] += float(shift)
    made.save_as(path)


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ("no segments", "no usable DICOM-SEG"),
        ("no pixels", r"holds 8 bytes of pixels instead of 1\d\d\d"),
        ("another size", r"holds 1\d\d\d bytes of pixels instead of \d\d\d"),
        ("frames not counted", "describes 7 frames and counts 0"),
        ("more frames", "describes 7 frames and counts 10"),
        ("of no kind", "no known SegmentationType"),
        ("no positions", "form no volume|no usable DICOM-SEG"),
        ("twice", "two frames of a segment lie at the same place"),
        ("uneven", "form no volume"),
    ],
)
def test_unusable_segmentations_are_refused(tmp_path, truth, fault, reason):
    ct, slices = make_ct()
    path = tmp_path / "seg.dcm"
    write(path, slices, truth[..., 0], labels=("Liver",))
    broken(path, fault)
    with pytest.raises(ExclusionError, match=reason):
        voxels(path, "", ct)


def test_a_segment_without_frames_is_empty(tmp_path, truth):
    ct, slices = make_ct()
    truth[..., 1] = 0
    write(tmp_path / "seg.dcm", slices, truth)
    with pytest.raises(ExclusionError, match="the mask is empty"):
        voxels(tmp_path / "seg.dcm", "Tumour", ct)


def test_a_segmentation_of_another_scan_is_refused():
    """A liver of pydicom's cases, in another place than this CT."""
    ct, _ = make_ct()
    with pytest.raises(ExclusionError, match=r"lies on another grid.* mL become 0\.00 mL"):
        voxels(get_testdata_file("liver.dcm"), "", ct, frame=None)


def test_the_known_answers(shared_data):
    folder = shared_data / "dicom_seg"
    (series,) = list_series(folder / "ct-3slice")
    ct = load_series(series, patient="P")
    frame = str(series.slices[0].header.get("FrameOfReferenceUID") or "")
    # Segments 1, 4 and 5 of the overlapping ones share the first answer, by value.
    cases = [("liver.dcm", "", "liver_seg.nrrd", 1)]
    cases += [
        ("partial_overlaps.dcm", str(number), f"partial_overlaps-{answer}.nrrd", number)
        for number, answer in ((1, 1), (2, 2), (3, 3), (4, 1), (5, 1))
    ]
    together = np.zeros(ct.GetSize()[::-1], dtype=bool)
    for file, roi, answer, value in cases:
        mask = voxels(folder / file, roi, ct, frame=frame)
        known = sitk.ReadImage(str(folder / answer))
        known = sitk.Resample(known, ct, sitk.Transform(), sitk.sitkNearestNeighbor, 0)
        truth = sitk.GetArrayFromImage(known) == value
        assert truth.sum() > 100
        np.testing.assert_array_equal(mask > 0, truth, err_msg=f"{file} {roi}")
        # the answer itself, read as a label image, is a mask of the same voxels
        as_labels = voxels(folder / answer, str(value), ct)
        np.testing.assert_array_equal(as_labels > 0, truth, err_msg=answer)
        if roi:
            together |= truth
    np.testing.assert_array_equal(
        voxels(folder / "partial_overlaps.dcm", "*", ct, frame=frame) > 0, together
    )
    with pytest.raises(ExclusionError, match="several regions"):
        voxels(folder / "partial_overlaps.dcm", "", ct, frame=frame)


@pytest.mark.parametrize("seed", range(4))
def test_flipped_bytes_are_read_or_refused_but_never_a_traceback(tmp_path, truth, seed):
    """Of a DICOM-SEG, mostly in its header, and of a file cut short."""
    ct, slices = make_ct()
    write(tmp_path / "seg.dcm", slices, truth)
    content = (tmp_path / "seg.dcm").read_bytes()
    random = np.random.default_rng(seed)
    refused = 0
    for _ in range(60):
        damaged = bytearray(content[: random.integers(200, 2 * len(content))])
        for place in random.integers(132, len(damaged), random.integers(1, 4)):
            damaged[place] = random.integers(256)
        (tmp_path / "damaged.dcm").write_bytes(damaged)
        try:
            voxels(tmp_path / "damaged.dcm", "Liver", ct)
        except ExclusionError:
            refused += 1
    assert 10 < refused < 60
