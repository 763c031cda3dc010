"""How good the models are, as printed."""

import pandas as pd

from taceflow.report.performance import delong_table, optimism_table


def test_delong_as_printed(finished, cells):
    table = delong_table(finished.delong)
    assert table.notes[-1] == "[1] 0 deaths and 1 survivor at 12 months"
    assert cells(table) == [
        ("Validation, 36 months (n = 18, deaths 7, censored 2)", "", "", ""),
        ("Clinical", "0.710 (0.500–0.920)", "", ""),
        ("DLOP-Cox", "n.d. [1]", "", ""),
        ("DLOP-Cox − Clinical", "0.050 (−0.020 to 0.120)", "0.160", "0.320"),
    ]


def test_optimism_stands_under_its_figure_of_merit():
    table = pd.DataFrame(
        {
            "model": ["clinical", "clinical", "radscore"],
            "metric": ["c_index", "brier_integrated", "c_index"],
            "horizon_months": [None, 60.0, None],
            "apparent": [0.7, 0.18, 0.8],
            "optimism": [0.05, -0.02, None],
            "corrected": [0.65, 0.2, None],
            "resamples": [200, 198, 3],
            "note": ["screening repeated", "screening repeated", "too few"],
        }
    )
    printed = optimism_table(table)
    assert [line.cells for line in printed.lines] == [
        ("Harrell's C", "", "", "", ""),
        ("Clinical", "0.700", "0.050", "0.650", "200"),
        ("Radscore", "0.800", "n.d.", "n.d.", "3"),
        ("Integrated Brier score to 60 months", "", "", "", ""),
        ("Clinical", "0.180", "−0.020", "0.200", "198"),
    ]
    assert printed.notes[1:] == ("Clinical: screening repeated.", "Radscore: too few.")
