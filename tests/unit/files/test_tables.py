"""Tables: what is written is whole, what is read is checked."""

import numpy as np
import pandas as pd
import pytest

from taceflow.errors import OwnFaultError, TaceflowError
from taceflow.files.atomic import atomic_path
from taceflow.files.tables import read_json, read_table, write_json, write_table


def patients(**columns):
    base = {"patient_id": ["A1", "A2"], "time_months": [3.5, 12.0], "event": [1, 0]}
    return pd.DataFrame(base | columns)


def test_a_table_keeps_every_digit(tmp_path):
    values = np.random.default_rng(0).normal(size=2) * 1e-7
    table = patients(time_months=np.abs(values))
    write_table(table, tmp_path / "t.tsv", "patients")
    assert read_table(tmp_path / "t.tsv")["time_months"].tolist() == np.abs(values).tolist()


def test_a_number_is_written_as_short_as_it_reads_back(tmp_path):
    """By 17 digits each, 33.84 is 33.840000000000003; a whole number stays one without a point."""
    values = [33.84, 0.1, 5e-324, 1.7976931348623157e308, 60.0, 0.1 + 0.2, 1e-7 / 3]
    table = patients().reindex(range(len(values)), method="ffill")
    table["patient_id"] = [f"A{i}" for i in range(len(values))]
    table = table.assign(afp_ng_ml=values, age_years=60.0, albumin_g_l=np.float32(0.1))
    write_table(table, tmp_path / "t.tsv", "patients")
    text = pd.read_csv(tmp_path / "t.tsv", sep="\t", dtype=str)
    assert text["afp_ng_ml"].tolist()[:2] == ["33.84", "0.1"]
    assert text["afp_ng_ml"].tolist()[4:6] == ["60", "0.30000000000000004"]
    back = read_table(tmp_path / "t.tsv")
    assert back["afp_ng_ml"].tolist() == values
    assert back["age_years"].dtype.kind == "i"
    assert back["albumin_g_l"].tolist() == [float(np.float32(0.1))] * len(values)


def test_what_breaks_its_schema_when_we_write_it_is_our_fault(tmp_path):
    table = pd.DataFrame({"patient_id": ["A"], "original_firstorder_Mean": [1.5]})
    write_table(table, tmp_path / "f.parquet", "features")
    with pytest.raises(OwnFaultError, match="orignal_firstorder_Mean"):
        write_table(
            table.rename(columns={"original_firstorder_Mean": "orignal_firstorder_Mean"}),
            tmp_path / "g.parquet",
            "features",
        )
    with pytest.raises(OwnFaultError, match="not finite") as told:
        write_table(
            table.assign(original_firstorder_Mean=np.inf), tmp_path / "g.parquet", "features"
        )
    assert "a fault of taceflow, not of your data" in str(told.value)
    assert "schema.yaml" not in str(told.value)
    assert not isinstance(told.value, TaceflowError)  # nobody takes it for a patient to leave out
    with pytest.raises(OwnFaultError, match="not finite"):
        write_json({"hazard": np.inf}, tmp_path / "g.json")
    assert [path.name for path in tmp_path.iterdir()] == ["f.parquet"]


def test_an_interrupted_write_leaves_the_old_file(tmp_path):
    path = tmp_path / "kept.json"
    write_json({"old": 1}, path)

    def fail_half_way():
        with atomic_path(path) as temporary:
            temporary.write_text("half")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail_half_way()
    assert read_json(path) == {"old": 1}
    assert [file.name for file in tmp_path.iterdir()] == ["kept.json"]


def test_json_refuses_what_is_not_a_number(tmp_path):
    with pytest.raises(OwnFaultError, match="not finite"):
        write_json({"hazard_ratio": float("nan")}, tmp_path / "a.json")
