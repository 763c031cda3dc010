"""Features beside PyRadiomics: python benchmarks/radiomics.py --sizes 50 100.

Makes a CT of 512 x 512 x 60 voxels of 0.8 x 0.8 x 5 mm with a textured tumour in it, resamples it
to 1 mm, and lets all compute the full panel (1,223 features) of one reading and of three, each in
a process of its own, in turns: PyRadiomics by its command line on the whole volume, by the same
with its own `preCrop`, and by its Python API on files that hold just that crop. Prints seconds of
the clock and of the processor, the latter also without start-up (interpreter and imports), peak
memory and the ratios. flash-radiomics 1.0 joins on the crop if `--flash python` names an
interpreter that has it: its definitions differ and it adds features, only the time is compared.
"""

import argparse
import csv
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import SimpleITK as sitk
import yaml

from taceflow.imaging.resample import resample_ct, resample_mask, resample_patient
from taceflow.radiomics.margins import filter_reach
from taceflow.radiomics.panel import read_panel

ROOT = Path(__file__).resolve().parents[1]
FULL_PANEL = ROOT / "config" / "radiomics_full.yaml"
READINGS = {
    "reader1-1": ((0.0, 0.0, 0.0), 1.0),
    "reader1-2": ((1.0, -1.0, 0.0), 0.97),
    "reader2-1": ((-1.5, 1.0, 1.0), 1.04),
}
"""Displacement in mm and relative radius of each reading's outline."""

MARGIN_VOXELS = 56
"""14 sigma of 4 mm: less would change the Laplacian of Gaussian."""

JOB = """
import sys, time
from taceflow.radiomics.extract import Extraction, extract_patient
started = time.process_time()
how = Extraction(panel=sys.argv[2], tumors="union", minimum_roi_voxels=64, scale="volume")
extract_patient(patient="P", resampled=sys.argv[1], how=how, features=sys.argv[3])
print("work", time.process_time() - started)
"""

API = """
import logging, sys, time
import SimpleITK as sitk
from radiomics.featureextractor import RadiomicsFeatureExtractor
started = time.process_time()
logging.getLogger("radiomics").setLevel(logging.ERROR)
sitk.ProcessObject.SetGlobalDefaultNumberOfThreads(1)
panel, image, *masks = sys.argv[1:]
extractor = RadiomicsFeatureExtractor(panel, additionalInfo=False)
for mask in masks:
    assert len(extractor.execute(image, mask)) == 1223
print("work", time.process_time() - started)
"""

FLASH = """
import sys
from flash_radiomics import RadiomicsFeatureExtractor
image, panel, out, *masks = sys.argv[1:]
extractor = RadiomicsFeatureExtractor(panel, backend="cpu")
for mask in masks:
    extractor.execute(image, mask, output_hdf5_path=out)
"""


@dataclass(frozen=True)
class Cost:
    """What a process took: seconds of the clock and of the processor, peak memory in MiB.

    `work_s` is the processor's seconds after all imports, where the process told them.
    """

    wall_s: float
    cpu_s: float
    work_s: float | None
    peak_mib: float

    def __str__(self) -> str:
        work = "" if self.work_s is None else f" ({self.work_s:.2f} without start-up)"
        return f"{self.wall_s:7.2f} s {self.cpu_s:7.2f} CPU s {self.peak_mib:6.0f} MiB{work}"


