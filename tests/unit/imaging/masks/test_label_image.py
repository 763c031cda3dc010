"""Masks as label images: every format and every way of writing a label."""

import struct
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk

from taceflow.errors import ExclusionError
from taceflow.imaging.masks.load import load_mask
from taceflow.imaging.masks.mask_file import ReferenceCT


@pytest.fixture
def reference():
    image = sitk.Image((20, 15, 6), sitk.sitkInt16)
    image.SetSpacing((2.0, 2.0, 5.0))
    image.SetOrigin((-35.0, 12.0, 100.0))
    return image


def save(values, reference, path):
    image = sitk.GetImageFromArray(values)
    image.CopyInformation(reference)
    sitk.WriteImage(image, str(path))
    return str(path)


def count(path, roi, reference):
    return int(
        sitk.GetArrayFromImage(
            load_mask(path, roi, ReferenceCT(reference), patient="P").image
        ).sum()
    )


@pytest.mark.parametrize("suffix", [".nii", ".nii.gz", ".nrrd", ".mha"])
@pytest.mark.parametrize("kind", ["u1", "i2", "u2", "i4", "f4", "f8"])
def test_label_images_by_value(reference, tmp_path, suffix, kind):
    values = np.zeros((6, 15, 20), dtype=kind)
    values[2:4, 6:9, 5:9] = 255 if kind == "u1" else 300
    values[2:4, 6:9, 10:12] = 3
    path = save(values, reference, tmp_path / f"mask{suffix}")
    assert count(path, "255" if kind == "u1" else "300", reference) == 24
    assert count(path, "3", reference) == 12


def test_a_folder_that_holds_one_file_is_that_mask(reference, tmp_path):
    values = np.zeros((6, 15, 20), dtype=np.uint8)
    values[2:4, 6:9, 5:9] = 1
    folder = tmp_path / "SEG"
    folder.mkdir()
    with pytest.raises(ExclusionError, match=r"a folder of 0 files \[SEG\]. Name the file"):
        load_mask(str(folder), "", reference, patient="P")
    (folder / "mask.zip").write_bytes(b"PK no archive")
    with pytest.raises(ExclusionError, match="cannot be"):
        load_mask(str(folder), "", reference, patient="P")
    (folder / "mask.zip").unlink()
    save(values, reference, folder / "mask.nii.gz")
    (folder / ".DS_Store").write_bytes(b"hidden")
    (folder / "mask.json").write_text("{}")
    assert count(str(folder), "", reference) == 24
    save(values, reference, folder / "second.nii.gz")
    with pytest.raises(ExclusionError, match="a folder of 3 files"):
        load_mask(str(folder), "", reference, patient="P")


def test_a_zip_archive_that_holds_one_file_is_that_mask(reference, tmp_path):
    mask = sitk.Image(reference.GetSize(), sitk.sitkUInt8)
    mask.CopyInformation(reference)
    mask[3, 4, 2] = 1
    sitk.WriteImage(mask, str(tmp_path / "m.nii.gz"))
    archive = tmp_path / "m.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        packed.write(tmp_path / "m.nii.gz", "from a reader/m.nii.gz")
    loaded = load_mask(str(archive), "", ReferenceCT(reference), patient="P").image
    assert sitk.GetArrayViewFromImage(loaded).sum() == 1
    with zipfile.ZipFile(archive, "a") as packed:
        packed.writestr("other.nii", b"")
    with pytest.raises(ExclusionError, match=r"a zip archive of 2 files .*archive.zip::name"):
        load_mask(str(archive), "", ReferenceCT(reference), patient="P")


@pytest.mark.parametrize("value", [255, 0.999, 0.9999999, 254.998])
def test_one_region_whatever_its_value(reference, tmp_path, value):
    values = np.zeros((6, 15, 20), dtype=np.float32)
    values[2:4, 6:9, 5:9] = value
    path = save(values, reference, tmp_path / "mask.nii.gz")
    assert count(path, "", reference) == 24
    assert count(path, str(round(value)), reference) == 24


