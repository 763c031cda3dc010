"""The counting that Python cannot do: `compiled.c`, compiled where it is first needed.

With the C compiler that PyRadiomics needed too, in a fifth of a second, into the environment's own
folder or the user's cache. Where neither can be written, or no compiler is there any more,
PyRadiomics' own C counts instead: slower, the same numbers.
"""

import ctypes
import hashlib
import logging
import os
import platform
import shlex
import shutil
import subprocess
import sys
import tempfile
from contextlib import suppress
from functools import cache
from pathlib import Path

import numpy as np

_LOG = logging.getLogger(__name__)

SOURCE = Path(__file__).with_suffix(".c")

OPTIONS = ("-std=c99", "-O2", "-shared", "-fPIC", "-ffp-contract=off")
"""Nothing of one processor's own, since a cluster's nodes share the file; and no product and sum in
one rounding, which would change last digits."""


@cache
def library() -> ctypes.CDLL | None:
    """Return the functions of `compiled.c`, None where they cannot be had."""
    problems = []
    for folder in _folders():
        try:
            return _loaded(folder)
        except (OSError, subprocess.SubprocessError) as error:
            problems.append(f"{folder}: {error}")
    _LOG.warning(
        "textures are counted by PyRadiomics' own code, which is slower and gives the same "
        "numbers, since compiled.c could not be compiled (%s)",
        "; ".join(problems),
    )
    return None


def addresses(*arrays: np.ndarray) -> list[ctypes.c_void_p]:
    """Return where the values of arrays are, each in one piece and kept by the caller."""
    assert all(array.flags.c_contiguous for array in arrays)
    return [ctypes.c_void_p(array.ctypes.data) for array in arrays]


def _folders() -> list[Path]:
    """Return where a compiled file may lie, the best first: nobody else writes there."""
    folders = [Path(sys.prefix, "share", "taceflow")]
    # a container's user may have no home
    with suppress(RuntimeError):
        cache_home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
        folders.append(Path(cache_home, "taceflow"))
    return folders


def _loaded(folder: Path) -> ctypes.CDLL:
    """Return the functions from a file in a folder, compiled if it is not there.

    Raises
    ------
    OSError, subprocess.SubprocessError
        If that cannot be done.
    """
    text = SOURCE.read_bytes() + repr((OPTIONS, sys.platform, platform.machine())).encode()
    path = folder / f"compiled-{hashlib.sha256(text).hexdigest()[:16]}.so"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        # under a name of its own, since other jobs may be at it too
        with tempfile.TemporaryDirectory(dir=folder, prefix=".compiling-") as scratch:
            made = Path(scratch, path.name)
            command = [*_compiler(), *OPTIONS, "-o", str(made), str(SOURCE), "-lm"]
            subprocess.run(command, check=True, capture_output=True, timeout=60)
            made.replace(path)
    found = ctypes.CDLL(str(path))
    found.search_pairs.restype = ctypes.c_double
    return found


def _compiler() -> list[str]:
    """Return the C compiler: the environment's if it is there, or the machine's.

    Raises
    ------
    OSError
        If there is none.
    """
    for command in (os.environ.get("CC", ""), "cc", "gcc", "clang"):
        words = shlex.split(command)
        if words and shutil.which(words[0]):
            return words
    raise OSError("no C compiler")
