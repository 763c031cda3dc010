"""The network beside a plain training loop: python benchmarks/dlopctr.py.

Makes patches of 301 patients and measures, each in a process of its own: the convolutions alone in
several ways; the plain loop (every image of every epoch through the convolutions: float32, eager,
batch norm by itself); the cached path, namely one training phase (embeddings of 10 slices a patient
and the head, 500 epochs without early stopping) and one test phase (100 patients, from patch to
predicted survival). Importing and the start of a GPU are done before a clock starts, and printed by
themselves; images have one view, and one reading of the tumour. On a GPU all patients are measured,
on a CPU a part that the table names, scaled up, unless `--full` is given; of the plain loop one
epoch, on a CPU a part of it.
"""

import argparse
import multiprocessing
import os
import platform
import resource
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import yaml

ROOT = Path(__file__).resolve().parents[1]

SLICES, SEEDS, FITS = 10, 5, 6
BREAKS = np.array([0.0, 3, 6, 9, 12, 16, 20, 24, 30, 36, 42, 48, 60, 72, 90, 120])
HORIZON = 36.0
SECTION = yaml.safe_load((ROOT / "config" / "config.yaml").read_text())["dlopctr"]


@dataclass(frozen=True)
class Study:
    """What is measured, and the parts of it that a CPU measures."""

    patients: int = 301
    tested: int = 100
    epochs: int = 500
    batch: int = 32
    patients_on_a_cpu: int = 30
    images_on_a_cpu: int = 64


SMALL = Study(patients=10, tested=1, epochs=2, batch=2, patients_on_a_cpu=1, images_on_a_cpu=2)


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--device", choices=["auto", "cpu", "cuda"], default="auto")
    parser.add_argument("--precision", choices=["float32", "bfloat16"], default="float32")
    parser.add_argument("--threads", type=int, default=2, help="of the plain loop")
    parser.add_argument("--full", action="store_true", help="all patients on a CPU too")
    parser.add_argument(
        "--small",
        action="store_true",
        help="only see that every line runs; the numbers mean nothing",
    )
    given = vars(parser.parse_args())
    full = given.pop("full")
    # the start of a process counts for nothing where no number does
    study, run = (SMALL, measured) if given.pop("small") else (Study(), apart)
    patients, epochs = study.patients, study.epochs
    load = os.getloadavg()[0]
    machine = run(describe, **given)
    on_gpu = machine["gpu"] is not None
    count = patients if full or on_gpu else study.patients_on_a_cpu
    tested = min(study.tested, count)
    # fmt: off
    print(f"{date.today()}, {platform.system()} {platform.machine()}, {machine['cpu']}, "
          f"{os.cpu_count()} cores ({given['threads']} used), "
          f"{machine['gpu'] or 'no GPU: everything on the CPU'}, "
          f"Python {platform.python_version()}, torch {version('torch')}, "
          f"torchvision {version('torchvision')}, precision of the cached path "
          f"{given['precision']}, load {load:.1f} at the start")
    # fmt: on
    with tempfile.TemporaryDirectory(prefix="dlopctr-") as name:
        folder = Path(name)
        run(prepare, folder=folder, study=study, count=count)
        print("\n| convolutions alone | images/s | times the plain | MiB | GPU MiB |")
        print("|---|---|---|---|---|")
        ways = [("plain: eager, float32", False, "float32", False)]
        ways += [("plain, with TF32", False, "tf32", False)] if on_gpu else []
        ways += [("batch norm fused, float32", True, "float32", False)] if on_gpu else []
        ways += [("fused, channels last, float32", True, "float32", True)]
        ways += [("fused, channels last, bfloat16", True, "bfloat16", True)]
        plain_rate = 0.0
        for words, fuse, precision, last in ways:
            way = {"fuse": fuse, "channels_last": last}
            cost = run(
                convolutions, folder=folder, study=study, **given | {"precision": precision}, **way
            )
            plain_rate = plain_rate or cost["rate"]
            print(
                f"| {words} | {cost['rate']:.1f} | {cost['rate'] / plain_rate:.1f} | "
                f"{memory(cost)} |",
                flush=True,
            )
        print("\n| phase | s | measured | MiB | GPU MiB |")
        print("|---|---|---|---|---|")
        loop = run(plain_loop, folder=folder, study=study, **given)
        scale = patients * SLICES / loop["images"]
        plain_s = loop["seconds"] * scale * epochs
        how = f"{loop['images']} images of one epoch, scaled"
        row(f"plain loop, {epochs} epochs of {patients * SLICES} images", plain_s, how, loop)
        embed = run(embedding, folder=folder, count=count, **given)
        embed_s = embed["seconds"] * patients / count
        how = "in full" if count == patients else f"{embed['images']} images, scaled"
        row(f"embedding of {patients * SLICES} images", embed_s, how, embed)
        head = run(head_training, folder=folder, study=study, heads=1, **given)
        images = f"{epochs} epochs of {patients * SLICES} images"
        row(f"one head, {images}", head["seconds"], "in full", head)
        for heads, words in ((SEEDS, "seeds"), (SEEDS * FITS, "seeds of final fit and folds")):
            several = run(head_training, folder=folder, study=study, heads=heads, **given)
            row(
                f"{heads} heads ({words}) at once, {images}", several["seconds"], "in full", several
            )
        train_s = embed_s + head["seconds"]
        row("**training phase**: embedding and one head", train_s, "their sum")
        test = run(testing, folder=folder, count=tested, **given)
        test_s = test["seconds"] * study.tested / tested
        how = "in full" if tested == study.tested else f"{tested} patients, scaled"
        row(f"**test phase** of {study.tested} patients", test_s, how, test)
    shown = patients * SLICES * epochs
    print(
        f"\nImages a second over the whole training: {shown / train_s:.0f} cached, "
        f"{shown / plain_s:.1f} in the plain loop: {plain_s / train_s:.0f} times. "
        f"Start of a process (import, GPU): {machine['start_s']:.1f} s, not in the phases; "
        f"load {os.getloadavg()[0]:.1f} at the end."
    )


