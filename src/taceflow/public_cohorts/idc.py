"""The series of a collection, from the index of the Imaging Data Commons that a package brings."""

import idc_index_data
import pandas as pd

from taceflow.files.tables import write_table
from taceflow.public_cohorts.hcc_tace_seg import plan_series


def read_index(collection: str) -> pd.DataFrame:
    """Return the rows of the packaged index that belong to a collection, one row a series."""
    return pd.read_parquet(
        idc_index_data.IDC_INDEX_PARQUET_FILEPATH, filters=[("collection_id", "=", collection)]
    )


def write_series_plan(output: str) -> None:
    """Write which series of HCC-TACE-Seg are fetched: ``workflow/schemas/idc_series.schema.yaml``.

    Raises
    ------
    InputError
        If the index does not describe the collection as it was published.
    """
    write_table(plan_series(read_index("hcc_tace_seg")), output, "idc_series")