def test_fractions_are_cut_at_a_half(reference, tmp_path):
    values = np.zeros((6, 15, 20), dtype=np.float32)
    values[2, 6, 5:9] = (0.2, 0.49, 0.5, 1.0)
    path = save(values, reference, tmp_path / "mask.nii.gz")
    mask = load_mask(path, "", ReferenceCT(reference), patient="P")
    assert sitk.GetArrayFromImage(mask.image).sum() == 2
    assert mask.notes == ("holds fractions of a voxel: half and more count",)


def test_an_orientation_that_is_not_stated_is_noted(reference, tmp_path):
    values = np.zeros((6, 15, 20), dtype=np.uint8)
    values[2, 6, 5:9] = 1
    reference.SetOrigin((0, 0, 0))
    path = save(values, reference, tmp_path / "mask.nii")
    assert load_mask(path, "", ReferenceCT(reference), patient="P").notes == ()
    header = bytearray((tmp_path / "mask.nii").read_bytes())
    struct.pack_into("<hh", header, 252, 0, 0)
    (tmp_path / "mask.nii").write_bytes(header)
    (note,) = load_mask(path, "", ReferenceCT(reference), patient="P").notes
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
def test_values_that_are_no_labels_are_refused(reference, tmp_path, value, reason):
    values = np.zeros((6, 15, 20), dtype=np.float32)
    values[2:4, 6:9, 5:9] = value
    path = save(values, reference, tmp_path / "mask.nrrd")
    with pytest.raises(ExclusionError, match=rf"patient P: .*{reason}.*\[mask\.nrrd\]"):
        count(path, "", reference)


def test_what_is_no_number_in_nifti_is_background(reference, tmp_path):
    """SimpleITK reads it as 0; a tumour of such voxels is an empty mask."""
    values = np.full((6, 15, 20), np.nan, dtype=np.float32)
    with pytest.raises(ExclusionError, match="the mask is empty"):
        count(save(values, reference, tmp_path / "mask.nii.gz"), "", reference)
    values[2:4, 6:9, 5:9] = 1
    assert count(save(values, reference, tmp_path / "mask.nii.gz"), "", reference) == 24


def test_a_mask_whose_header_states_no_spacing_is_refused(reference, tmp_path):
    """SimpleITK would read slices of 1 mm and find a part of the tumour."""
    values = np.zeros((6, 15, 20), dtype=np.uint8)
    values[2:4, 6:9, 5:9] = 1
    path = tmp_path / "mask.nii"
    save(values, reference, path)
    header = bytearray(path.read_bytes())
    struct.pack_into("<h", header, 254, 0)
    struct.pack_into("<f", header, 88, 0)
    path.write_bytes(header)
    with pytest.raises(ExclusionError, match="states no voxel spacing"):
        count(str(path), "", reference)


def test_numbers_beyond_any_label_are_refused(reference, tmp_path):
    values = np.zeros((6, 15, 20), dtype=np.int64)
    values[2:4, 6:9, 5:9] = 2**32 - 1
    assert count(save(values, reference, tmp_path / "mask.nrrd"), "", reference) == 24
    with pytest.raises(ExclusionError, match=r"labels above 4,294,967,295"):
        count(save(values * 2, reference, tmp_path / "mask.nrrd"), "", reference)


def test_a_ct_in_place_of_a_mask_is_refused_and_the_list_stays_short(reference, tmp_path):
    values = np.arange(6 * 15 * 20, dtype=np.int16).reshape(6, 15, 20)
    with pytest.raises(ExclusionError, match=r"several regions \(1799\).*20 and 1779 more"):
        count(save(values, reference, tmp_path / "ct.nii.gz"), "", reference)


