"""`--use-conda` with a real conda: every rule finds all it needs in the environment that it names.

Conda is the one on the path, or `$TACEFLOW_CONDA`; `conda_from_source.sh` makes one. Its channels
are folders that the tests make: conda-forge holds the Python that runs the tests, pip, and empty
packages in place of compilers, which are the machine's; Anaconda's holds a newer Python. What pip
brings comes from where it always does.
"""

import ensurepip
import hashlib
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

SHORT = f"python{sys.version_info.major}.{sys.version_info.minor}"
VERSION = ".".join(map(str, sys.version_info[:3]))
LEFT_OUT = {"site-packages", "dist-packages", "__pycache__", "test", "idlelib", "tkinter"}
STAGES = {"download", "imaging", "radiomics", "dlopctr", "survival", "binomial", "report"}
FETCH = ("-s", "workflow/public_cohorts.smk", "--configfile", "config/waw_tace/config.yaml")


@pytest.fixture(scope="session")
def conda():
    """The command."""
    found = os.environ.get("TACEFLOW_CONDA") or shutil.which("conda")
    if found is None:
        pytest.skip("no conda on the path, nor in TACEFLOW_CONDA: conda_from_source.sh makes one")
    return Path(found).absolute()


def write_package(channel, name, version, files=(), depends=()):
    """Write a package, and return its file's name with its entry in the channel's index."""
    entry = {"name": name, "version": version, "build": "0", "build_number": 0}
    entry |= {"depends": [*depends], "subdir": "linux-64"}
    files = dict(files)
    file = channel / "linux-64" / f"{name}-{version}-0.tar.bz2"
    file.parent.mkdir(parents=True, exist_ok=True)
    about = {"info/index.json": json.dumps(entry), "info/files": "\n".join(files)}
    with tarfile.open(file, "w:bz2", compresslevel=1) as archive:
        for place, text in about.items():
            member = tarfile.TarInfo(place)
            member.size = len(text)
            archive.addfile(member, io.BytesIO(text.encode()))
        for place, source in files.items():
            archive.add(source, place)
    content = file.read_bytes()
    digests = {method: hashlib.new(method, content).hexdigest() for method in ("md5", "sha256")}
    return file.name, entry | digests | {"size": len(content)}


def write_channel(channel, version, python=(), pip=()):
    """Write a channel of all that the environments ask of conda."""
    packages = [
        write_package(channel, "python", version, python),
        write_package(channel, "pip", "23", pip, ["python"]),
        *(write_package(channel, name, "1") for name in ("c-compiler", "cxx-compiler")),
    ]
    for system, found in (("linux-64", dict(packages)), ("noarch", {})):
        index = channel / system / "repodata.json"
        index.parent.mkdir(exist_ok=True)
        index.write_text(json.dumps({"info": {"subdir": system}, "packages": found}))


def running_python():
    """The files of this Python, by their place in an environment."""
    prefix = Path(sys.base_prefix)
    patterns = (f"bin/{SHORT}", "bin/python", f"include/{SHORT}/**/*", f"lib/{SHORT}/**/*")
    places = (file.relative_to(prefix) for one in patterns for file in prefix.glob(one))
    kept = (place for place in places if not LEFT_OUT & set(place.parts) and place.suffix != ".a")
    return {str(place): prefix / place for place in kept if (prefix / place).is_file()}


