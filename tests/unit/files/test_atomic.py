"""On a full disk every kind of stage ends with one named error, and leaves no half file."""

import errno
import logging
import os
import subprocess
import tempfile
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import SimpleITK as sitk
import yaml
from matplotlib.figure import Figure

from taceflow.dlopctr.head.fitted_head import Head, save_heads
from taceflow.errors import DamagedFileError, DiskError
from taceflow.figures.style import save_figure
from taceflow.files.atomic import atomic_folder, atomic_path
from taceflow.files.tables import read_json, write_json, write_table
from taceflow.files.volumes.stored import read_volume, write_volume
from taceflow.imaging.crop import Crop
from taceflow.imaging.import_settings import ImportSettings
from taceflow.imaging.patch import cut_patch
from taceflow.imaging.patient import import_patient
from taceflow.imaging.quality.plane import save_picture
from taceflow.imaging.resample import resample_patient
from taceflow.log import logging_to
from taceflow.public_cohorts.waw_tace import unpack
from taceflow.report.html import write_html
from taceflow.report.word import write_docx
from taceflow.synthetic.latent import image_settings
from taceflow.synthetic.patient import write_patient
from taceflow.wording.printed_table import PrintedTable

RANDOM = np.random.default_rng(5)


def volume(values):
    image = sitk.GetImageFromArray(values)
    image.SetSpacing((1.5, 1.5, 3.0))
    return image


@pytest.fixture
def scan(tmp_path):
    """A folder with a CT of noise, which no compression makes small, and one mask."""
    folder = tmp_path / "scan"
    folder.mkdir()
    hu = RANDOM.integers(-1000, 1500, (30, 60, 60)).astype(np.int16)
    mask = np.zeros(hu.shape, np.uint8)
    mask[8:22, 15:45, 15:45] = 1
    sitk.WriteImage(volume(hu), str(folder / "ct.nii.gz"))
    sitk.WriteImage(volume(mask), str(folder / "mask_reader1-1.nii.gz"))
    Crop.whole(hu).write(folder)
    return folder


def imported(scan, root, target, mask=None):
    imaging = yaml.safe_load((root / "config" / "config.yaml").read_text())["imaging"]
    row = {"reading": "reader1-1", "phase": "arterial", "roi": ""}
    import_patient(
        patient="P1",
        scan={"image": str(scan / "ct.nii.gz"), "series_uid": ""},
        masks=[row | {"mask": mask or str(scan / "mask_reader1-1.nii.gz")}],
        archive=None,
        catalogue=None,
        settings=ImportSettings.of(imaging),
        on_bad_input="exclude",
        volumes=str(target),
    )


def resampled(scan, root, target):
    resample_patient(
        volumes=str(scan),
        resampled=str(target),
        spacing_mm=[1.0] * 3,
        mask_interpolation="nearest",
        reach=None,
    )


def patch(scan, root, target):
    cut_patch(
        ct=str(scan / "ct.nii.gz"),
        mask=str(scan / "mask_reader1-1.nii.gz"),
        patch=str(target / "P1.nii.gz"),
        margin_mm=60,
        window_hu=[-1000, 1500],
    )


def masks_of_a_public_cohort(scan, root, target):
    write_volume(volume(RANDOM.integers(0, 99, (40, 60, 60)).astype(np.uint8)), target / "P1.nrrd")


def synthetic(scan, root, target):
    settings = yaml.safe_load((root / "config" / "config.yaml").read_text())["synthetic"]
    write_patient(image_settings(settings), "HCC-001", str(target))


def parquet(scan, root, target):
    names = [f"original_glcm_X{number}" for number in range(40)]
    table = pd.DataFrame(RANDOM.normal(size=(500, 40)), columns=names)
    table.insert(0, "patient_id", [f"P{number}" for number in range(500)])
    write_table(table, target / "a.parquet", "features")


def tsv(scan, root, target):
    table = pd.DataFrame({"patient_id": [f"P{n}" for n in range(9000)], "fold": 1})
    write_table(table, target / "folds.tsv", "radscore_folds")


def json(scan, root, target):
    write_json(RANDOM.normal(size=9000).tolist(), target / "a.json")