def main() -> None:
    """Print a line for each way of working, and the ratios."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=[20, 50, 100], help="diameters, mm")
    parser.add_argument("--readings", type=int, nargs="+", default=[1, 3], choices=[1, 2, 3])
    parser.add_argument("--columns", type=int, default=512, help="of the CT; rows alike")
    parser.add_argument("--flash", metavar="PYTHON", help="interpreter with flash-radiomics")
    options = parser.parse_args()
    load = os.getloadavg()[0]
    print(f"{platform.machine()}, {os.cpu_count()} cores, load {load:.1f} at the start")
    for size_mm in options.sizes:
        for count in options.readings:
            with tempfile.TemporaryDirectory(prefix="radiomics-") as name:
                compare(Path(name), size_mm, options.columns, list(READINGS)[:count], options.flash)


def compare(
    folder: Path, size_mm: int, columns: int, readings: list[str], flash: str | None
) -> None:
    """Run each way on one tumour and print what it took."""
    resampled, whole = folder / "resampled", folder / "whole"
    # A new process inherits the peak memory of the one it is forked from: this one stays small.
    with ProcessPoolExecutor(1) as pool:
        pool.submit(
            make_patient, folder / "volumes", resampled, size_mm, columns, readings
        ).result()
        pool.submit(write_whole, folder / "volumes", whole, readings).result()
        image, *masks = pool.submit(write_crop, folder / "crop", whole, readings).result()
    ours = cost_of([sys.executable, "-c", JOB, resampled, FULL_PANEL, folder / "features.parquet"])
    cropping = folder / "cropping.yaml"
    setting = {"preCrop": True, "padDistance": MARGIN_VOXELS}
    content = yaml.safe_load(FULL_PANEL.read_text(encoding="utf-8"))
    content["setting"] |= setting
    cropping.write_text(yaml.safe_dump(content), encoding="utf-8")
    title = f"{size_mm} mm, {len(readings)} reading{'s' if len(readings) > 1 else ''}"
    print(f"{title:18} {'taceflow':24}{ours}", flush=True)
    for name, command in {
        "command line": command_line(folder, whole, readings, FULL_PANEL),
        "command line, preCrop": command_line(folder, whole, readings, cropping),
        "Python API on the crop": [sys.executable, "-c", API, FULL_PANEL, image, *masks],
    }.items():
        theirs = cost_of(command)
        by_work = ""
        if ours.work_s and theirs.work_s:
            by_work = f", {theirs.work_s / ours.work_s:.1f} times without start-up"
        print(f"{'':18} {name:24}{theirs}")
        print(
            f"{'':18} {theirs.wall_s / ours.wall_s:.1f} times faster by the clock, "
            f"{theirs.cpu_s / ours.cpu_s:.1f} times by the processor{by_work}",
            flush=True,
        )
    if flash:
        crop = cost_of([flash, "-c", FLASH, image, FULL_PANEL, folder / "flash.h5", *masks])
        print(f"{'':18} {'flash on the crop':24}{crop}")


def command_line(folder: Path, whole: Path, readings: list[str], panel: Path) -> list:
    """Return PyRadiomics' command for all readings, one process."""
    out = folder / f"{panel.stem}.csv"
    with (folder / "cases.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["Image", "Mask"])
        for reading in readings:
            writer.writerow([whole / "ct.nii.gz", whole / f"mask_{reading}.nii.gz"])
    program = shutil.which("pyradiomics", path=str(Path(sys.executable).parent)) or "pyradiomics"
    options = ["--param", panel, "--out", out, "--format", "csv"]
    return [program, folder / "cases.csv", *options]


def cost_of(command: list) -> Cost:
    """Run a command to its end and return what it took."""
    words = [str(word) for word in command]
    with tempfile.TemporaryFile() as said:
        started = time.perf_counter()
        process = subprocess.Popen(words, stdout=said, stderr=subprocess.STDOUT)
        _, status, usage = os.wait4(process.pid, 0)
        wall_s = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        said.seek(0)
        text = said.read().decode()
    # PyRadiomics' command ends well where a case failed
    if process.returncode or "Feature extraction failed" in text:
        raise SystemExit(text[-3000:])
    told = [float(line.split()[1]) for line in text.splitlines() if line.startswith("work ")]
    cpu_s = usage.ru_utime + usage.ru_stime
    return Cost(wall_s, cpu_s, told[0] if told else None, usage.ru_maxrss / 1024)


def make_patient(
    volumes: Path, resampled: Path, size_mm: float, columns: int, readings: list[str]
) -> None:
    """Write a patient on the scanner's grid and at 1 mm."""
    write_patient(volumes, size_mm, columns, readings)
    resample_patient(
        volumes=str(volumes),
        resampled=str(resampled),
        spacing_mm=[1.0, 1.0, 1.0],
        mask_interpolation="nearest",
        reach=filter_reach(read_panel(FULL_PANEL)),
    )


def write_patient(folder: Path, size_mm: float, columns: int, readings: list[str]) -> None:
    """Write a CT with a lobulated tumour of a given diameter, and its outlines."""
    random = np.random.default_rng(7)
    shape, spacing = (60, columns, columns), (0.8, 0.8, 5.0)
    body = random.normal(0, 60, shape).astype(np.float32)
    z, y, x = (
        (np.arange(count, dtype=np.float32) - (count - 1) / 2) * step
        for count, step in zip(shape, spacing[::-1], strict=True)
    )
    z, y, x = z[:, None, None], y[None, :, None], x[None, None, :]
    outside = (y / 130) ** 2 + (x / 180) ** 2 > 1
    smooth = sitk.GetImageFromArray(random.normal(0, 1, shape).astype(np.float32))
    smooth.SetSpacing(spacing)
    texture = sitk.GetArrayFromImage(sitk.SmoothingRecursiveGaussian(smooth, 3.0))
    texture *= 35 / texture.std()
    folder.mkdir(parents=True)
    for reading in readings:
        shift, scale = READINGS[reading]
        away = [axis - by for axis, by in zip((z, y, x), shift[::-1], strict=True)]
        distance = np.sqrt(sum(axis**2 for axis in away))
        angle = np.arctan2(away[1], away[2])
        radius = size_mm / 2 * scale * (1 - 0.08 * (1 + np.cos(5 * angle) * (away[0] > 0)))
        inside = distance <= radius
        if reading == "reader1-1":
            values = body * 0.3 + 50 + np.where(inside, texture + 30, 0)
        write(sitk.GetImageFromArray(inside.astype(np.uint8)), spacing, folder / f"mask_{reading}")
    values = np.where(outside, -1000, values).round().clip(-1024, 3071).astype(np.int16)
    write(sitk.GetImageFromArray(values), spacing, folder / "ct")


def write(image: sitk.Image, spacing: tuple[float, ...], stem: Path) -> None:
    """Write an image that does not know its voxels' size yet."""
    image.SetSpacing(spacing)
    sitk.WriteImage(image, f"{stem}.nii.gz", True, compressionLevel=1)


def write_whole(volumes: Path, folder: Path, readings: list[str]) -> None:
    """Write the whole volume and its masks at 1 mm, what PyRadiomics is given."""
    folder.mkdir()
    spacing_mm = [1.0, 1.0, 1.0]
    ct = resample_ct(sitk.ReadImage(str(volumes / "ct.nii.gz")), spacing_mm)
    sitk.WriteImage(ct, str(folder / "ct.nii.gz"), True, compressionLevel=1)
    for name in (f"mask_{reading}.nii.gz" for reading in readings):
        mask = resample_mask(sitk.ReadImage(str(volumes / name)), spacing_mm, "nearest")
        sitk.WriteImage(mask, str(folder / name), True, compressionLevel=1)


def write_crop(folder: Path, whole: Path, readings: list[str]) -> list[Path]:
    """Write image and masks around the tumour with the largest margin that equality needs."""
    folder.mkdir()
    masks = {name: sitk.ReadImage(str(whole / f"mask_{name}.nii.gz")) for name in readings}
    union = np.logical_or.reduce([sitk.GetArrayViewFromImage(mask) for mask in masks.values()])
    where = np.argwhere(union)[:, ::-1]
    low = np.maximum(where.min(axis=0) - MARGIN_VOXELS, 0)
    ct = sitk.ReadImage(str(whole / "ct.nii.gz"))
    size = np.minimum(where.max(axis=0) + MARGIN_VOXELS + 1, ct.GetSize()) - low
    files = []
    for name, image in {"ct": ct, **masks}.items():
        part = sitk.RegionOfInterest(image, size.tolist(), low.tolist())
        files.append(folder / f"{name}.nii.gz")
        sitk.WriteImage(part, str(files[-1]), True, compressionLevel=1)
    return files


if __name__ == "__main__":
    main()
