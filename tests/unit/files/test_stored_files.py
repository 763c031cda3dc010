"""A file of the run that is cut, changed or emptied on the disk is a named error, no value."""

import re
from itertools import product

import numpy as np
import pandas as pd
import pytest
import SimpleITK as sitk
from matplotlib.figure import Figure

from taceflow.dlopctr.convolutions.images import read_patch
from taceflow.dlopctr.head.fitted_head import Head, load_heads, save_heads
from taceflow.errors import DamagedFileError, WeightsError
from taceflow.figures.dlopctr_attention import write_dlopctr_attention
from taceflow.figures.style import save_figure
from taceflow.files.stored_files import read_parquet, write_parquet
from taceflow.files.tables import read_json, read_table, write_json, write_table
from taceflow.files.volumes.stored import read_volume, write_volume
from taceflow.imaging.catalogue.patient_files import patient_files
from taceflow.imaging.crop import Crop
from taceflow.imaging.patch import cut_patch
from taceflow.imaging.quality.volumes import read_volumes
from taceflow.imaging.resample import resample_patient
from taceflow.log import logging_to
from taceflow.radiomics.extract import Extraction, extract_patient
from taceflow.radiomics.patient_table import read_patient_table, write_patient_table
from taceflow.radiomics.perturbation.masks import Movement
from taceflow.radiomics.perturbation.patient import perturb_patient
from taceflow.report.pictures import embedded, thumbnail

FLIPS = 60


@pytest.fixture
def random():
    return np.random.default_rng(11)


@pytest.fixture
def folder(tmp_path, random):
    """``volumes/P1`` or ``resampled/P1``: a CT and a mask."""
    folder = tmp_path / "P1"
    hu = sitk.GetImageFromArray(random.integers(-1000, 1500, (12, 20, 20)).astype(np.int16))
    mask = np.zeros((12, 20, 20), np.uint8)
    mask[4:9, 6:15, 6:15] = 1
    write_volume(hu, folder / "ct.nii.gz", level=1)
    write_volume(sitk.GetImageFromArray(mask), folder / "mask_reader1-1.nii.gz")
    Crop.whole(sitk.GetArrayViewFromImage(hu)).write(folder)
    return folder


