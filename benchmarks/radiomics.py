"""Features beside the PyRadiomics command line: python benchmarks/radiomics.py --sizes 50 100.

Makes a CT of 512 x 512 x 60 voxels of 0.8 x 0.8 x 5 mm with a textured tumour in it, resamples it
to 1 mm, and lets both compute the full panel (1,223 features) of one reading and of three, each in
a process of its own, in turns. Prints seconds of the clock and of the processor, peak memory and
the ratios. flash-radiomics 1.0 joins on the crop if `--flash python` names an interpreter
that has it: its definitions differ and it adds features, only the time is compared.
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

from taceflow.imaging.resample import resample_patient

ROOT = Path(__file__).resolve().parents[1]
FULL_PANEL = ROOT / "config" / "radiomics_full.yaml"
READINGS = {
    "reader1-1": ((0.0, 0.0, 0.0), 1.0),
    "reader1-2": ((1.0, -1.0, 0.0), 0.97),
    "reader2-1": ((-1.5, 1.0, 1.0), 1.04),
}
"""Displacement in mm and relative radius of each reading's outline."""

JOB = """
import sys
from taceflow.radiomics.extract import Extraction, extract_patient
how = Extraction(panel=sys.argv[2], tumors="union", minimum_roi_voxels=64, scale="volume")
extract_patient(patient="P", resampled=sys.argv[1], how=how, features=sys.argv[3])
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
    """What a process took: seconds of the clock and of the processor, peak memory in MiB."""

    wall_s: float
    cpu_s: float
    peak_mib: float

    def __str__(self) -> str:
        return f"{self.wall_s:7.1f} s {self.cpu_s:7.1f} CPU s {self.peak_mib:6.0f} MiB"


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
    resampled = folder / "resampled"
    # A new process inherits the peak memory of the one it is forked from: this one stays small.
    with ProcessPoolExecutor(1) as pool:
        pool.submit(
            make_patient, folder / "volumes", resampled, size_mm, columns, readings
        ).result()
    panel = FULL_PANEL
    ours = cost_of([sys.executable, "-c", JOB, resampled, panel, folder / "features.parquet"])
    theirs = cost_of(command_line(folder, resampled, readings, panel))
    title = f"{size_mm} mm, {len(readings)} reading{'s' if len(readings) > 1 else ''}"
    print(f"{title:18} taceflow        {ours}")
    print(f"{'':18} pyradiomics     {theirs}")
    print(
        f"{'':18} {theirs.wall_s / ours.wall_s:.1f} times faster by the clock, "
        f"{theirs.cpu_s / ours.cpu_s:.1f} times by the processor",
        flush=True,
    )
    if flash:
        image, masks = write_crop(folder / "crop", resampled, readings)
        crop = cost_of([flash, "-c", FLASH, image, panel, folder / "flash.h5", *masks])
        print(f"{'':18} flash, crop     {crop}")


def command_line(folder: Path, resampled: Path, readings: list[str], panel: Path) -> list:
    """Return PyRadiomics' command for all readings, one process."""
    with (folder / "cases.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["Image", "Mask"])
        for reading in readings:
            writer.writerow([resampled / "ct.nii.gz", resampled / f"mask_{reading}.nii.gz"])
    program = shutil.which("pyradiomics", path=str(Path(sys.executable).parent)) or "pyradiomics"
    out = ["--param", panel, "--out", folder / "pyradiomics.csv", "--format", "csv"]
    return [program, folder / "cases.csv", *out]


def cost_of(command: list) -> Cost:
    """Run a command to its end and return what it took."""
    words = [str(word) for word in command]
    with tempfile.TemporaryFile() as said:
        started = time.perf_counter()
        process = subprocess.Popen(words, stdout=said, stderr=subprocess.STDOUT)
        _, status, usage = os.wait4(process.pid, 0)
        wall_s = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            said.seek(0)
            raise SystemExit(said.read().decode()[-3000:])
    return Cost(wall_s, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


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


def write_crop(folder: Path, resampled: Path, readings: list[str]) -> tuple[Path, list[Path]]:
    """Write image and masks around the tumour with the largest margin that equality needs."""
    folder.mkdir()
    masks = {name: sitk.ReadImage(str(resampled / f"mask_{name}.nii.gz")) for name in readings}
    union = np.logical_or.reduce([sitk.GetArrayViewFromImage(mask) for mask in masks.values()])
    where = np.argwhere(union)[:, ::-1]
    low = np.maximum(where.min(axis=0) - 40, 0)
    ct = sitk.ReadImage(str(resampled / "ct.nii.gz"))
    size = np.minimum(where.max(axis=0) + 41, ct.GetSize()) - low
    region = (size.tolist(), low.tolist())
    sitk.WriteImage(sitk.RegionOfInterest(ct, *region), str(folder / "ct.nii.gz"))
    for name, mask in masks.items():
        sitk.WriteImage(sitk.RegionOfInterest(mask, *region), str(folder / f"{name}.nii.gz"))
    return folder / "ct.nii.gz", [folder / f"{name}.nii.gz" for name in readings]


if __name__ == "__main__":
    main()