def safetensors(scan, root, target):
    weight, bias = RANDOM.normal(size=(5, 2048)), np.zeros(5)
    head = Head(weight, bias, np.zeros(2048), np.ones(2048))
    save_heads({"seed1.final": head}, str(target / "model.safetensors"), {})


def npz(scan, root, target):
    with atomic_path(target / "a.npz") as temporary, temporary.open("wb") as file:
        np.savez_compressed(file, a=RANDOM.normal(size=20_000))


def figures(kind):
    def draw(scan, root, target):
        figure = Figure(figsize=(1, 1))
        figure.figimage(RANDOM.random((300, 300, 3)))
        save_figure(figure, [target / f"a.{kind}"], title="A figure")

    draw.__name__ = kind
    return draw


def picture(scan, root, target):
    figure = Figure(figsize=(6, 6))
    figure.figimage(RANDOM.random((400, 400, 3)))
    save_picture(figure, str(target / "P1.png"))


def contact_sheet(scan, root, target):
    with atomic_folder(target / "pages") as pages:
        for page in ("page_01.png", "page_02.png"):
            picture(scan, root, pages / page)


TABLE = PrintedTable("Table 1", ("a",), (), notes=(RANDOM.bytes(90_000).hex(),))


def html(scan, root, target):
    write_html(TABLE, str(target / "table.html"))


def docx(scan, root, target):
    write_docx(TABLE, str(target / "table.docx"))


def unpacked(scan, root, target):
    with zipfile.ZipFile(scan / "a.zip", "w") as archive:
        archive.writestr("a.nii", RANDOM.bytes(99_999))
        unpack(archive, archive.infolist()[0], target / "a.nii")


WRITERS = [imported, resampled, patch, masks_of_a_public_cohort, synthetic, picture, contact_sheet]
WRITERS += [parquet, tsv, json, safetensors, npz, html, docx, unpacked]
WRITERS += [figures(kind) for kind in ("svg", "pdf", "png")]


@pytest.mark.parametrize("write", WRITERS, ids=lambda write: write.__name__)
def test_a_full_disk_is_one_error_and_leaves_no_half_file(write, scan, root, small_disk):
    with pytest.raises(DiskError, match=r"^no space left on the disk of .*: free space, then run"):
        write(scan, root, small_disk / "P1")
    assert [file for file in small_disk.rglob("*") if file.is_file()] == []
    assert not (small_disk / "P1" / "pages").exists()
    if write in (imported, resampled, synthetic):
        assert not (small_disk / "P1").exists()


def test_a_job_on_a_full_disk_ends_with_the_remedy_alone(scan, root, small_disk, capfd):
    (small_disk / "filler").write_bytes(bytes(60_000))
    with pytest.raises(SystemExit), logging_to(str(small_disk / "job.log")):
        resampled(scan, root, small_disk / "P1")
    told = capfd.readouterr().err
    assert "no space left on the disk of" in told
    assert "Traceback" not in told
    assert "fault of the workflow" not in told


@pytest.mark.parametrize("write", WRITERS, ids=lambda write: write.__name__)
def test_a_disk_that_can_only_be_read_is_one_error(write, scan, root, small_disk):
    # NIfTI libraries say nothing of a folder in which they may not write
    (small_disk / "P1").mkdir()
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    with pytest.raises(DiskError, match=r"^the disk of .* can only be read: mount it for writing"):
        write(scan, root, small_disk / "P1" / "P1")
    assert list((small_disk / "P1").iterdir()) == []


@pytest.mark.parametrize("write", [imported, patch, parquet, safetensors, figures("png")])
def test_a_folder_without_the_right_to_write_is_one_error(write, scan, root, tmp_path, monkeypatch):
    closed = tmp_path / "closed"

    def refuse(path, *_, **__):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))

    monkeypatch.setattr(Path, "mkdir", refuse)
    with pytest.raises(DiskError, match=f"^no right to write to {tmp_path}.*: ask its owner"):
        write(scan, root, closed / "P1")


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.EDQUOT, "the quota on the disk of"),
        (errno.EFBIG, "takes no file so large"),
        (errno.EIO, "the disk of .* fails: have it checked"),
    ],
)
def test_other_reasons_of_a_disk_are_named_when_it_is_flushed(number, words, tmp_path, monkeypatch):
    def refuse(_):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", refuse)
    with pytest.raises(DiskError, match=words):
        write_json({"a": 1}, tmp_path / "a.json")
    assert list(tmp_path.iterdir()) == []


