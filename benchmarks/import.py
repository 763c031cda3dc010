"""Import beside dcm2niix, on the same files: python benchmarks/import.py --patients 10.

Writes series of synthetic noise, then lets both turn each series into a compressed NIfTI file, in
turns, and prints seconds of the clock and of the processor, their ratio, and the peak memory of a
job of its own. The reading alone, without compression, is compared too.
"""

import argparse
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import SimpleITK as sitk
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian, generate_uid

from taceflow.imaging.dicom.series import list_series
from taceflow.imaging.dicom.volume import load_series

JOB = """
import resource, sys
from pathlib import Path
import SimpleITK as sitk
from taceflow.imaging.dicom.series import list_series
from taceflow.imaging.dicom.volume import load_series
(series,) = list_series(Path(sys.argv[1]))
sitk.WriteImage(load_series(series, patient="P"), sys.argv[2], True, compressionLevel=1)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
"""


def main() -> None:
    """Print a line for each way of working."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--patients", type=int, default=10)
    parser.add_argument("--slices", type=int, default=100)
    options = parser.parse_args()
    dcm2niix = shutil.which("dcm2niix", path=str(Path(sys.executable).parent)) or "dcm2niix"
    with tempfile.TemporaryDirectory() as scratch:
        target = Path(scratch) / "out"
        target.mkdir()
        folders = [Path(scratch) / f"P{number}" for number in range(options.patients)]
        for number, folder in enumerate(folders):
            write_series(folder, options.slices, seed=number)

        def convert(folder: Path, compress: str) -> None:
            command = [dcm2niix, "-g", "i", "-z", compress, "-b", "n", "-w", "1", "-f", "theirs"]
            subprocess.run([*command, "-o", target, folder], check=True, capture_output=True)

        def run_job(folder: Path) -> int:
            command = [sys.executable, "-c", JOB, folder, target / "job.nii.gz"]
            return int(subprocess.run(command, check=True, capture_output=True).stdout)

        def write(folder: Path) -> None:
            sitk.WriteImage(load(folder), target / "ours.nii.gz", True, compressionLevel=1)

        ways: dict[str, Callable[[Path], object]] = {
            "taceflow, read and write": write,
            "dcm2niix -z y": lambda folder: convert(folder, "y"),
            "taceflow, a process for each": run_job,
            "taceflow, read": load,
            "dcm2niix -z n": lambda folder: convert(folder, "n"),
        }
        seconds, processor = dict.fromkeys(ways, 0.0), dict.fromkeys(ways, 0.0)
        memory = 0
        for folder in folders:
            for name, way in ways.items():
                start, busy = time.perf_counter(), sum(os.times()[:4])
                made = way(folder)
                seconds[name] += time.perf_counter() - start
                processor[name] += sum(os.times()[:4]) - busy
                memory = max(memory, made if isinstance(made, int) else 0)
        ours = sitk.GetArrayFromImage(sitk.ReadImage(target / "ours.nii.gz"))
        theirs = sitk.GetArrayFromImage(sitk.ReadImage(target / "theirs.nii"))
    print(f"{platform.system()} {platform.machine()}, {os.cpu_count()} processors")
    print(f"{options.patients} series of {options.slices} slices, 512 x 512")
    print(f"{'a series':30} wall s  CPU s")
    for name, total in seconds.items():
        print(
            f"{name:30} {total / options.patients:6.2f} {processor[name] / options.patients:6.2f}"
        )
    print(f"{'speed against dcm2niix':30}   wall    CPU")
    for ours_is, theirs_is in (
        ("taceflow, read and write", "dcm2niix -z y"),
        ("taceflow, a process for each", "dcm2niix -z y"),
        ("taceflow, read", "dcm2niix -z n"),
    ):
        ratios = (times[theirs_is] / times[ours_is] for times in (seconds, processor))
        print(f"{ours_is:30}", *(f"{ratio:6.2f}" for ratio in ratios))
    print(f"peak memory of a job: {memory} MiB")
    print(f"largest difference: {np.abs(ours - theirs[:, ::-1]).max():g} HU")


def load(folder: Path) -> sitk.Image:
    """Read the only series of a folder."""
    (series,) = list_series(folder)
    return load_series(series, patient=folder.name)


def write_series(folder: Path, slices: int, *, seed: int) -> None:
    """Write an ellipse of soft tissue in air with the noise of an abdominal CT."""
    folder.mkdir()
    draw = np.random.default_rng(seed)
    y, x = np.mgrid[-1:1:512j, -1:1:512j]
    mean = np.where((x / 0.85) ** 2 + (y / 0.6) ** 2 < 1, 60.0, -1000.0)
    series, study = generate_uid(), generate_uid()
    for index in range(slices):
        noise = draw.normal(0, np.where(mean > 0, 18, 6))
        meta = FileMetaDataset()
        meta.MediaStorageSOPClassUID = CTImageStorage
        meta.MediaStorageSOPInstanceUID = generate_uid()
        meta.TransferSyntaxUID = ExplicitVRLittleEndian
        dataset = Dataset()
        dataset.file_meta = meta
        values = {
            "SOPClassUID": CTImageStorage,
            "SOPInstanceUID": meta.MediaStorageSOPInstanceUID,
            "ImageType": ["ORIGINAL", "PRIMARY", "AXIAL"],
            "Modality": "CT",
            "Manufacturer": "SIEMENS",
            "PatientID": folder.name,
            "PatientPosition": "HFS",
            "ProtocolName": "ABDOMEN",
            "StudyInstanceUID": study,
            "SeriesInstanceUID": series,
            "SeriesNumber": 3,
            "InstanceNumber": slices - index,
            "ImagePositionPatient": [-200, -200, 2.5 * index],
            "ImageOrientationPatient": [1, 0, 0, 0, 1, 0],
            "SamplesPerPixel": 1,
            "PhotometricInterpretation": "MONOCHROME2",
            "Rows": 512,
            "Columns": 512,
            "PixelSpacing": [0.78125, 0.78125],
            "BitsAllocated": 16,
            "BitsStored": 12,
            "HighBit": 11,
            "PixelRepresentation": 0,
            "RescaleIntercept": -1024,
            "RescaleSlope": 1,
            "PixelData": (mean + noise + 1024).round().clip(0, 4095).astype("<u2").tobytes(),
        }
        for keyword, value in values.items():
            setattr(dataset, keyword, value)
        dataset.save_as(folder / f"{index:04d}.dcm", enforce_file_format=True)


if __name__ == "__main__":
    main()
