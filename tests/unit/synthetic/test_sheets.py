"""The tables on disk are those of the plan."""

import pandas as pd

from taceflow.files.tables import read_table
from taceflow.synthetic.plan import plan_cohort, write_tables


def test_tables_read_back(synthetic_settings, tmp_path):
    paths = {name: tmp_path / f"{name}.tsv" for name in ("patients", "scans", "segmentations")}
    write_tables(synthetic_settings, "root", **{k: str(v) for k, v in paths.items()})
    plan = plan_cohort(synthetic_settings, "root")
    for name, path in paths.items():
        table = read_table(path, name)
        wanted = getattr(plan, name)
        assert table.columns.tolist() == wanted.columns.tolist()
        assert len(table) == len(wanted)
        assert table["patient_id"].tolist() == wanted["patient_id"].tolist()
    read = read_table(paths["patients"])
    pd.testing.assert_series_equal(read["time_months"], plan.patients["time_months"])
    assert read["event"].isna().sum() == 1