def damages(content, random):
    """Yield a file's bytes cut, emptied, and with one bit changed."""
    yield b""
    for end in (1, 12, 100, len(content) // 2, len(content) - 9, len(content) - 1):
        yield content[:end]
    for place in (0, len(content) - 1, *random.integers(0, len(content), FLIPS)):
        changed = bytearray(content)
        changed[place] ^= 1 << int(random.integers(8))
        yield bytes(changed)


@pytest.mark.parametrize("name", ["ct.nii.gz", "mask_reader1-1.nii.gz"])
def test_a_damaged_volume_is_never_another_volume(name, folder, random):
    file = folder / name
    whole = read_volume(file, output=folder)
    values, seen = sitk.GetArrayFromImage(whole), 0
    content = file.read_bytes()
    for damage in damages(content, random):
        file.write_bytes(damage)
        try:
            read = read_volume(file, output=folder)
        except DamagedFileError:
            seen += 1
        else:  # the time in the header of a compressed file is nobody's
            assert (sitk.GetArrayFromImage(read) == values).all()
            assert read.GetSpacing() == whole.GetSpacing()
            assert read.GetOrigin() == whole.GetOrigin()
            assert read.GetDirection() == whole.GetDirection()
    assert seen > FLIPS


def resampled(folder):
    resample_patient(
        volumes=str(folder),
        resampled=str(folder.parent / "resampled"),
        spacing_mm=[1.0] * 3,
        mask_interpolation="nearest",
        reach=None,
    )


def patch(folder):
    ct, mask = folder / "ct.nii.gz", folder / "mask_reader1-1.nii.gz"
    cut_patch(
        ct=str(ct),
        mask=str(mask),
        patch=str(folder.parent / "P1.nii.gz"),
        margin_mm=5,
        window_hu=[-100, 200],
    )


HOW = Extraction(
    panel="config/radiomics.yaml", tumors="union", minimum_roi_voxels=10, scale="volume"
)


def features(folder):
    table = str(folder.parent / "P1.tsv.gz")
    extract_patient(patient="P1", resampled=str(folder), how=HOW, features=table)


def perturbed(folder):
    perturb_patient(
        patient="P1",
        resampled=str(folder),
        how=HOW,
        seed=1,
        count=2,
        movement=Movement(contour_mm=1, correlation_mm=5, volume_fraction=0.1, translation_mm=0.5),
        features=str(folder.parent / "P1.tsv.gz"),
    )


@pytest.mark.parametrize(
    ("name", "stage"),
    [
        *product(
            ["ct.nii.gz", "mask_reader1-1.nii.gz"],
            [resampled, patch, features, perturbed, read_volumes],
        ),
        *product(["crop.json"], [patch, features, perturbed]),
    ],
)
def test_each_stage_that_reads_volumes_stops_at_a_cut_one(stage, name, folder, root, monkeypatch):
    monkeypatch.chdir(root)
    file = folder / name
    file.write_bytes(file.read_bytes()[:-40])
    with pytest.raises(DamagedFileError, match=re.escape(f"Delete the folder {folder}")):
        stage(folder)
    assert {path.name for path in folder.parent.iterdir()} == {"P1"}


def test_a_cut_patch_is_named(folder):
    patch(folder)
    file = folder.parent / "P1.nii.gz"
    values, spacing_mm = read_patch(str(file), "P1")
    assert (values.min(), values.max(), spacing_mm) == (0, 1, 1)
    file.write_bytes(file.read_bytes()[:-40])
    with pytest.raises(DamagedFileError, match=re.escape(f"Delete the file {file} and run again")):
        read_patch(str(file), "P1")


def test_an_empty_volume_is_named_without_a_trace(folder, tmp_path, capfd):
    (folder / "ct.nii.gz").write_bytes(b"")
    with pytest.raises(SystemExit), logging_to(str(tmp_path / "job.log")):
        resampled(folder)
    told = capfd.readouterr().err
    assert "a file of this run is empty" in told
    assert "itk" not in told.lower()
    assert "Traceback" not in told


def test_a_missing_volume_is_named(folder):
    (folder / "ct.nii.gz").unlink()
    with pytest.raises(DamagedFileError, match="a file of this run is missing"):
        resampled(folder)


@pytest.fixture
def frame(random):
    frame = pd.DataFrame(random.normal(size=(40, 60)), columns=[f"glcm_X{n}" for n in range(60)])
    frame.insert(0, "patient_id", [f"P{number:03}" for number in range(40)])
    return frame.assign(slice=range(40), note=["left", None] * 20)


def test_a_damaged_parquet_file_is_never_another_table(frame, tmp_path, random):
    path = tmp_path / "a.parquet"
    write_parquet(frame, path)
    pd.testing.assert_frame_equal(read_parquet(path), frame)
    pd.testing.assert_frame_equal(pd.read_parquet(path), frame)
    content, seen = path.read_bytes(), 0
    footer = len(content) - 8 - int.from_bytes(content[-8:-4], "little")
    for start in (0, footer):
        for damage in damages(content[start:], random):
            path.write_bytes(content[:start] + damage)
            try:
                pd.testing.assert_frame_equal(read_parquet(path), frame)
            except DamagedFileError:
                seen += 1
    assert seen > 2 * FLIPS


def test_a_damaged_table_of_a_patient_is_never_another_table(tmp_path, random):
    path = tmp_path / "P1.tsv.gz"
    rows = [{"reading": "reader1-1"} | {f"x{n}": random.normal() for n in range(50)}]
    write_patient_table(rows, path)
    whole = read_patient_table(path)
    assert [{name: float(cell) for name, cell in list(whole[0].items())[1:]}] == [
        {name: value for name, value in rows[0].items() if name != "reading"}
    ]
    content, seen = path.read_bytes(), 0
    for damage in damages(content, random):
        path.write_bytes(damage)
        try:
            read = read_patient_table(path)
        except DamagedFileError:
            seen += 1
        else:  # the time and the system in the header are nobody's
            assert read == whole
    assert seen > FLIPS


def test_a_parquet_file_of_another_program_is_read(frame, tmp_path):
    frame.to_parquet(tmp_path / "a.parquet")
    pd.testing.assert_frame_equal(read_parquet(tmp_path / "a.parquet"), frame)


@pytest.fixture
def folds(tmp_path):
    path = tmp_path / "folds.tsv"
    table = pd.DataFrame({"patient_id": [f"P{n:03}" for n in range(90)], "fold": [1, 2, 3] * 30})
    write_table(table, path, "radscore_folds")
    pd.testing.assert_frame_equal(read_table(path, "radscore_folds"), table)
    return path


def test_a_text_table_cut_within_a_row_is_named(folds):
    content = folds.read_bytes()
    for end in {*range(40), *range(len(content) - 40, len(content))}:
        folds.write_bytes(content[:end])
        if end == 0 or content[end - 1 : end] != b"\n":
            problem = "is empty" if end == 0 else "ends in the middle of a row"
            with pytest.raises(DamagedFileError, match=f"{problem}.*Delete the file"):
                read_table(folds)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"P017\t3", b"P0173"),
        (b"P017\t3", b"P017\t3\t3"),
        (b"P017\t3", b"P017\tx"),
        (b"P017\t3", b"P018\t3"),
        (b"fold\n", b"felt\n"),
        (b"P017", b"P\xff17"),
    ],
)
def test_a_text_table_that_is_not_what_was_written_is_named(before, after, folds):
    folds.write_bytes(folds.read_bytes().replace(before, after))
    with pytest.raises(DamagedFileError, match=r"a file of this run is .*Delete the file"):
        read_table(folds, "radscore_folds")


