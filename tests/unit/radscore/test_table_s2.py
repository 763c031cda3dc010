"""Table S2: the Radscore's features under R's names."""

import json

import pandas as pd

from taceflow.radiomics.names import pyradiomics_name, r_name
from taceflow.radscore.published import COEFFICIENTS
from taceflow.radscore.table_s2 import write_table_s2


def test_table_s2(tmp_path):
    model = {"intercept": 0.5, "coefficients": {"log-sigma-2-0-mm-3D_ngtdm_Contrast": -3.0}}
    (tmp_path / "model.json").write_text(json.dumps(model))
    write_table_s2(
        model=str(tmp_path / "model.json"), frequency=None, table=str(tmp_path / "s2.tsv")
    )
    assert (tmp_path / "s2.tsv").read_text().splitlines()[1:] == [
        "(Intercept)\t(Intercept)\t0.5\t\t\t",
        "log-sigma-2-0-mm-3D_ngtdm_Contrast\tlog.sigma.2.0.mm.3D_ngtdm_Contrast\t-3\t\t\t",
    ]
    (tmp_path / "model.json").write_text(json.dumps({"intercept": None, "coefficients": {}}))
    write_table_s2(
        model=str(tmp_path / "model.json"), frequency=None, table=str(tmp_path / "s2.tsv")
    )
    assert len((tmp_path / "s2.tsv").read_text().splitlines()) == 1


def test_names_of_table_s2_go_to_r_and_back():
    for name in COEFFICIENTS:
        assert pyradiomics_name(r_name(name)) == name
    assert r_name("log-sigma-4-0-mm-3D_glszm_SmallAreaEmphasis") == (
        "log.sigma.4.0.mm.3D_glszm_SmallAreaEmphasis"
    )


FREQUENCY = pd.DataFrame(
    {
        "feature": [f"F{k:02d}" for k in range(20)],
        "resamples": 50,
        "selected": [50 - 2 * k for k in range(20)],
        "frequency": [1 - 2 * k / 50 for k in range(20)],
        "positive": 0,
        "sign_flips": [0, 4, *[0] * 18],
    }
)


def test_table_s2_has_the_frequency_of_each_feature(tmp_path):
    model = {"intercept": 0.2, "coefficients": {"F01": 0.5}}
    (tmp_path / "model.json").write_text(json.dumps(model))
    FREQUENCY.to_csv(tmp_path / "frequency.tsv", sep="\t", index=False)
    paths = {"model": str(tmp_path / "model.json"), "table": str(tmp_path / "table.tsv")}
    write_table_s2(frequency=str(tmp_path / "frequency.tsv"), **paths)
    table = pd.read_csv(paths["table"], sep="\t").set_index("feature")
    assert table.loc["F01", ["frequency", "resamples", "sign_flips"]].tolist() == [0.96, 50, 4]
    assert table.loc["(Intercept)", ["frequency", "resamples"]].isna().all()
    write_table_s2(frequency=None, **paths)
    assert pd.read_csv(paths["table"], sep="\t")["frequency"].isna().all()
