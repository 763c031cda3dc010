"""Where the network is computed, and in which precision."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import torch

from taceflow.errors import ConfigurationError

_TYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16}

CPU_THREADS = 2
"""Threads that the convolutions of one job compute with, however many the job was given: how a
float32 sum is split over threads changes its last digits, and ``--cores`` must change no table."""

_BATCH_IMAGES = {"cpu": 8, "cuda": 128}
"""Images computed at once: where a larger batch no longer makes an image cheaper."""


@dataclass(frozen=True)
class Computing:
    """A device and a precision.

    Parameters
    ----------
    device : torch.device
    dtype : torch.dtype
        Of the convolutions' weights and of what passes through them.
    """

    device: torch.device
    dtype: torch.dtype

    @property
    def batch_images(self) -> int:
        """Images computed at once."""
        return _BATCH_IMAGES[self.device.type]

    @property
    def on_gpu(self) -> bool:
        """Whether the device is a GPU."""
        return self.device.type == "cuda"


def choose_computing(device: str, precision: str) -> Computing:
    """Find the device that the configuration asks for, and fix how a CPU computes.

    The number of threads holds in the thread that calls this, as PyTorch's does: whoever computes
    in other threads says it there again.

    Parameters
    ----------
    device : str
        ``auto`` (a CUDA GPU when there is one), ``cpu`` or ``cuda``.
    precision : str
        ``float32`` or ``bfloat16``.

    Raises
    ------
    ConfigurationError
        If a GPU is asked for and there is none, or it cannot compute in bfloat16.
    """
    there = torch.cuda.is_available()
    if device == "cuda" and not there:
        built = f"for CUDA {torch.version.cuda}" if torch.version.cuda else "without CUDA"
        raise ConfigurationError(
            f"dlopctr.device is 'cuda', but PyTorch {torch.__version__} (built {built}) finds no "
            "GPU here: say 'auto' or 'cpu', run the job where nvidia-smi lists a GPU (on a "
            "cluster, ask for one: docs/cluster.md), or install a PyTorch built for its driver"
        )
    chosen = torch.device("cuda" if there and device != "cpu" else "cpu")
    # older GPUs emulate bfloat16, many times slower than float32
    if (
        chosen.type == "cuda"
        and precision == "bfloat16"
        and not torch.cuda.is_bf16_supported(including_emulation=False)
    ):
        raise ConfigurationError(
            f"dlopctr.precision is 'bfloat16', which {torch.cuda.get_device_name()} cannot "
            "compute: say 'float32'"
        )
    # TF32 would make the numbers of a GPU differ from those of a CPU in the third digit
    torch.backends.cudnn.allow_tf32 = False
    torch.backends.cuda.matmul.allow_tf32 = False
    torch.backends.cudnn.deterministic = True
    torch.backends.cudnn.benchmark = False
    torch.set_num_threads(CPU_THREADS if chosen.type == "cpu" else 1)
    return Computing(chosen, _TYPES[precision])


@contextmanager
def enough_gpu_memory() -> Iterator[None]:
    """Turn a GPU's lack of memory into an error that says what to do; also a decorator.

    Raises
    ------
    ConfigurationError
        If the GPU has no memory left.
    """
    try:
        yield
    except torch.OutOfMemoryError as error:
        first = str(error).splitlines()[0]
        raise ConfigurationError(
            f"the GPU has too little memory left ({first}): see in nvidia-smi who else uses it, "
            "let one job at a time have it (dlopctr.device: cuda with --resources gpu=1), or say "
            "dlopctr.device: cpu. What was computed so far is kept"
        ) from error
