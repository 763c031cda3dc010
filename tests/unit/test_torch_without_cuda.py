"""`make TORCH=cpu`: the lock without CUDA, PyTorch of the same version from its own index."""

import hashlib
import os
import re
import shutil
import subprocess
import sys
import zipfile
from importlib.metadata import requires

import pytest
from packaging.requirements import Requirement

PIN = re.compile(r"^(\S+)==(\S+)(?:.*\n)(?:    --hash.*\n)+", flags=re.M)


def make(folder, *words, **variables):
    """Return what make says of a new .venv in a folder that has Makefile and lock."""
    command = ["make", ".venv/.runtime", "TORCH=cpu", f"PYTHON={sys.executable}", *words]
    env = os.environ | {"PIP_CONFIG_FILE": os.devnull} | variables
    return subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=False)


@pytest.fixture
def folder(root, tmp_path):
    (tmp_path / "envs").mkdir()
    shutil.copy(root / "Makefile", tmp_path)
    return tmp_path


def test_every_other_pin_of_the_lock_is_kept_with_its_hashes(root, folder):
    lock = (root / "envs" / "runtime.lock").read_text()
    (folder / "envs" / "runtime.lock").write_text(lock)
    said = make(folder, "PIP_INSTALL=@echo").stdout
    kept = (folder / ".venv" / "cpu.lock").read_text()
    pins = {pin[1]: pin for pin in PIN.finditer(lock)}
    gone = {name for name, pin in pins.items() if pin[0] not in kept}
    assert kept == "".join(pin[0] for pin in PIN.finditer(lock) if pin[1] not in gone)
    asked = [Requirement(one) for one in requires("torch")]
    of_cuda = {one.name for one in asked if "platform_system" in str(one.marker)}
    assert {"torch", "torchvision", "triton", "nvidia-cublas"} | of_cuda <= gone
    assert [name for name in gone if not re.match("torch|triton|cuda-|nvidia-", name)] == []
    torch = [f"{name}=={pins[name][2]}" for name in ("torch", "torchvision")]
    assert re.search(rf"--index-url \S+/whl/cpu {re.escape(' '.join(torch))}$", said, flags=re.M)


def wheel(folder, name, version):
    """Write a wheel that holds nothing, and return its path and digest."""
    path = folder / f"{name}-{version}-py3-none-any.whl"
    about = f"{name}-{version}.dist-info"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(
            f"{about}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
        )
        archive.writestr(f"{about}/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
        archive.writestr(f"{about}/RECORD", "")
    return path, hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.mark.parametrize("sound", [True, False], ids=["as published", "another file"])
def test_a_folder_serves_as_the_index_and_a_digest_that_differs_is_refused(folder, sound):
    lock = ""
    for name, version in {"kept": "1.0", "torch": "2.15.0", "nvidia_cublas": "13.4"}.items():
        digest = wheel(folder, name, version)[1]
        lock += f"{name.replace('_', '-')}=={version} \\\n    --hash=sha256:{digest}\n"
    (folder / "envs" / "runtime.lock").write_text(lock)
    page = folder / "index" / "torch" / "index.html"
    page.parent.mkdir(parents=True)
    path, digest = wheel(page.parent, "torch", "2.15.0+cpu")
    page.write_text(f'<a href="{path.name}#sha256={digest if sound else "0" * 64}">torch</a>')
    nowhere = {"PIP_INDEX_URL": f"file://{folder}/no_network", "PIP_FIND_LINKS": str(folder)}
    done = make(folder, f"TORCH_INDEX=file://{folder}/index", **nowhere)
    installed = {path.stem for path in folder.glob(".venv/lib/*/site-packages/*.dist-info")}
    assert (done.returncode == 0) is sound, done.stderr
    assert ("torch-2.15.0+cpu" in installed) is sound
    assert "kept-1.0" in installed
    assert not any(one.startswith("nvidia") for one in installed)
