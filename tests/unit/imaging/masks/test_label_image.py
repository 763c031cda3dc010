"""Masks as label images: every format and every way of writing a label."""

import struct
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk

from taceflow.errors import ExclusionError
from taceflow.imaging.masks.load import load_mask
from taceflow.imaging.masks.mask_file import ReferenceCT


@pytest.mark.parametrize("suffix", [".nii", ".nii.gz", ".nrrd", ".mha"])
@pytest.mark.parametrize("kind", ["u1", "i2", "u2", "i4", "f4", "f8"])
def test_label_images_by_value(small_ct, tmp_path, suffix, kind, count, save_labels):
    values = np.zeros((6, 15, 20), dtype=kind)
    values[2:4, 6:9, 5:9] = 255 if kind == "u1" else 300
    values[2:4, 6:9, 10:12] = 3
    path = save_labels(values, small_ct, tmp_path / f"mask{suffix}")
    assert count(path, "255" if kind == "u1" else "300", small_ct) == 24
    assert count(path, "3", small_ct) == 12


@pytest.mark.parametrize("value", [255, 0.999, 0.9999999, 254.998])
def test_one_region_whatever_its_value(small_ct, tmp_path, value, count, save_labels):
    values = np.zeros((6, 15, 20), dtype=np.float32)
    values[2:4, 6:9, 5:9] = value
    path = save_labels(values, small_ct, tmp_path / "mask.nii.gz")
    assert count(path, "", small_ct) == 24
    assert count(path, str(round(value)), small_ct) == 24


def test_fractions_are_cut_at_a_half(small_ct, tmp_path, save_labels):
    values = np.zeros((6, 15, 20), dtype=np.float32)
    values[2, 6, 5:9] = (0.2, 0.49, 0.5, 1.0)
    path = save_labels(values, small_ct, tmp_path / "mask.nii.gz")
    mask = load_mask(path, "", ReferenceCT(small_ct), patient="P")
    assert sitk.GetArrayFromImage(mask.image).sum() == 2
    assert mask.notes == ("holds fractions of a voxel: half and more count",)


def test_an_orientation_that_is_not_stated_is_noted(small_ct, tmp_path, save_labels):
    values = np.zeros((6, 15, 20), dtype=np.uint8)
    values[2, 6, 5:9] = 1
    small_ct.SetOrigin((0, 0, 0))
    path = save_labels(values, small_ct, tmp_path / "mask.nii")
    assert load_mask(path, "", ReferenceCT(small_ct), patient="P").notes == ()
    header = bytearray((tmp_path / "mask.nii").read_bytes())
    struct.pack_into("<hh", header, 252, 0, 0)
    (tmp_path / "mask.nii").write_bytes(header)
    (note,) = load_mask(path, "", ReferenceCT(small_ct), patient="P").notes
    assert note == "the header states no orientation: the patient's axes are assumed"


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (np.nan, "no number"),
        (np.inf, "no number"),
        (-1000, "negative values"),
        (2.5, "between the labels"),
        (0, "the mask is empty"),
    ],
)
def test_values_that_are_no_labels_are_refused(
    small_ct, tmp_path, value, reason, count, save_labels
):
    values = np.zeros((6, 15, 20), dtype=np.float32)
    values[2:4, 6:9, 5:9] = value
    path = save_labels(values, small_ct, tmp_path / "mask.nrrd")
    with pytest.raises(ExclusionError, match=rf"patient P: .*{reason}.*\[mask\.nrrd\]"):
        count(path, "", small_ct)


def test_what_is_no_number_in_nifti_is_background(small_ct, tmp_path, count, save_labels):
    """SimpleITK reads it as 0; a tumour of such voxels is an empty mask."""
    values = np.full((6, 15, 20), np.nan, dtype=np.float32)
    with pytest.raises(ExclusionError, match="the mask is empty"):
        count(save_labels(values, small_ct, tmp_path / "mask.nii.gz"), "", small_ct)
    values[2:4, 6:9, 5:9] = 1
    assert count(save_labels(values, small_ct, tmp_path / "mask.nii.gz"), "", small_ct) == 24


def test_a_mask_whose_header_states_no_spacing_is_refused(small_ct, tmp_path, count, save_labels):
    """SimpleITK would read slices of 1 mm and find a part of the tumour."""
    values = np.zeros((6, 15, 20), dtype=np.uint8)
    values[2:4, 6:9, 5:9] = 1
    path = tmp_path / "mask.nii"
    save_labels(values, small_ct, path)
    header = bytearray(path.read_bytes())
    struct.pack_into("<h", header, 254, 0)
    struct.pack_into("<f", header, 88, 0)
    path.write_bytes(header)
    with pytest.raises(ExclusionError, match="states no voxel spacing"):
        count(str(path), "", small_ct)


