"""What the kept part of a volume gives is what the whole volume gives, to the last bit."""

from dataclasses import replace

import pytest
import yaml

from taceflow.errors import InputError
from taceflow.files.volumes.stored import write_volume
from taceflow.imaging.crop import Crop, Reach
from taceflow.imaging.resample import resample_patient
from taceflow.radiomics.extract import Extraction, extract_patient
from taceflow.radiomics.margins import filter_reach, study_reach
from taceflow.radiomics.panel import read_panel
from taceflow.radiomics.patient_table import read_patient_table
from taceflow.radiomics.perturbation.masks import Movement
from taceflow.radiomics.perturbation.patient import perturb_patient

MOVED = {"contour_mm": 1.0, "translation_mm": 0.5, "volume_fraction": 0.15}


@pytest.fixture(scope="module")
def config(root):
    """The defaults, with perturbations."""
    config = yaml.safe_load((root / "config" / "config.yaml").read_text())
    config["radiomics"]["perturbations"]["patients"] = 1
    return config


@pytest.fixture(scope="module")
def fine(root, tmp_path_factory):
    """All images of the default panel, of the Laplacians the finest: 14 voxels of margin."""
    content = yaml.safe_load((root / "config" / "radiomics.yaml").read_text())
    content["imageType"]["LoG"]["sigma"] = [1.0]
    content["textureImages"] = ["original", "log-sigma-1-0-mm-3D", "wavelet-HLL"]
    path = tmp_path_factory.mktemp("panel") / "panel.yaml"
    path.write_text(yaml.safe_dump(content))
    return path


@pytest.fixture(scope="module")
def how(fine):
    return Extraction(panel=str(fine), tumors="union", minimum_roi_voxels=64, scale="volume")


@pytest.fixture
def resampled(volume, tmp_path, config, fine):
    """Resample masks on the volume, which is at 1 mm, whole or in part; return the two folders."""

    def resampled(masks):
        write_volume(volume, tmp_path / "volumes" / "ct.nii.gz")
        for name, mask in masks.items():
            write_volume(mask, tmp_path / "volumes" / f"mask_{name}.nii.gz")
        part = Reach(**study_reach(config, read_panel(fine)))
        for reach in (part, None):
            resample_patient(
                volumes=str(tmp_path / "volumes"),
                resampled=str(tmp_path / ("part" if reach else "whole")),
                spacing_mm=[1.0, 1.0, 1.0],
                mask_interpolation="nearest",
                reach=reach,
            )
        return tmp_path / "part", tmp_path / "whole"

    return resampled


def features(folder, how, perturbed=False):
    table = folder / "features.tsv.gz"
    made = {"patient": "P1", "resampled": str(folder), "how": how, "features": str(table)}
    if perturbed:
        movement = Movement(**MOVED, correlation_mm=5.0)
        perturb_patient(**made, movement=movement, seed=6, count=3)
    else:
        extract_patient(**made)
    return read_patient_table(table)


@pytest.mark.parametrize("perturbed", [False, True])
@pytest.mark.parametrize(
    ("centre", "radius"), [((31, 36, 40), 7), ((3, 36, 40), 6), ((30, 66, 77), 6)]
)
def test_features_are_those_of_the_whole_volume(
    volume, ball, resampled, how, centre, radius, perturbed
):
    """Inside, and at one border and two, where wavelets go round."""
    part, whole = resampled({"reader1-1": ball(volume, centre, radius)})
    assert Crop.read(part).size < Crop.read(whole).size
    found, expected = (features(folder, how, perturbed) for folder in (part, whole))
    assert found == expected


def test_so_are_those_of_two_tumours_and_two_readings(volume, ball, resampled, how):
    near, far = ball(volume, (20, 20, 20), 5), ball(volume, (31, 40, 52), 5)
    part, whole = resampled({"reader1-1": near | far, "reader2-1": far})
    assert Crop.read(part).size < Crop.read(whole).size
    each = replace(how, tumors="each")
    found, expected = (features(folder, each) for folder in (part, whole))
    assert found == expected


def test_a_panel_that_looks_further_than_was_kept_is_refused(
    volume, ball, resampled, how, root, config
):
    part, _ = resampled({"reader1-1": ball(volume, (31, 36, 40), 7)})
    wider = replace(how, panel=str(root / "config" / "radiomics.yaml"))
    with pytest.raises(InputError, match=r"patient P1.*cut closer .* Delete the folder resampled/"):
        features(part, wider)


def test_the_margin_is_that_of_the_widest_filter(root, config, fine):
    panel = read_panel(root / "config" / "radiomics.yaml")
    assert filter_reach(panel) == Reach(mm=14 * 4.0, voxels=4, goes_round=4)
    plain = replace(panel, images=("original", "gradient"), sigmas_mm=())
    assert filter_reach(plain) == Reach(mm=0.0, voxels=1, goes_round=0)
    reach = study_reach(config, read_panel(fine))
    assert reach == {
        "mm": 14.0,
        "voxels": 4,
        "goes_round": 4,
        "moved_mm": 4.5,
        "moved_share": 0.075,
    }
    unmoved = config["radiomics"] | {"perturbations": {"patients": None}}
    wide = config | {"radiomics": unmoved, "patch": {"margin_mm": 20.0}}
    assert study_reach(wide, read_panel(fine)) == reach | {
        "mm": 20.0,
        "moved_mm": None,
        "moved_share": 0.0,
    }
    whole = config | {"imaging": config["imaging"] | {"whole_volume": True}}
    assert study_reach(whole, panel) is None