def bundled_pip(folder):
    """The files of the pip that comes with Python, by their place in an environment."""
    (wheel,) = (Path(ensurepip.__file__).parent / "_bundled").glob("pip-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    places = (file.relative_to(folder) for file in folder.rglob("*") if file.is_file())
    return {f"lib/{SHORT}/site-packages/{place}": folder / place for place in places}


def use(conda, folder, monkeypatch, priority):
    """Put conda on the path, with the channels in a folder and no others."""
    settings = folder / ".condarc"
    settings.write_text(
        f"""
channel_priority: {priority}
channels: [defaults]
custom_channels: {{conda-forge: "file://{folder}"}}
default_channels: ["file://{folder}/anaconda"]
pkgs_dirs: ["{folder}/packages"]
"""
    )
    monkeypatch.setenv("CONDARC", str(settings))
    monkeypatch.setenv("PATH", str(conda.parent), prepend=":")


def channel_of_python(environment):
    (record,) = (environment / "conda-meta").glob("python-*.json")
    return json.loads(record.read_text())["channel"].removesuffix("/linux-64").rpartition("/")[2]


@pytest.mark.parametrize("priority", ["strict", "flexible", "disabled"])
def test_the_channels_of_a_users_settings_bring_nothing(
    conda, root, tmp_path, monkeypatch, priority
):
    """Here packages are empty, and Anaconda's Python is the newer one."""
    write_channel(tmp_path / "conda-forge", VERSION)
    write_channel(tmp_path / "anaconda", f"{VERSION}9")
    use(conda, tmp_path, monkeypatch, priority)
    text = (root / "envs" / "radiomics.yaml").read_text()
    without_pip = text[: text.index("  - pip:")]
    for name, asked in (("ours", without_pip), ("bare", without_pip.replace("conda-forge::", ""))):
        file = tmp_path / f"{name}.yaml"
        file.write_text(asked)
        call = ["conda", "env", "create", "--quiet", "--file", file, "--prefix", tmp_path / name]
        subprocess.run(call, check=True, stdin=subprocess.DEVNULL)
    assert channel_of_python(tmp_path / "ours") == "conda-forge"
    bare = "anaconda" if priority == "disabled" else "conda-forge"
    assert channel_of_python(tmp_path / "bare") == bare


@pytest.fixture(scope="module")
def studied(conda, root, run_study, tmp_path_factory):
    """The tiny study in environments of its own, then once more with the other family.

    A user's own NumPy, of the very version and broken, lies where Python and pip look first.
    """
    folder = tmp_path_factory.mktemp("channels")
    write_channel(folder / "conda-forge", VERSION, running_python(), bundled_pip(folder / "pip"))
    write_channel(folder / "anaconda", f"{VERSION}9")
    own = folder / "own" / "lib" / SHORT / "site-packages"
    version = re.search(r"numpy==([\d.]+)", (root / "envs" / "imaging.yaml").read_text())[1]
    about = own / f"numpy-{version}.dist-info"
    about.mkdir(parents=True)
    (about / "METADATA").write_text(f"Name: numpy\nVersion: {version}\n")
    (own / "numpy.py").write_text("raise ImportError('of the user')\n")
    with pytest.MonkeyPatch.context() as patch:
        use(conda, folder, patch, "disabled")
        patch.setenv("PYTHONUSERBASE", str(folder / "own"))
        made = run_study("tiny", "--use-conda", "--configfile", "tiny.yaml")
        made.snakemake("--config", "radscore={family: binomial}")
        made.options = ()
        made.snakemake("--use-conda", "--conda-create-envs-only", *FETCH)
    return made


def environments(project):
    """The folder of each environment, by the name in its file."""
    return {
        re.search(r"^name: taceflow-(\w+)", file.read_text(), flags=re.M)[1]: file.with_suffix("")
        for file in (project.folder / ".snakemake" / "conda").glob("*.yaml")
    }


@pytest.mark.validation
@pytest.mark.timeout(7200)
def test_a_study_runs_in_its_environments(studied):
    assert (studied.results / "report.html").stat().st_size > 100_000
    used = environments(studied)
    assert set(used) == STAGES
    assert {channel_of_python(folder) for folder in used.values()} == {"conda-forge"}


@pytest.mark.validation
@pytest.mark.timeout(7200)
def test_no_script_borrows_from_snakemakes_own_environment(studied, scripts_by_stage):
    """`script:` puts Snakemake's packages on the path; here each script is loaded without them."""
    made = environments(studied)
    scripts = studied.folder / "workflow" / "scripts"
    load = "import runpy, sys; sys.path.append(sys.argv[1]); runpy.run_path(sys.argv[2])"
    loaded = 0
    for name, stage in scripts_by_stage:
        source, script = studied.folder / "src", scripts / f"{name}.py"
        done = subprocess.run(
            [made[stage] / "bin" / "python", "-I", "-c", load, source, script],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{name} in {stage}: {done.stderr[-500:]}"
        loaded += 1
    assert loaded > 30
