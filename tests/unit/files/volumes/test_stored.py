"""The run's own volumes: what was written is read, and nothing else."""

import gzip

import numpy as np
import pytest
import SimpleITK as sitk

from taceflow.errors import DamagedFileError
from taceflow.files.volumes.stored import FAST, mask_files, read_volume, write_volume


@pytest.fixture
def image():
    """Turned, off the origin, of three spacings."""
    values = np.random.default_rng(0).integers(-1024, 3000, (5, 6, 7)).astype(np.int16)
    made = sitk.GetImageFromArray(values)
    made.SetSpacing((0.75, 0.5, 3.0))
    made.SetOrigin((-100.0, 20.0, 30.5))
    made.SetDirection((0.0, 1.0, 0.0, -1.0, 0.0, 0.0, 0.0, 0.0, 1.0))
    return made


@pytest.mark.parametrize("name", ["ct.nii.gz", "ct.nrrd"])
@pytest.mark.parametrize("kind", [sitk.sitkInt16, sitk.sitkUInt8, sitk.sitkFloat32])
def test_a_volume_comes_back_on_its_grid(image, tmp_path, name, kind):
    image = sitk.Cast(image, kind)
    write_volume(image, tmp_path / name, level=FAST)
    stored = read_volume(tmp_path / name, output=tmp_path)
    assert stored.GetPixelID() == kind
    assert (sitk.GetArrayFromImage(stored) == sitk.GetArrayFromImage(image)).all()
    for fact in ("GetSpacing", "GetOrigin", "GetDirection"):
        assert getattr(stored, fact)() == pytest.approx(getattr(image, fact)(), abs=1e-6)


@pytest.mark.parametrize("what", ["cut", "another checksum"])
def test_another_file_than_was_written_is_named_with_what_to_delete(image, tmp_path, what):
    path = tmp_path / "ct.nii.gz"
    write_volume(image, path)
    content = path.read_bytes()
    if what == "cut":
        path.write_bytes(gzip.compress(gzip.decompress(content)[:-2]))
    else:
        path.write_bytes(content[:-8] + bytes(4) + content[-4:])
    with pytest.raises(DamagedFileError, match="volumes/P1"):
        read_volume(path, output="volumes/P1")


def test_masks_are_found_by_their_readings_in_order(tmp_path):
    for name in ("mask_reader2-1.nii.gz", "ct.nii.gz", "mask_reader1-1.nii.gz", "import.json"):
        (tmp_path / name).touch()
    found = mask_files(tmp_path)
    assert list(found) == ["reader1-1", "reader2-1"]
    assert found["reader2-1"] == tmp_path / "mask_reader2-1.nii.gz"