def row(what: str, seconds: float, how: str, cost: dict[str, Any] | None = None) -> None:
    """Print a row of the second table."""
    print(f"| {what} | {seconds:.1f} | {how} | {memory(cost) if cost else ' | '} |", flush=True)


def apart(work: Callable[..., dict[str, Any]], **options: Any) -> dict[str, Any]:
    """Call a function in a fresh process, whose peak memory is then its own."""
    context = multiprocessing.get_context("spawn")
    with context.Pool(1) as pool:
        return pool.apply(measured, (work,), options)


def measured(work: Callable[..., dict[str, Any]], **options: Any) -> dict[str, Any]:
    """Return what a function found, with the peak memory of this process."""
    found = work(**options)
    import torch

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    gpu = torch.cuda.max_memory_allocated() / 2**20 if torch.cuda.is_initialized() else None
    return found | {"mib": peak, "gpu_mib": gpu}


def memory(cost: dict[str, Any]) -> str:
    """Return two cells of a table."""
    return (
        f"{cost['mib']:.0f} | {'' if cost['gpu_mib'] is None else format(cost['gpu_mib'], '.0f')}"
    )


def describe(device: str, precision: str, threads: int) -> dict[str, Any]:
    """Return the machine's names and how long a process takes to start."""
    started = time.perf_counter()
    computing = warm(device, precision)
    start_s = time.perf_counter() - started
    import torch

    names = [
        line for line in Path("/proc/cpuinfo").read_text().splitlines() if "model name" in line
    ]
    gpu = f"{torch.cuda.get_device_name()}, CUDA {torch.version.cuda}" if computing.on_gpu else None
    cpu = names[0].partition(":")[2].strip() if names else platform.processor()
    return {"cpu": cpu, "gpu": gpu, "start_s": start_s}


def warm(device: str, precision: str) -> Any:
    """Import what the phases need and wake the device; return what they compute with."""
    import torch

    from taceflow.dlopctr.convolutions import embeddings  # noqa: F401
    from taceflow.dlopctr.device import choose_computing
    from taceflow.dlopctr.head import stack  # noqa: F401
    from taceflow.survival.models import interpolation  # noqa: F401

    computing = choose_computing(device, precision)
    images = torch.zeros(1, 3, 8, 8, device=computing.device, dtype=computing.dtype)
    torch.nn.functional.conv2d(images, images)
    torch.bmm(images[0].float(), images[0].float()).cpu()
    return computing


