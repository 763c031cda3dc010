"""PyRadiomics' names of features, and R's."""

import pytest

from taceflow.radiomics.names import pyradiomics_name, r_name
from taceflow.radiomics.panel import read_panel

PANELS = {"radiomics.yaml": (713, 18, 5), "radiomics_full.yaml": (1223, 13, 13)}
"""By file: features a region, images, images with textures."""


@pytest.mark.parametrize("file", PANELS)
def test_names_in_rs_form_lead_back(root, file):
    columns = read_panel(root / "config" / file).columns
    in_r = [r_name(column) for column in columns]
    assert "log.sigma.2.0.mm.3D_ngtdm_Contrast" in in_r
    assert len(set(in_r)) == len(columns)
    assert [pyradiomics_name(name) for name in in_r] == columns
