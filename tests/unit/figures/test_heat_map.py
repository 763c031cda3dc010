"""What both heat maps share."""

import numpy as np
import pandas as pd

from taceflow.figures.heat_map import training_z_scores


def test_z_scores_use_training_patients_only(finished):
    scores, left_out = training_z_scores(finished.features, finished.patients)
    training = finished.patients["cohort"].eq("training").to_numpy()
    np.testing.assert_allclose(scores.loc[:, training].mean(axis=1), 0, atol=1e-12)
    np.testing.assert_allclose(scores.loc[:, training].std(axis=1, ddof=0), 1)
    assert left_out == []
    moved = finished.features.copy()
    moved.iloc[40:, 1:] += 100
    again, _ = training_z_scores(moved, finished.patients)
    pd.testing.assert_frame_equal(again.loc[:, training], scores.loc[:, training])


def test_constant_missing_and_diagnostic_columns_are_left_out(finished):
    table = finished.features.assign(
        original_shape_Constant=3.0, original_shape_Gap=np.nan, diagnostics_Mean=1.0, comment="x"
    )
    scores, left_out = training_z_scores(table, finished.patients)
    assert left_out == ["original_shape_Constant", "original_shape_Gap"]
    assert len(scores) == 40
