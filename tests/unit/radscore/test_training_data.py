"""What the Radscore may see."""

import numpy as np
import pandas as pd

from taceflow.radscore.training_data import TrainingData, with_death_by


def test_survival_at_keeps_patients_and_features_together():
    data = TrainingData(
        features=pd.DataFrame({"F": [1.0, 2.0, 3.0]}, index=["a", "b", "c"]),
        time_months=np.array([5.0, 5.0, 50.0]),
        event=np.array([0, 1, 1]),
        fold=np.array([1, 2, 3]),
    )
    kept = with_death_by(data, 12.0)
    assert kept.features.index.tolist() == ["b", "c"]
    assert kept.event.tolist() == [1, 0]
    assert kept.fold.tolist() == [2, 3]
    assert kept.horizon_months == 12
    assert "1 more" in kept.note