def test_a_share_that_cannot_flush_is_written_to(tmp_path, monkeypatch):
    def refuse(_):
        raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))

    monkeypatch.setattr(os, "fsync", refuse)
    write_json({"a": 1}, tmp_path / "a.json")
    assert read_json(tmp_path / "a.json") == {"a": 1}


def test_a_file_that_may_not_be_read_is_not_called_a_full_disk(tmp_path):
    def copy():
        with atomic_path(tmp_path / "out" / "a.json"):
            raise PermissionError(errno.EACCES, "Permission denied", str(tmp_path / "in.dcm"))

    with pytest.raises(PermissionError):
        copy()


def test_scratch_that_runs_full_is_no_fault_of_the_workflow(small_disk, tmp_path, capfd):
    with pytest.raises(SystemExit), logging_to(str(tmp_path / "job.log")):
        (small_disk / "scratch").write_bytes(bytes(99_999))
    assert "no space left on the disk of" in capfd.readouterr().err


def test_a_mask_that_finds_no_room_to_be_unpacked_excludes_nobody(
    scan, root, small_disk, tmp_path, monkeypatch, capfd
):
    labels = RANDOM.integers(0, 2, (30, 60, 60)).astype(np.uint8)
    sitk.WriteImage(volume(labels), str(scan / "mask_reader1-1.nii"))
    with zipfile.ZipFile(tmp_path / "masks.zip", "w") as archive:
        archive.write(scan / "mask_reader1-1.nii", "mask.nii")
    (scan / "mask_reader1-1.nii").unlink()
    monkeypatch.setattr(tempfile, "tempdir", str(small_disk))
    mask = str(tmp_path / "masks.zip::mask.nii")
    with pytest.raises(SystemExit), logging_to(str(tmp_path / "job.log")):
        imported(scan, root, tmp_path / "P1", mask=mask)
    assert "no space left on the disk of" in capfd.readouterr().err
    assert not (tmp_path / "P1").exists()


def test_a_log_on_a_full_disk_says_so_on_the_terminal_alone(small_disk, capfd):
    with logging_to(str(small_disk / "job.log")):
        (small_disk / "filler").write_bytes(bytes(60_000))
        for _ in range(200):
            logging.getLogger("taceflow").info("x" * 99)
    assert "Logging error" not in capfd.readouterr().err


@pytest.mark.parametrize("name", ["ct.nii.gz", "ct.nrrd"])
def test_what_the_disk_does_not_return_is_not_taken_for_written(name, tmp_path, monkeypatch):
    image = volume(RANDOM.integers(-1000, 1500, (9, 12, 15)).astype(np.int16))
    write_volume(image, tmp_path / name)
    kept = read_volume(tmp_path / name, output=tmp_path)
    assert (sitk.GetArrayFromImage(kept) == sitk.GetArrayFromImage(image)).all()
    assert kept.GetSpacing() == image.GetSpacing()
    changed = sitk.GetImageFromArray(sitk.GetArrayFromImage(image) + 1)
    write = sitk.WriteImage
    monkeypatch.setattr(sitk, "WriteImage", lambda _, *where, **how: write(changed, *where, **how))
    with pytest.raises(DamagedFileError, match="does not return what was written"):
        write_volume(image, tmp_path / "other" / name)
    assert list((tmp_path / "other").iterdir()) == []


def test_a_folder_is_replaced_whole_or_not_at_all(tmp_path):
    with atomic_folder(tmp_path / "P1") as folder:
        (folder / "old.txt").write_text("old")

    def fail_half_way():
        with atomic_folder(tmp_path / "P1") as folder:
            (folder / "new.txt").write_text("new")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail_half_way()
    assert [file.name for file in tmp_path.rglob("*")] == ["P1", "old.txt"]
    # what a killed job left is no part of the next one's folder
    (tmp_path / ".writing-P1").mkdir()
    (tmp_path / ".writing-P1" / "half.txt").write_text("half")
    with atomic_folder(tmp_path / "P1") as folder:
        (folder / "new.txt").write_text("new")
    assert [file.name for file in tmp_path.rglob("*")] == ["P1", "new.txt"]
