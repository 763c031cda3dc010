"""Ready tables that the tests write."""

import numpy as np
import pandas as pd
import pytest

from taceflow.errors import InputError
from taceflow.radiomics.ready.table import read_ready_table
from taceflow.radscore.published import COEFFICIENTS

IDS = ["001", "002", "003"]

NAMES = [*COEFFICIENTS, "original_shape_Elongation", "log-sigma-0-5-mm-3D_glcm_Imc1"]

VALUES = np.random.default_rng(1).normal(size=(len(IDS), len(NAMES)))


@pytest.fixture
def plain():
    """The interface's own form: patient_id and PyRadiomics' names."""
    table = pd.DataFrame(VALUES.copy(), columns=NAMES)
    table.insert(0, "patient_id", IDS)
    return table


@pytest.fixture
def pyradiomics(plain):
    """The command line's form, as RadTACE has it: paths for ids, and diagnostics."""
    folder = "D:\\nifti\\HCC-TACE-Seg\\HCC_"
    table = plain.drop(columns="patient_id")
    table.insert(0, "Image", [f"{folder}{name}\\CT (30_11_1999)\\3_CAP.nii.gz" for name in IDS])
    table.insert(1, "Mask", [f"{folder}{name}\\Segmentation.nrrd" for name in IDS])
    table.insert(2, "diagnostics_Image-original_Spacing", "(0.78125, 0.78125, 5.0)")
    table.insert(3, "diagnostics_Mask-original_VoxelNum", 11715)
    return table


@pytest.fixture
def write():
    def write(table, path):
        if path.suffix == ".xlsx":
            table.to_excel(path, index=False)
        elif path.suffix == ".parquet":
            table.to_parquet(path, index=False)
        else:
            table.to_csv(path, sep="\t" if path.suffix == ".tsv" else ",", index=False)
        return str(path)

    return write


@pytest.fixture
def refused(write):
    def refused(table, path, **keys):
        with pytest.raises(InputError) as error:
            read_ready_table(write(table, path), IDS, **keys)
        return error.value

    return refused
