"""The buckets' embeddings in one table. Without torch: a job that only copies stays cheap."""

import pandas as pd

from taceflow.files.tables import read_table, write_table


def collect_embeddings(parts: list[str], embeddings: str) -> None:
    """Join the buckets' embeddings into one table, ordered by patient, slice and view.

    Parameters
    ----------
    parts : list of str
        The buckets' parquet files.
    embeddings : str
        Parquet file to write.
    """
    frame = pd.concat([read_table(part) for part in parts], ignore_index=True)
    frame = frame.sort_values(["patient_id", "slice", "view"], ignore_index=True)
    write_table(frame, embeddings, "embeddings")
