"""A CT with tumours, and what PyRadiomics makes of it."""

import numpy as np
import pytest
import SimpleITK as sitk
import yaml
from radiomics.featureextractor import RadiomicsFeatureExtractor

from taceflow.imaging.crop import Crop
from taceflow.radiomics.extract import (
    Extraction,
)
from taceflow.radiomics.panel import SIMPLE_IMAGES, read_panel


@pytest.fixture(scope="module")
def volume():
    random = np.random.default_rng(5)
    values = sitk.GetImageFromArray(random.normal(0, 200, (60, 71, 80)))
    smooth = sitk.Cast(sitk.SmoothingRecursiveGaussian(values, 1.5) * 4 + 40, sitk.sitkInt16)
    smooth[0, 0, 0] = 3071  # a bright voxel far from the tumour sets the scale of four images
    return smooth


@pytest.fixture(scope="session")
def ball():
    def ball(volume, centre, radius):
        z, y, x = np.indices(volume.GetSize()[::-1])
        inside = sum((a - c) ** 2 for a, c in zip((z, y, x), centre, strict=True)) < radius**2
        mask = sitk.GetImageFromArray(inside.astype(np.uint8))
        mask.CopyInformation(volume)
        return mask

    return ball


@pytest.fixture(scope="module")
def masks(volume, ball):
    return {
        "reader1-1": ball(volume, (31, 36, 40), 9.0),
        "reader2-1": ball(volume, (32, 35, 41), 8.0),
    }


@pytest.fixture(scope="module")
def panel(root):
    return read_panel(root / "config" / "radiomics.yaml")


@pytest.fixture(scope="module")
def every_image(root, tmp_path_factory):
    """All textures on all images of the default panel: 14 + 18 x 93 features."""
    content = yaml.safe_load((root / "config" / "radiomics.yaml").read_text())
    del content["textureImages"]
    path = tmp_path_factory.mktemp("panel") / "panel.yaml"
    path.write_text(yaml.safe_dump(content))
    return read_panel(path)


@pytest.fixture(scope="session")
def pyradiomics():
    def pyradiomics(volume, mask, panel):
        """Return PyRadiomics' own values, computed on the whole volume."""
        extractor = RadiomicsFeatureExtractor(**panel.setting)
        extractor.disableAllImageTypes()
        for kind in ("Original", "Wavelet", *SIMPLE_IMAGES):
            extractor.enableImageTypeByName(kind)
        extractor.enableImageTypeByName("LoG", customArgs={"sigma": list(panel.sigmas_mm)})
        extractor.enableAllFeatures()
        whole = extractor.execute(volume, mask)
        return np.array([float(whole[column]) for column in panel.columns])

    return pyradiomics


@pytest.fixture(scope="session")
def assert_equal():
    def assert_equal(found, expected, panel, summed=("original_shape",)):
        """Assert identity; sums in another order to 1e-12, Laplacian of Gaussian to 1e-6."""
        columns = panel.columns
        mesh = np.array([column.startswith(summed) for column in columns])
        laplacian = np.array([column.startswith("log-sigma") for column in columns])
        exact = ~(mesh | laplacian)
        np.testing.assert_array_equal(found[exact], expected[exact])
        np.testing.assert_allclose(found[mesh], expected[mesh], rtol=1e-12)
        np.testing.assert_allclose(found[laplacian], expected[laplacian], rtol=1e-6)

    return assert_equal


@pytest.fixture(scope="session")
def write_patient():
    def write_patient(folder, volume, masks):
        sitk.WriteImage(volume, str(folder / "ct.nii.gz"))
        for name, mask in masks.items():
            sitk.WriteImage(mask, str(folder / f"mask_{name}.nii.gz"))
        Crop.whole(sitk.GetArrayViewFromImage(volume)).write(folder)
        return folder

    return write_patient


@pytest.fixture(scope="session")
def arguments():
    def arguments(root, folder):
        return {
            "patient": "P1",
            "resampled": str(folder),
            "how": Extraction(
                panel=str(root / "config" / "radiomics.yaml"),
                tumors="union",
                minimum_roi_voxels=64,
                scale="volume",
            ),
            "features": str(folder / "features.tsv.gz"),
        }

    return arguments