def test_other_dimensions(reference, tmp_path):
    single = sitk.Image((20, 15, 6, 1), sitk.sitkUInt8)
    single[5:9, 6:9, 2:4, 0] = 1
    sitk.WriteImage(single, str(tmp_path / "single.nii.gz"))
    plain = sitk.Image((20, 15, 6), sitk.sitkInt16)
    assert count(str(tmp_path / "single.nii.gz"), "", plain) == 24
    sitk.WriteImage(sitk.Image((20, 15, 6, 2), sitk.sitkUInt8), str(tmp_path / "two.nii.gz"))
    with pytest.raises(ExclusionError, match="4-D"):
        count(str(tmp_path / "two.nii.gz"), "", reference)
    flat = sitk.Image((20, 15), sitk.sitkUInt8)
    sitk.WriteImage(flat, str(tmp_path / "flat.mha"))
    with pytest.raises(ExclusionError, match="2-D"):
        count(str(tmp_path / "flat.mha"), "", reference)
    colour = sitk.Image((20, 15, 6), sitk.sitkVectorUInt8, 3)
    sitk.WriteImage(colour, str(tmp_path / "colour.mha"))
    with pytest.raises(ExclusionError, match="3 values a voxel"):
        count(str(tmp_path / "colour.mha"), "", reference)


@pytest.mark.parametrize("suffix", [".nii", ".nii.gz", ".nrrd", ".mha"])
def test_a_file_that_a_transfer_cut_off_is_refused(reference, tmp_path, suffix):
    """SimpleITK alone fills the rest of a NIfTI file with zeros."""
    values = np.random.default_rng(1).integers(0, 2, (6, 15, 20), dtype=np.uint8)
    path = tmp_path / f"mask{suffix}"
    whole = (tmp_path / save(values, reference, path)).read_bytes()
    assert count(str(path), "", reference) == values.sum()
    if suffix == ".nii":
        plain = tmp_path / "plain.nii.gz"
        plain.write_bytes(whole)
        assert count(str(plain), "", reference) == values.sum()
    path.write_bytes(whole[: -len(whole) // 3])
    with pytest.raises(ExclusionError, match=r"ends early|cannot be read as an image"):
        count(str(path), "", reference)


@pytest.mark.parametrize("suffix", [".nii", ".nrrd", ".mha"])
def test_flipped_bits_in_a_compressed_file_are_refused(reference, tmp_path, suffix):
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


def test_overlapping_segments_of_slicer_by_name(reference, tmp_path):
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
        assert count(path, roi, reference) == voxels, roi
    with pytest.raises(ExclusionError, match="2 regions have the name"):
        count(path, "1", reference)
    with pytest.raises(ExclusionError, match=r"several regions.*: 1, 2, 1"):
        count(path, "", reference)


def test_older_slicer_files_hold_a_layer_a_segment(reference, tmp_path):
    layers = np.zeros((2, 6, 15, 20))
    layers[0, 1:5, 2:9, 2:12] = 1
    layers[1, 2:4, 3:6, 3:6] = 1
    path = slicer(tmp_path / "old.seg.nrrd", layers, [{"Name": "Liver"}, {"Name": "Tumour"}])
    assert count(path, "Liver", reference) == 280
    assert count(path, "Tumour", reference) == 18
    path = slicer(tmp_path / "one.seg.nrrd", layers[1:], [{"Name": "Tumour"}])
    assert count(path, "", reference) == 18
    path = slicer(tmp_path / "bad.seg.nrrd", layers, [{"Name": "Tumour", "Layer": 7}])
    with pytest.raises(ExclusionError, match="layer 7 of 2"):
        count(path, "Tumour", reference)


def test_nifti_with_two_geometries_that_differ_is_refused(reference, tmp_path):
    """Programs take one or the other, so the reader may have drawn on either."""
    values = np.zeros((6, 15, 20), dtype=np.uint8)
    values[2:4, 6:9, 5:9] = 1
    path = tmp_path / "mask.nii"
    header = (tmp_path / save(values, reference, path)).read_bytes()
    assert struct.unpack_from("<hh", header, 252) == (1, 1)
    assert count(str(path), "", reference) == 24
    for place in (268, 292):
        wrong = bytearray(header)
        struct.pack_into("<f", wrong, place, -99.0)
        path.write_bytes(wrong)
        with pytest.raises(ExclusionError, match="its qform and its sform disagree"):
            count(str(path), "", reference)
