"""Volumes in files, and how the import reads them."""

import numpy as np
import pytest
import SimpleITK as sitk
import yaml

from taceflow.imaging.dicom.phase import PhaseRules
from taceflow.imaging.scan import load_scan


@pytest.fixture
def rules(root):
    imaging = yaml.safe_load((root / "config" / "config.yaml").read_text())["imaging"]
    return PhaseRules(**{name: imaging[name] for name in PhaseRules.__dataclass_fields__})


@pytest.fixture
def load(rules):
    def call(path):
        return load_whole(path).image

    def load_whole(path):
        return load_scan(str(path), None, rules, series_uid="", gantry_tilt="refuse", patient="P")

    call.whole = load_whole
    return call


@pytest.fixture
def volume():
    random = np.random.default_rng(3)
    image = sitk.GetImageFromArray(random.integers(-1000, 1500, (9, 12, 15)).astype(np.int16))
    image.SetSpacing((0.7, 0.8, 5.0))
    image.SetOrigin((-120.5, 30.25, 611.0))
    return image


@pytest.fixture
def written():
    def written(image, path):
        sitk.WriteImage(image, str(path), useCompression=str(path).endswith(".gz"))
        return path

    return written
