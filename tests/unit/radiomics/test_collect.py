"""One table a reading."""

import pytest

from taceflow.errors import InputError
from taceflow.files.tables import read_table
from taceflow.radiomics.collect import collect_features
from taceflow.radiomics.extract import extract_features, extract_patient
from taceflow.radiomics.panel import read_panel
from taceflow.radiomics.patient_table import read_patient_table, write_patient_table


def test_gathering_asserts_the_columns_and_the_reading(
    volume, masks, root, tmp_path, arguments, write_patient
):
    patient = write_patient(tmp_path, volume, masks)
    extract_patient(**arguments(root, patient))
    whole = read_patient_table(tmp_path / "features.tsv.gz")
    panel, given = str(root / "config" / "radiomics.yaml"), str(tmp_path / "P1.tsv.gz")

    def gather(rows, reading="reader2-1"):
        write_patient_table(rows, given)
        out = str(tmp_path / "a.parquet")
        collect_features(tables=[given], panel=panel, reading=reading, features=out)

    gather(whole)
    gathered = read_table(tmp_path / "a.parquet", "features")
    recipe = read_panel(panel)
    assert list(gathered) == ["patient_id", "diagnostics_Versions_PyRadiomics", *recipe.columns]
    measured = extract_features(volume, masks, recipe)["reader2-1"]
    assert gathered[recipe.columns].iloc[0].to_dict() == measured  # to the last bit
    assert {kind.name for kind in gathered[recipe.columns].dtypes} == {"float64"}
    (tmp_path / "a.parquet").unlink()
    name = "log-sigma-2-0-mm-3D_ngtdm_Contrast"
    with pytest.raises(InputError, match=f"P1: 712 features instead of the panel's 713.*{name}"):
        gather([{key: cell for key, cell in row.items() if key != name} for row in whole])
    with pytest.raises(InputError, match=f"P1: 1 feature is not finite.*{name}"):
        gather([row | {name: ""} for row in whole])
    with pytest.raises(InputError, match=r"P1: the table holds 0 rows of reader3-1.*volumes/P1 of"):
        gather(whole, "reader3-1")
    assert not (tmp_path / "a.parquet").exists()
