"""Features equal to those that PyRadiomics ships for its own five cases (rtol 1e-8)."""

import ast
import csv
import os
import subprocess
import sys
import tarfile
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import SimpleITK as sitk
import yaml
from radiomics.featureextractor import RadiomicsFeatureExtractor

from taceflow.radiomics.extract import extract_features
from taceflow.radiomics.panel import FEATURES, Panel, read_panel

PACKAGE = "pyradiomics-bhklab"
CASES = ("brain1", "brain2", "breast1", "lung1", "lung2")
VARIANTS = {
    "": FEATURES,
    "_2d": ("glcm", "glrlm", "glszm", "gldm", "ngtdm"),
    "_FBN": ("glcm", "glrlm", "glszm", "gldm", "ngtdm"),
    "_combined": ("glcm", "glrlm"),
    "_flatRegion": ("glcm", "glrlm", "glszm", "gldm", "ngtdm"),
    "_normalization": ("firstorder", "glcm", "glrlm", "glszm", "gldm", "ngtdm"),
    "_resampling": FEATURES,
    "_resegmentation": ("firstorder", "glcm", "glrlm", "glszm", "gldm", "ngtdm"),
}
"""The baselines' columns of each case, and the classes that have them."""
PREPARATION = {
    "normalize",
    "normalizeScale",
    "removeOutliers",
    "resampledPixelSpacing",
    "interpolator",
    "padDistance",
    "preCrop",
}
"""Done before our extractor: there PyRadiomics' own image operations make its input."""
WITHOUT_EFFECT = {"additionalInfo", "minimumROISize", "minimumROIDimensions"}
SETTINGS = "diagnostics_Configuration_Settings"
EXCEPTIONS = {
    ("brain1", f"original_shape_{feature}")
    for feature in ("MeshVolume", "SurfaceArea", "SurfaceVolumeRatio", "Sphericity")
}
"""The mesh of one mask in two pieces: 2018's PyRadiomics drew it otherwise than today's does."""


@pytest.fixture(scope="session")
def pyradiomics_data(root, request) -> Path:
    """The folder `data` of PyRadiomics' source archive: named, kept from earlier, or fetched."""
    folder = request.config.cache.mkdir("pyradiomics")
    found = list(folder.glob("*/data/baseline/baseline_glcm.csv"))
    if not found:
        named = os.environ.get("TACEFLOW_PYRADIOMICS_SDIST")
        archive = Path(named) if named else _fetch(root, folder)
        with tarfile.open(archive) as packed:
            wanted = [member for member in packed if "/data/" in member.name]
            packed.extractall(folder, members=wanted, filter="data")
        found = list(folder.glob("*/data/baseline/baseline_glcm.csv"))
    return found[0].parents[1]


def _fetch(root: Path, folder: Path) -> Path:
    """Download the archive that the lock file names, by its digest."""
    lock = (root / "envs" / "runtime.lock").read_text()
    pin = lock[lock.index(f"{PACKAGE}==") :].split("\n")[:2]
    (folder / "requirement.txt").write_text("\n".join(pin).rstrip(" \\") + "\n")
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--no-binary", PACKAGE]
    done = subprocess.run(
        [*command, "--require-hashes", "-r", "requirement.txt", "-d", "."],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "DO NOT MATCH THE HASHES" not in done.stderr, done.stderr
    if done.returncode:
        pytest.skip(
            f"{PACKAGE} could not be downloaded; name its source archive in "
            "TACEFLOW_PYRADIOMICS_SDIST"
        )
    (archive,) = folder.glob("*.tar.gz")
    return archive


@cache
def _baseline(folder: Path, feature_class: str) -> dict[str, dict[str, str]]:
    """Return the baseline of a class by its columns, each a value by feature or diagnostic."""
    with (folder / "baseline" / f"baseline_{feature_class}.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    names = [name for name in rows[0] if name != "featureName"]
    return {name: {row["featureName"]: row[name] for row in rows} for name in names}


@cache
def _case(folder: Path, case: str) -> tuple[sitk.Image, sitk.Image]:
    image = sitk.ReadImage(str(folder / f"{case}_image.nrrd"))
    return image, sitk.ReadImage(str(folder / f"{case}_label.nrrd"), sitk.sitkUInt32)


def _prepared(image: sitk.Image, mask: sitk.Image, setting: dict) -> tuple[sitk.Image, sitk.Image]:
    if setting["resampledPixelSpacing"] is None and not setting["normalize"]:
        return image, mask
    return RadiomicsFeatureExtractor(**setting).loadImage(image, mask, None, **setting)


def _panel(path: Path, setting: dict, classes: list[str]) -> Panel:
    kept = {
        key: value
        for key, value in setting.items()
        if key not in PREPARATION | WITHOUT_EFFECT and value is not None
    }
    content = {"setting": kept, "imageType": {"Original": {}}}
    path.write_text(yaml.safe_dump(content | {"featureClass": dict.fromkeys(classes)}))
    return read_panel(path)


def test_every_column_of_the_baselines_is_compared(pyradiomics_data):
    for feature_class in FEATURES:
        expected = {
            f"{case}{variant}"
            for case in CASES
            for variant, classes in VARIANTS.items()
            if feature_class in classes
        }
        assert set(_baseline(pyradiomics_data, feature_class)) == expected


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("case", CASES)
def test_features_equal_the_baseline(pyradiomics_data, tmp_path, case, variant):
    image, mask = _case(pyradiomics_data, case)
    columns = {
        name: _baseline(pyradiomics_data, name)[case + variant] for name in VARIANTS[variant]
    }
    for configuration in sorted({column[SETTINGS] for column in columns.values()}):
        classes = [name for name, column in columns.items() if column[SETTINGS] == configuration]
        setting = ast.literal_eval(configuration)
        panel = _panel(tmp_path / "panel.yaml", setting, classes)
        ct, region = _prepared(image, mask, setting)
        found = pd.Series(extract_features(ct, {"mask": region}, panel)["mask"])
        for name in classes:
            column = columns[name]
            assert sitk.Hash(image) == column["diagnostics_Image-original_Hash"]
            features = [one for one in column if one.startswith("original_")]
            assert features
            assert set(features) == {one for one in found.index if f"_{name}_" in one}
            compared = [one for one in features if (case + variant, one) not in EXCEPTIONS]
            expected = [float(column[one]) for one in compared]
            np.testing.assert_allclose(
                found[compared], expected, rtol=1e-8, atol=1e-12, err_msg=name
            )


def test_the_exceptions_are_pyradiomics_own(pyradiomics_data, tmp_path):
    image, mask = _case(pyradiomics_data, "brain1")
    column = _baseline(pyradiomics_data, "shape")["brain1"]
    setting = ast.literal_eval(column[SETTINGS])
    found = pd.Series(
        extract_features(
            image, {"mask": mask}, _panel(tmp_path / "panel.yaml", setting, ["shape"])
        )["mask"]
    )
    extractor = RadiomicsFeatureExtractor(**setting)
    extractor.disableAllFeatures()
    extractor.enableFeatureClassByName("shape")
    whole = extractor.execute(image, mask)
    assert {case for case, _ in EXCEPTIONS} == {"brain1"}
    for _, name in EXCEPTIONS:
        assert found[name] == pytest.approx(float(whole[name]), rel=1e-12)
        difference = abs(found[name] / float(column[name]) - 1)
        assert 1e-4 < difference < 1e-3, name