def prepare(folder: Path, study: Study, count: int) -> dict[str, Any]:
    """Write random weights, patches with a blurred texture, and a table of patients."""
    import SimpleITK as sitk

    from taceflow.dlopctr.convolutions.weights import prepare_backbone

    prepare_backbone("random", None, 0, *weight_files(folder), "benchmark")
    random = np.random.default_rng(0)
    for number in range(count):
        shape = random.integers(35, 75, 3)
        volume = sitk.GetImageFromArray(random.normal(0, 1, shape).astype(np.float32))
        texture = sitk.GetArrayFromImage(sitk.SmoothingRecursiveGaussian(volume, 2.0))
        grey = (0.5 + 0.15 * texture / texture.std()).clip(0, 1)
        sitk.WriteImage(sitk.GetImageFromArray(grey), str(folder / f"P{number:03d}.nii.gz"))
    patients = study.patients
    time_months, event = random.exponential(30, patients).clip(0.5, 119), random.random(patients)
    cohort = {
        "patient_id": [f"P{number:03d}" for number in range(patients)],
        "cohort": "training",
        "time_months": time_months,
        "event": (event < 0.7).astype(int),
    }
    pd.DataFrame(cohort).to_csv(folder / "patients.tsv", sep="\t", index=False)
    return {}


def weight_files(folder: Path) -> tuple[str, str]:
    """Return the paths of the weights and of their description."""
    return str(folder / "backbone.safetensors"), str(folder / "backbone.json")


def settle(work: Callable[[], Any], device: str) -> float:
    """Return the seconds that a piece of work takes, a GPU's queue included."""
    import torch

    started = time.perf_counter()
    work()
    if device == "cuda":
        torch.cuda.synchronize()
    return time.perf_counter() - started


def convolutions(
    folder: Path,
    study: Study,
    device: str,
    precision: str,
    threads: int,
    fuse: bool,
    channels_last: bool,
) -> dict[str, Any]:
    """Return images a second of the convolutions alone, best of three."""
    import torch

    from taceflow.dlopctr.convolutions.network import fused, last_maps, load_backbone
    from taceflow.dlopctr.device import choose_computing

    computing = choose_computing(device, precision.replace("tf32", "float32"))
    torch.backends.cudnn.allow_tf32 = precision == "tf32"
    torch.set_num_threads(threads)
    network = load_backbone(weight_files(folder)[0])
    network = (fused(network) if fuse else network).to(computing.device, computing.dtype)
    layout = torch.channels_last if channels_last else torch.contiguous_format
    network = network.to(memory_format=layout)
    count = computing.batch_images if fuse and study != SMALL else study.batch
    images = torch.rand(count, 3, 224, 224).to(computing.device, computing.dtype)
    images = images.contiguous(memory_format=layout)
    with torch.inference_mode():
        seconds = [settle(lambda: last_maps(network, images), images.device.type) for _ in range(4)]
    return {"rate": count / min(seconds[1:])}


def plain_loop(
    folder: Path, study: Study, device: str, precision: str, threads: int
) -> dict[str, Any]:
    """Return the seconds of training a head with the frozen convolutions in the loop."""
    import torch
    from torch import nn

    from taceflow.dlopctr.convolutions.network import load_backbone
    from taceflow.dlopctr.device import choose_computing
    from taceflow.dlopctr.head.flexible_loss import flexible_loss, survival_targets

    computing = choose_computing(device, "float32")
    torch.set_num_threads(threads)
    count = study.patients * SLICES if computing.on_gpu else study.images_on_a_cpu
    network = load_backbone(weight_files(folder)[0]).to(computing.device)
    head = nn.Sequential(nn.Dropout(0.5), nn.Linear(2048, len(BREAKS) - 1)).to(computing.device)
    optimiser = torch.optim.Adam(head.parameters(), lr=1e-3, weight_decay=1e-4)
    random = np.random.default_rng(0)
    survived, failed = (
        torch.from_numpy(target.astype(np.float32)).to(computing.device)
        for target in survival_targets(random.exponential(30, count), np.ones(count, int), BREAKS)
    )
    images = torch.rand(count, 1, 224, 224)

    def epoch() -> None:
        for batch in torch.randperm(count).split(study.batch):
            shown = images[batch].expand(-1, 3, -1, -1).to(computing.device)
            with torch.no_grad():
                vectors = network(shown)
            # random convolutions are loud: the loss must stay finite, its value means nothing
            vectors = vectors / vectors.square().mean(dim=1, keepdim=True).sqrt()
            chosen = batch.to(computing.device)
            loss = flexible_loss(head(vectors), 0, survived[chosen], failed[chosen]).mean()
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()

    with torch.no_grad():
        network(images[: study.batch].expand(-1, 3, -1, -1).to(computing.device))
    return {"seconds": settle(epoch, computing.device.type), "images": count}


