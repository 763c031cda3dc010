"""One table a reading."""

import numpy as np
import pytest

from taceflow.errors import InputError
from taceflow.files.tables import read_table
from taceflow.radiomics.collect import collect_features
from taceflow.radiomics.extract import (
    extract_patient,
)


def test_gathering_asserts_the_columns_and_the_reading(
    volume, masks, root, tmp_path, arguments, write_patient
):
    patient = write_patient(tmp_path, volume, masks)
    extract_patient(**arguments(root, patient))
    whole = read_table(tmp_path / "features.parquet")
    panel, given = str(root / "config" / "radiomics.yaml"), str(tmp_path / "given.parquet")

    def gather(table, reading="reader2-1"):
        table.to_parquet(given)
        out = str(tmp_path / "a.parquet")
        collect_features(tables=[given], panel=panel, reading=reading, features=out)

    gather(whole)
    gathered = read_table(tmp_path / "a.parquet", "features")
    assert gathered.drop(columns="patient_id").equals(
        whole.loc[[1]].drop(columns=["patient_id", "reading"]).reset_index(drop=True)
    )
    (tmp_path / "a.parquet").unlink()
    name = "log-sigma-2-0-mm-3D_ngtdm_Contrast"
    with pytest.raises(InputError, match=f"P1: 712 features instead of the panel's 713.*{name}"):
        gather(whole.drop(columns=name))
    with pytest.raises(InputError, match=f"P1: 1 features are not finite.*{name}"):
        gather(whole.assign(**{name: [1.0, np.nan]}))
    with pytest.raises(InputError, match="patient P1: the table holds 0 rows of reader3-1"):
        gather(whole, "reader3-1")
    assert not (tmp_path / "a.parquet").exists()
