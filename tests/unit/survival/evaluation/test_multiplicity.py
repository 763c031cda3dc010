"""P values that account for their number."""

import numpy as np

from taceflow.survival.evaluation.multiplicity import holm


def test_holm_equals_p_adjust(shared_data):
    import json

    stored = json.loads((shared_data / "stat/table1/p_adjust.json").read_text())
    np.testing.assert_allclose(holm(stored["p"]), stored["holm"])
    assert np.isnan(holm([np.nan, 0.5])[0])
