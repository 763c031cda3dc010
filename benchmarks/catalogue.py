"""How fast an archive is catalogued: python benchmarks/catalogue.py --files 50000.

Writes small CT files into a temporary folder and catalogues them three times: all new, nothing new,
100 new ones. Prints files a second, the largest memory of all processes together, and how long the
obvious loop (one process, pydicom to the pixels, the same files in the same run) takes for a part.
"""

import argparse
import os
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import psutil

from taceflow.files.locations import list_files
from taceflow.imaging.catalogue.build import build_catalogue
from taceflow.imaging.dicom.files import read_header
from taceflow.synthetic.dicom import draw_person, write_series
from taceflow.synthetic.shapes import Grid

SLICES = 100
SERIES = 5
LOOP_FILES = 2000


def main() -> None:
    """Print one line a run."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--files", type=int, default=50_000)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="catalogue-") as name:
        root, out = Path(name) / "archive", Path(name) / "out"
        started = time.perf_counter()
        patients = write_archive(root, options.files)
        print(f"{options.files:,} files written in {time.perf_counter() - started:.0f} s")
        files = list(list_files(root))[:: max(options.files // LOOP_FILES, 1)]
        loop, loop_cpu, *_ = time_of(lambda: [read_all(file) for file in files])
        print(f"one loop over {len(files):,}: {describe(len(files), loop, loop_cpu)}")

        def build() -> dict[str, int]:
            return build_catalogue(
                root=str(root),
                ids=None,
                patients=patients,
                code="benchmark",
                threads=options.threads,
                series=str(out / "series.tsv"),
                files=str(out / "files.parquet"),
            )

        for label in ("all new", "nothing new", "100 new"):
            if label == "100 new":
                write_archive(root, 100, name="new")
            seconds, cpu, peak_mib, counts = time_of(build)
            speed = counts["found"] / seconds * loop / len(files)
            print(
                f"{label}: {counts['read']:,} of {counts['found']:,} read, "
                f"{describe(counts['found'], seconds, cpu)}, {speed:.2f} of the loop's speed, "
                f"peak {peak_mib:.0f} MiB ({options.threads} processes)"
            )


def read_all(file: str) -> list:
    """Read the header of a file, and each of its values."""
    return [element.value for element in read_header(file)]


def describe(files: int, seconds: float, cpu_seconds: float) -> str:
    """Return speeds in words; on a busy machine the one by CPU seconds is the steadier."""
    return (
        f"{seconds:.1f} s, {files / seconds:,.0f} files/s "
        f"({cpu_seconds:.1f} CPU s, {files / cpu_seconds:,.0f} a CPU second)"
    )


def write_archive(root: Path, count: int, name: str = "IM") -> list[str]:
    """Write `count` CT files as one folder, by changing the bytes of a few; return the ids."""
    template, old = _template(root.parent)
    root.mkdir(parents=True, exist_ok=True)
    patients = []
    for index in range(count):
        series, place = divmod(index, SLICES)
        patient, number = divmod(series, SERIES)
        if place == number == 0:
            patients.append(f"{name}{patient:010d}"[-10:])
        new = {
            old["patient"]: patients[-1].encode(),
            old["series"]: _unlike(old["series"], series),
            old["instance"]: _unlike(old["instance"], index),
            old["study"]: _unlike(old["study"], patient),
            old["place"]: f"{-500 + 2.5 * place:+08.1f}".encode(),
        }
        content = template
        for before, after in new.items():
            content = content.replace(before, after)
        (root / f"{name}{index:07d}").write_bytes(content)
    return patients


def _template(folder: Path) -> tuple[bytes, dict[str, bytes]]:
    """Return the bytes of a CT file and the values that differ between files."""
    folder.mkdir(exist_ok=True)
    person = draw_person(np.random.default_rng(1), sex="male", age_years=60, uid_sources=("b",))
    grid = Grid(origin_mm=(0.0, 0.0, 0.0), spacing_mm=(0.8, 0.8, 2.5), shape=(1, 32, 32))
    file = folder / "template"
    hu = np.zeros((1, 32, 32), np.int16)
    dataset = write_series(hu, grid, person, "arterial", [file])[0]
    dataset.PatientID = "TEMPLATE01"
    dataset.ImagePositionPatient = ["0", "0", "+00000.0"]
    dataset.save_as(file)
    values = {
        "patient": b"TEMPLATE01",
        "place": b"+00000.0",
        "series": dataset.SeriesInstanceUID.encode(),
        "study": dataset.StudyInstanceUID.encode(),
        "instance": dataset.SOPInstanceUID.encode(),
    }
    return file.read_bytes(), values


def _unlike(value: bytes, number: int) -> bytes:
    """Return a UID of the same length that ends in a number."""
    return value[:-8] + f"1{number:07d}".encode()


def time_of(work: Callable) -> tuple[float, float, float, object]:
    """Return wall seconds, CPU seconds, peak resident memory in MiB (children too), the result."""
    stop, peak = threading.Event(), [0.0]

    def watch() -> None:
        own = psutil.Process()
        while not stop.wait(0.1):
            total = own.memory_info().rss
            for child in own.children(recursive=True):
                try:
                    total += child.memory_info().rss
                except psutil.NoSuchProcess:
                    continue
            peak[0] = max(peak[0], total / 2**20)

    watcher = threading.Thread(target=watch)
    watcher.start()
    started, cpu = time.perf_counter(), sum(os.times()[:4])
    try:
        result = work()
    finally:
        seconds, cpu_seconds = time.perf_counter() - started, sum(os.times()[:4]) - cpu
        stop.set()
        watcher.join()
    return seconds, cpu_seconds, peak[0], result


if __name__ == "__main__":
    main()
