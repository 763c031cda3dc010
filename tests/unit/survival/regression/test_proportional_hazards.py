"""The test of proportional hazards against R's cox.zph, and planted cases."""

import numpy as np
import pandas as pd
import pytest

from taceflow.survival.regression.cox import fit_cox
from taceflow.survival.regression.design import Variable, encode, make_term
from taceflow.survival.regression.proportional_hazards import proportional_hazards
from taceflow.survival.tables.table_s1 import table_s1

VETERAN = [
    Variable("trt", "Treatment", "1"),
    Variable("celltype", "Cell type", "squamous"),
    Variable("karno", "Karnofsky"),
    Variable("diagtime", "Time"),
    Variable("age", "Age"),
    Variable("prior", "Prior", "0"),
]


def checked(table, variables):
    terms = [make_term(table, variable) for variable in variables]
    design = encode(table, terms)
    outcome = table["time_months"].to_numpy(float), table["event"].to_numpy(int)
    fit = fit_cox(*outcome, design.to_numpy(), list(design.columns))
    columns = {term.column: term.design_columns for term in terms}
    return proportional_hazards(fit, *outcome, design.to_numpy(), columns)


def test_every_term_and_all_together_equal_cox_zph(shared_data, veteran):
    expected = pd.read_csv(shared_data / "stat/coxph/veteran_coxzph_km.csv").set_index("term")
    found = checked(veteran, VETERAN)
    assert list(found) == expected.index.tolist()
    for name, test in found.items():
        assert test.statistic == pytest.approx(expected.loc[name, "chisq"], rel=1e-8)
        assert test.freedom == expected.loc[name, "df"]
        assert test.p == pytest.approx(expected.loc[name, "p"], rel=1e-7)


def test_scale_and_shift_change_nothing(veteran):
    moved = veteran.assign(karno=1e5 + 1e-3 * veteran["karno"])
    for name, test in checked(veteran, VETERAN).items():
        assert checked(moved, VETERAN)[name].statistic == pytest.approx(test.statistic, rel=1e-6)


def crossing(n=300):
    draw = np.random.default_rng(8)
    marker, steady = draw.integers(0, 2, n), draw.normal(size=n)
    # Those with the marker die early or late, the others in between.
    time = np.where(
        marker == 1, np.where(draw.random(n) < 0.5, 1, 40) * draw.uniform(0.5, 1.5, n), 20.0
    )
    time = time * draw.uniform(0.5, 1.5, n) * np.exp(-0.8 * steady)
    return pd.DataFrame({"time_months": time, "event": 1, "marker": marker, "steady": steady})


def test_crossing_hazards_are_found_and_named_in_table_s1():
    table = crossing()
    variables = [Variable("marker", "Marker"), Variable("steady", "Steady")]
    found = checked(table, variables)
    assert found["marker"].p < 1e-6
    rows = table_s1(table, variables, 1.0).set_index("variable")
    assert rows.loc["marker", "p_ph_multi"] == found["marker"].p
    assert (rows["p_ph_global"] == found["GLOBAL"].p).all()
    assert rows.loc["marker", "note"].startswith("hazards not proportional (p = ")
    assert "in the multivariable model" in rows.loc["marker", "note"]


def test_proportional_hazards_are_left_alone():
    draw = np.random.default_rng(2)
    p = []
    for _ in range(60):
        x = draw.normal(size=120)
        time = draw.exponential(10, 120) * np.exp(-x)
        table = pd.DataFrame({"time_months": time, "event": 1, "x": x})
        p.append(checked(table, [Variable("x", "X")])["x"].p)
    assert 0 <= np.mean(np.array(p) < 0.05) <= 0.15  # a test at 5%
    assert 0.3 < np.mean(p) < 0.7


def test_a_factors_note_stands_at_its_first_level_and_the_reference_stays():
    table = crossing()
    rows = table_s1(table, [Variable("marker", "Marker", "0")], 1.0)
    assert rows["note"].iloc[0] == "reference"
    assert "not proportional" in rows["note"].iloc[1]


def test_one_death_says_nothing_about_time():
    table = pd.DataFrame({"time_months": [1.0, 2, 3, 4], "event": [0, 1, 0, 0], "x": [1, 2, 0, 4]})
    found = table_s1(table, [Variable("x", "X")], 1.0)
    assert found["p_ph_uni"].isna().all()
