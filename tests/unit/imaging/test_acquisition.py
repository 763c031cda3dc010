"""How a scan was made, beside the protocol of the study's Appendix E1."""

import pydicom
import pytest
import SimpleITK as sitk

from taceflow.imaging.acquisition import describe_series, describe_volume
from taceflow.imaging.dicom.series import Series
from taceflow.imaging.dicom.slices import Slice


@pytest.fixture
def image():
    """512 x 512 x 4 voxels of 0.75 x 0.75 x 5 mm: a field of view of 384 mm."""
    made = sitk.Image((512, 512, 4), sitk.sitkInt16)
    made.SetSpacing((0.75, 0.75, 5.0))
    return made


@pytest.fixture
def described(image):
    def described(**header):
        facts = pydicom.Dataset()
        for keyword, value in header.items():
            setattr(facts, keyword, value)
        series = Series("1.2", 1, "", "", (Slice("file", None, facts),), ())
        return describe_series(series, image)

    return described


def test_a_volume_tells_its_grid_alone(image):
    assert describe_volume(image) == {
        **{"orientation": "axial", "slice_spacing_mm": 5.0, "pixel_spacing_mm": 0.75},
        **{"rows": 512, "columns": 512, "slices": 4, "field_of_view_mm": 384.0},
    }


def test_what_the_protocol_has_otherwise_is_said_with_its_range(described):
    facts = described(KVP=100, XRayTubeCurrent=250, SliceThickness=2.5, ReconstructionDiameter=510)
    assert facts["deviations"] == (
        "tube_voltage_kv 100 instead of 120; slice_thickness_mm 2.5 instead of 5; "
        "field_of_view_mm 510 instead of 300-500"
    )


def test_as_the_protocol_has_it_there_is_no_deviation(described):
    facts = described(KVP=120, XRayTubeCurrent=250, SliceThickness=5, ReconstructionDiameter=400)
    assert "deviations" not in facts
    assert facts["field_of_view_mm"] == 400


@pytest.mark.parametrize("value", [None, 0, -1])
def test_a_value_that_none_can_have_is_unknown(described, value):
    """Anonymisers write 0; the field of view follows from the pixels then."""
    facts = described(KVP=value, ReconstructionDiameter=value, Modality="CT")
    assert "tube_voltage_kv" not in facts
    assert facts["field_of_view_mm"] == 384.0
    assert facts["modality"] == "CT"