def heads(path):
    save_heads(
        {"seed1.final": Head(np.ones((5, 64)), np.zeros(5), np.zeros(64), np.ones(64))}, path, {}
    )


def maps(path):
    with open(path, "wb") as file:
        np.savez_compressed(file, a=np.arange(4000.0))


def figure(path):
    drawn = Figure(figsize=(1, 1))
    drawn.subplots().plot([1, 2])
    save_figure(drawn, [path], title="A figure")


def attention(path):
    write_dlopctr_attention(maps=path, table="no.tsv", description="no.json", outputs=[])


FILES = {
    "a.json": (lambda path: write_json({"patients": list(range(99))}, path), read_json),
    "a.safetensors": (heads, lambda path: load_heads(path, intervals=5)),
    "a.npz": (maps, attention),
    "a.svg": (figure, embedded),
    "a.png": (figure, embedded),
    "b.png": (figure, thumbnail),
    "files.parquet": (
        lambda path: write_parquet(pd.DataFrame({"a": [1]}), path),
        lambda path: patient_files(path, "P"),
    ),
}


@pytest.mark.parametrize("name", ["a.safetensors", "a.json"])
def test_a_file_with_more_than_was_written_is_named(name, tmp_path):
    write, read = FILES[name]
    path = tmp_path / name
    write(path if name.endswith("json") else str(path))
    path.write_bytes(path.read_bytes() + b"\0" * 16)
    with pytest.raises(DamagedFileError, match="is cut or damaged"):
        read(str(path))


def test_a_changed_bit_of_a_fitted_network_is_never_another_network(tmp_path, random):
    path = tmp_path / "model.safetensors"
    head = Head(random.normal(size=(5, 64)), random.normal(size=5), np.zeros(64), np.ones(64))
    save_heads({"seed1.final": head}, str(path), {"code": "abc"})
    content, images, seen = path.read_bytes(), random.normal(size=(3, 64)), 0
    for damage in damages(content, random):
        path.write_bytes(damage)
        try:
            read = load_heads(str(path), intervals=5)["seed1.final"]
        except (DamagedFileError, WeightsError):
            seen += 1
        else:  # the description's own words
            assert (read.curves(images) == head.curves(images)).all()
    assert seen > 0.9 * FLIPS


@pytest.mark.parametrize("cut", [0, 1, 0.5, -3])
@pytest.mark.parametrize("name", FILES)
def test_a_cut_file_of_any_kind_is_named(name, cut, tmp_path):
    write, read = FILES[name]
    path = tmp_path / name
    write(path if name.endswith(("json", "parquet")) else str(path))
    content = path.read_bytes()
    path.write_bytes(content[: int(cut * len(content)) if cut == 0.5 else cut])
    problem = "is empty" if cut == 0 else "is cut or damaged"
    with pytest.raises(DamagedFileError, match=rf"{problem} .*Delete the file .*{name} and run"):
        read(str(path))