def test_numbers_beyond_any_label_are_refused(small_ct, tmp_path, count, save_labels):
    values = np.zeros((6, 15, 20), dtype=np.int64)
    values[2:4, 6:9, 5:9] = 2**32 - 1
    assert count(save_labels(values, small_ct, tmp_path / "mask.nrrd"), "", small_ct) == 24
    with pytest.raises(ExclusionError, match=r"labels above 4,294,967,295"):
        count(save_labels(values * 2, small_ct, tmp_path / "mask.nrrd"), "", small_ct)


def test_other_dimensions(small_ct, tmp_path, count):
    single = sitk.Image((20, 15, 6, 1), sitk.sitkUInt8)
    single[5:9, 6:9, 2:4, 0] = 1
    sitk.WriteImage(single, str(tmp_path / "single.nii.gz"))
    plain = sitk.Image((20, 15, 6), sitk.sitkInt16)
    assert count(str(tmp_path / "single.nii.gz"), "", plain) == 24
    sitk.WriteImage(sitk.Image((20, 15, 6, 2), sitk.sitkUInt8), str(tmp_path / "two.nii.gz"))
    with pytest.raises(ExclusionError, match="4-D"):
        count(str(tmp_path / "two.nii.gz"), "", small_ct)
    flat = sitk.Image((20, 15), sitk.sitkUInt8)
    sitk.WriteImage(flat, str(tmp_path / "flat.mha"))
    with pytest.raises(ExclusionError, match="2-D"):
        count(str(tmp_path / "flat.mha"), "", small_ct)
    colour = sitk.Image((20, 15, 6), sitk.sitkVectorUInt8, 3)
    sitk.WriteImage(colour, str(tmp_path / "colour.mha"))
    with pytest.raises(ExclusionError, match="3 values a voxel"):
        count(str(tmp_path / "colour.mha"), "", small_ct)


