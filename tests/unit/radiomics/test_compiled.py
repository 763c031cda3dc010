"""C that is compiled where it is needed, and what happens where it cannot be."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk

from taceflow.code_digest import code_digest
from taceflow.radiomics import compiled, feature_classes, shape
from taceflow.radiomics.feature_classes import RegionImage


@pytest.fixture
def folders(tmp_path, monkeypatch):
    """The environment's own folder, and the user's cache, without a compiled file."""
    made = [tmp_path / "environment", tmp_path / "cache"]
    monkeypatch.setattr(compiled, "_folders", lambda: made)
    return made


def load():
    return compiled.library.__wrapped__()


def test_here_it_is_compiled():
    assert compiled.library() is not None


def test_the_environment_comes_first_and_nothing_else_is_left(folders):
    assert load() is not None
    (made,) = folders[0].iterdir()
    assert made.suffix == ".so"
    assert not folders[1].exists()
    stamp = made.stat().st_mtime_ns
    assert load() is not None
    assert made.stat().st_mtime_ns == stamp  # not compiled again


def test_an_environment_that_can_only_be_read_leaves_the_users_cache(folders):
    folders[0].write_text("no folder can be made here")
    assert load() is not None
    assert len(list(folders[1].iterdir())) == 1


@pytest.mark.parametrize("compiler", ["false", "true"])
def test_without_a_compiler_it_is_said_and_pyradiomics_counts(
    folders, monkeypatch, caplog, compiler
):
    monkeypatch.setenv("CC", compiler)
    assert load() is None
    assert "textures are counted by PyRadiomics' own code" in caplog.text
    assert not list(folders[0].glob("*"))


def test_a_user_without_a_home_has_no_cache(monkeypatch):
    def nobody():
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setattr(Path, "home", nobody)
    assert compiled._folders() == [Path(sys.prefix, "share", "taceflow")]


def test_no_compiler_on_the_path(folders, monkeypatch, caplog, tmp_path):
    monkeypatch.delenv("CC", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert load() is None
    assert "no C compiler" in caplog.text


def test_a_file_that_is_no_library_is_not_taken_for_one(folders, tmp_path):
    compiled._loaded(tmp_path / "elsewhere")
    (made,) = (tmp_path / "elsewhere").iterdir()
    folders[0].mkdir()
    (folders[0] / made.name).write_bytes(b"half a file")
    assert load() is not None
    assert [file.name for file in folders[1].iterdir()] == [made.name]


@pytest.mark.parametrize(
    "named", ["cc -pthread", "/of/an/environment/that/moved/cc", "nocache gcc"]
)
def test_the_environments_compiler_is_taken_if_it_is_there(folders, monkeypatch, named):
    monkeypatch.setenv("CC", named)
    assert (compiled._compiler() == named.split()) == named.startswith("cc ")
    assert load() is not None


def test_jobs_that_compile_at_once_do_not_meet(tmp_path):
    code = "from taceflow.radiomics.compiled import _loaded; import sys, pathlib\n"
    code += "assert _loaded(pathlib.Path(sys.argv[1])).search_pairs"
    source = Path(compiled.__file__).parents[2]
    jobs = [
        subprocess.Popen(
            [sys.executable, "-c", code, str(tmp_path / "shared")],
            env=os.environ | {"PYTHONPATH": str(source)},
        )
        for _ in range(4)
    ]
    assert [job.wait() for job in jobs] == [0] * 4
    assert len(list((tmp_path / "shared").iterdir())) == 1


def test_pyradiomics_counts_give_the_same_features(monkeypatch):
    random = np.random.default_rng(3)
    image = sitk.GetImageFromArray(random.normal(60, 90, (12, 13, 14)))
    mask = sitk.GetImageFromArray((random.random((12, 13, 14)) < 0.7).astype(np.uint8))

    def all_features():
        region = RegionImage(image, mask, {"binWidth": 25})
        found = {}
        for name in ("glcm", "glrlm", "glszm", "gldm", "ngtdm"):
            found |= {f"{name}_{one}": value for one, value in region.features(name, ()).items()}
        return found

    ours = all_features()
    assert len(ours) == 75
    monkeypatch.setattr(feature_classes, "library", lambda: None)
    assert all_features() == ours  # to the last bit


def test_diameters_are_the_same_without_c(monkeypatch):
    random = np.random.default_rng(5)
    clouds = [random.normal(0, 30, (count, 3)) for count in (1, 2, 40, 3000)]
    ours = [shape.largest_distance(cloud) for cloud in clouds]
    monkeypatch.setattr(shape, "library", lambda: None)
    assert [shape.largest_distance(cloud) for cloud in clouds] == ours


def test_an_edit_of_the_c_code_is_an_edit_of_the_step(tmp_path):
    package = Path(compiled.__file__).parents[1]
    copy = tmp_path / "taceflow"
    for file in [*package.rglob("*.py"), *package.rglob("*.c")]:
        target = copy / file.relative_to(package)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(file.read_bytes())
    scripts = ("radiomics/extract_features", "radiomics/perturb_patient", "imaging/resample")
    for name in scripts:
        target = copy / "workflow" / "scripts" / f"{name}.py"
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes((package / "workflow" / "scripts" / f"{name}.py").read_bytes())
    before = [code_digest(name, tmp_path) for name in scripts]
    source = copy / "radiomics" / "compiled.c"
    source.write_text(source.read_text() + "\n")
    after = [code_digest(name, tmp_path) for name in scripts]
    assert [one == other for one, other in zip(before, after, strict=True)] == [False, False, True]