def embedding(
    folder: Path, count: int, device: str, precision: str, threads: int, output: str = "train"
) -> dict[str, Any]:
    """Return the seconds from patches to a table of embeddings."""
    warm(device, precision)
    from taceflow.dlopctr.convolutions.embeddings import embed_patients
    from taceflow.dlopctr.convolutions.images import Sampling
    from taceflow.dlopctr.convolutions.network import Convolutions
    from taceflow.dlopctr.dataset import collect_embeddings

    weights, description = weight_files(folder)
    started = time.perf_counter()
    patches = sorted(folder.glob("P*.nii.gz"))[:count]
    made = embed_patients(
        Convolutions(weights=weights, description=description, device=device, precision=precision),
        Sampling(slices=SLICES, margin_mm=2.0),
        [path.name.removesuffix(".nii.gz") for path in patches],
        patches=f"{folder}/{{patient}}.nii.gz",
        embeddings=f"{folder}/{{patient}}.npz",
        threads=threads,
    )
    parts = [f"{folder}/{patient}.npz" for patient, _ in made]
    collect_embeddings(parts, str(folder / f"{output}.parquet"))
    return {"seconds": time.perf_counter() - started, "images": count * SLICES}


def head_training(
    folder: Path, study: Study, heads: int, device: str, precision: str, threads: int
) -> dict[str, Any]:
    """Return the seconds from a table of embeddings to stored heads, as many as asked for."""
    from taceflow.dlopctr.dataset import load_images
    from taceflow.dlopctr.device import choose_computing
    from taceflow.dlopctr.head.bank import Task
    from taceflow.dlopctr.head.fitted_head import save_heads
    from taceflow.dlopctr.head.settings import HeadSettings, head_settings
    from taceflow.dlopctr.head.stack import fit_heads

    table = pd.read_parquet(folder / "train.parquet")
    cohort = pd.read_csv(folder / "patients.tsv", sep="\t", dtype={"patient_id": str})
    # where a part of the patients was embedded, they stand for the others
    ids = sorted(set(table["patient_id"]))
    parts = [
        table[table["patient_id"] == ids[number % len(ids)]].assign(patient_id=patient)
        for number, patient in enumerate(cohort["patient_id"])
    ]
    pd.concat(parts).to_parquet(folder / "all.parquet", index=False)
    settings = HeadSettings(
        **head_settings(SECTION)
        | {"epochs": study.epochs, "stopping_epochs": study.epochs, "batch_size": study.batch}
        | {"stop_on": "tuning", "keep_weights": "tuning"}
    )
    tuning = np.arange(study.patients) % 5 == 0
    warm(device, precision)
    started = time.perf_counter()
    images = load_images(str(folder / "all.parquet"), cohort, standardise=True)
    watched = {"tuning": images.take(tuning)}
    tasks = [Task(f"head {seed}", images, watched, settings, seed) for seed in range(heads)]
    kind = choose_computing(device, "float32").device.type
    fitted = fit_heads(tasks, BREAKS, device=kind, threads=threads)
    named = {f"seed{number}.final": fit.head for number, fit in enumerate(fitted, start=1)}
    save_heads(named, str(folder / "model.safetensors"), {})
    return {"seconds": time.perf_counter() - started}


def testing(folder: Path, count: int, device: str, precision: str, threads: int) -> dict[str, Any]:
    """Return the seconds from patches to predicted survival."""
    from taceflow.dlopctr.dataset import load_images
    from taceflow.dlopctr.head.fitted_head import load_heads, patient_means
    from taceflow.survival.models.interpolation import interpolated_survival

    warm(device, precision)
    started = time.perf_counter()
    embedding(folder, count, device, precision, threads, output="test")
    cohort = pd.read_csv(folder / "patients.tsv", sep="\t", dtype={"patient_id": str})[:count]
    images = load_images(str(folder / "test.parquet"), cohort, standardise=True)
    for head in load_heads(str(folder / "model.safetensors"), intervals=len(BREAKS) - 1).values():
        curves = head.curves(images.vectors[0])
        interpolated_survival(patient_means(curves, images.owner, count), BREAKS, [HORIZON])
    return {"seconds": time.perf_counter() - started}


if __name__ == "__main__":
    main()