@pytest.mark.parametrize("suffix", [".nii", ".nii.gz", ".nrrd", ".mha"])
def test_a_file_that_a_transfer_cut_off_is_refused(small_ct, tmp_path, suffix, count, save_labels):
    """SimpleITK alone fills the rest of a NIfTI file with zeros."""
    values = np.random.default_rng(1).integers(0, 2, (6, 15, 20), dtype=np.uint8)
    path = tmp_path / f"mask{suffix}"
    whole = (tmp_path / save_labels(values, small_ct, path)).read_bytes()
    assert count(str(path), "", small_ct) == values.sum()
    if suffix == ".nii":
        plain = tmp_path / "plain.nii.gz"
        plain.write_bytes(whole)
        assert count(str(plain), "", small_ct) == values.sum()
    path.write_bytes(whole[: -len(whole) // 3])
    with pytest.raises(ExclusionError, match=r"ends early|cannot be read as an image"):
        count(str(path), "", small_ct)


@pytest.mark.parametrize("suffix", [".nii", ".nrrd", ".mha"])
def test_flipped_bits_in_a_compressed_file_are_refused(small_ct, tmp_path, suffix, count):
    values = np.random.default_rng(1).integers(0, 2, (6, 15, 20), dtype=np.uint8)
    image = sitk.GetImageFromArray(values)
    path = tmp_path / (f"mask{suffix}.gz" if suffix == ".nii" else f"mask{suffix}")
    sitk.WriteImage(image, str(path), useCompression=True)
    content = bytearray(path.read_bytes())
    content[-3] ^= 255  # in the checksum or, of gzip, the length
    path.write_bytes(content)
    with pytest.raises(ExclusionError, match=r"is damaged or ends early|cannot be read"):
        count(str(path), "", image)


PEAK = """
import sys
import SimpleITK
sys.path.insert(0, sys.argv[1])
from taceflow.imaging.masks.label_image import read_labels
from taceflow.imaging.masks.mask_file import MaskFile

def peak_mb():
    status = open("/proc/self/status").read()
    return int(status.split("VmHWM:")[1].split()[0]) / 1024

before = peak_mb()
where = {"stage": "segmentation", "patient": "P", "file": "mask"}
mask = read_labels(MaskFile(sys.argv[2], "", None, where))
print(peak_mb() - before, SimpleITK.GetArrayViewFromImage(mask).sum())
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="no /proc to measure memory by")
@pytest.mark.parametrize("name", ["mask.nii", "mask.nii.gz", "mask.nrrd", "mask.mha"])
def test_64_bit_labels_take_less_memory_than_their_file(root, tmp_path, name):
    """SimpleITK alone takes 2 times 168 MB; what is needed is three volumes of 8 bits: 63 MB."""
    values = np.zeros((80, 512, 512))
    values[30:40, 200:220, 100:150] = 1
    path = tmp_path / name
    is_packed = name != "mask.nii"
    sitk.WriteImage(sitk.GetImageFromArray(values), str(path), is_packed, compressionLevel=1)
    command = [sys.executable, "-c", PEAK, str(root / "src"), str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    peak_mb, voxels = done.stdout.split()
    assert int(voxels) == 10_000
    assert float(peak_mb) < 100


def slicer(path, layers, segments):
    """Write a .seg.nrrd as 3D Slicer does; layers (n, z, y, x), segments of header lines."""
    sizes = " ".join(map(str, layers.shape[::-1][:3]))
    lines = ["NRRD0004", "type: unsigned char", "space: left-posterior-superior"]
    directions = "(2,0,0) (0,2,0) (0,0,5)"
    if len(layers) > 1:
        lines += ["dimension: 4", f"sizes: {len(layers)} {sizes}"]
        lines += ["kinds: list domain domain domain", f"space directions: none {directions}"]
    else:
        lines += ["dimension: 3", f"sizes: {sizes}", "kinds: domain domain domain"]
        lines += [f"space directions: {directions}"]
    lines += ["encoding: raw", "space origin: (-35,12,100)"]
    for number, facts in enumerate(segments):
        lines += [f"Segment{number}_{key}:={value}" for key, value in facts.items()]
    data = np.moveaxis(layers, 0, -1).astype(np.uint8).tobytes()
    path.write_bytes("\n".join(lines).encode() + b"\n\n" + data)
    return str(path)


def test_overlapping_segments_of_slicer_by_name(small_ct, tmp_path, count):
    layers = np.zeros((2, 6, 15, 20))
    layers[0, 1:5, 2:9, 2:12] = 1
    layers[0, 1:5, 10:12, 2:12] = 2
    layers[1, 2:4, 3:6, 3:6] = 1
    path = slicer(
        tmp_path / "case.seg.nrrd",
        layers,
        [
            {"ID": "Segment_1", "Name": "Liver", "LabelValue": 1, "Layer": 0},
            {"ID": "Segment_2", "Name": "Spleen", "LabelValue": 2, "Layer": 0},
            {"ID": "Segment_3", "Name": "Tumour; S8", "LabelValue": 1, "Layer": 1},
        ],
    )
    cases = {"Liver": 280, "spleen ": 80, "Tumour; S8": 18, "2": 80, "Liver;Spleen": 360, "*": 360}
    for roi, voxels in cases.items():
        assert count(path, roi, small_ct) == voxels, roi
    with pytest.raises(ExclusionError, match="2 regions have the name"):
        count(path, "1", small_ct)
    with pytest.raises(ExclusionError, match=r"several regions.*: 1, 2, 1"):
        count(path, "", small_ct)


def test_older_slicer_files_hold_a_layer_a_segment(small_ct, tmp_path, count):
    layers = np.zeros((2, 6, 15, 20))
    layers[0, 1:5, 2:9, 2:12] = 1
    layers[1, 2:4, 3:6, 3:6] = 1
    path = slicer(tmp_path / "old.seg.nrrd", layers, [{"Name": "Liver"}, {"Name": "Tumour"}])
    assert count(path, "Liver", small_ct) == 280
    assert count(path, "Tumour", small_ct) == 18
    path = slicer(tmp_path / "one.seg.nrrd", layers[1:], [{"Name": "Tumour"}])
    assert count(path, "", small_ct) == 18
    path = slicer(tmp_path / "bad.seg.nrrd", layers, [{"Name": "Tumour", "Layer": 7}])
    with pytest.raises(ExclusionError, match="layer 7 of 2"):
        count(path, "Tumour", small_ct)


def test_nifti_with_two_geometries_that_differ_is_refused(small_ct, tmp_path, count, save_labels):
    """Programs take one or the other, so the reader may have drawn on either."""
    values = np.zeros((6, 15, 20), dtype=np.uint8)
    values[2:4, 6:9, 5:9] = 1
    path = tmp_path / "mask.nii"
    header = (tmp_path / save_labels(values, small_ct, path)).read_bytes()
    assert struct.unpack_from("<hh", header, 252) == (1, 1)
    assert count(str(path), "", small_ct) == 24
    for place in (268, 292):
        wrong = bytearray(header)
        struct.pack_into("<f", wrong, place, -99.0)
        path.write_bytes(wrong)
        with pytest.raises(ExclusionError, match="its qform and its sform disagree"):
            count(str(path), "", small_ct)
