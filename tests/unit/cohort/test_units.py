"""Numbers in another unit, codes and slips, and how to say that a value is right."""

import numpy as np
import pandas as pd
import pytest

from taceflow.cohort.units import check_values
from taceflow.errors import ConfigurationError, InputError


def sheet(n=60, **columns):
    """Patients as a cohort has them."""
    random = np.random.default_rng(3)
    base = {
        "patient_id": [f"P{number:03d}" for number in range(n)],
        "time_months": random.exponential(20, n).clip(0.4, 90),
        "event": 1,
        "age_years": random.normal(60, 9, n).clip(30, 84),
        "albumin_g_l": random.normal(38, 4, n).clip(29, 48),
        "bilirubin_umol_l": 10 ** random.normal(1.25, 0.2, n),
        "afp_ng_ml": 10 ** random.normal(1.8, 1.0, n),
        "ast_u_l": 10 ** random.normal(1.7, 0.2, n),
        "tumor_number": random.integers(1, 7, n),
        "tumor_size_cm": random.normal(5, 2, n).clip(1.2, 12),
    }
    return pd.DataFrame(base | columns)


def refused(table, checked=()):
    with pytest.raises(InputError) as raised:
        check_values(table, "patients.xlsx", checked)
    assert "[patients.xlsx]" in str(raised.value)
    return str(raised.value)


def test_a_cohort_as_it_is_passes():
    check_values(sheet(), "patients.xlsx")
    check_values(sheet(500), "patients.xlsx")


@pytest.mark.parametrize(
    ("column", "values", "words"),
    [
        ("time_months", [1250, 800, 300, 90, 640], ["640", "months", "days", "30.4375"]),
        ("time_months", [87, 61, 130, 22, 65], ["65", "months", "weeks", "4.348"]),
        ("time_months", [1.2, 0.5, 3.1, 1.9, 1.1], ["1.2", "months", "years", "by 12"]),
        ("albumin_g_l", [3.9, 4.1, 3.2, 2.8, 4.4], ["3.9", "g/L", "g/dL", "multiplied by 10"]),
        ("bilirubin_umol_l", [0.9, 1.1, 0.4, 2.2, 1.8], ["1.1", "umol/L", "17.1"]),
        ("tumor_size_cm", [35, 28, 12, 31, 40], ["31", "cm", "mm", "divided by 10"]),
        ("afp_ng_ml", [20000, 3000, 400000, 12000, 90000], ["20000", "ng/L", "by 1000"]),
        ("ast_u_l", [0.5, 0.9, 1.4, 0.7, 2.2], ["0.9", "ukat/L", "multiplied by 60"]),
    ],
)
def test_another_unit_shows_in_the_median(column, values, words):
    message = refused(sheet(5, **{column: values}))
    assert all(word in message for word in (f"'{column}'", "median", *words)), message


def test_a_column_that_knows_one_unit_has_no_empty_hint():
    message = refused(sheet(tumor_number=45))
    assert "its median 45 is no value in tumours [" in message


def test_one_value_in_days_is_named_with_its_patient_and_no_other():
    times = sheet()["time_months"]
    times[17] = 1830
    message = refused(sheet(time_months=times).rename_axis("row"))
    assert "1 of 60 values lies beyond 0 to 400 months: P017 (row 17) 1830" in message
    assert "days are divided by 30.4375" in message
    assert "P016" not in message


def test_every_third_albumin_in_another_unit():
    values = sheet()["albumin_g_l"].copy()
    values[::3] /= 10
    message = refused(sheet(albumin_g_l=values))
    assert "column 'albumin_g_l': 20 of 60 values lie beyond 10 to 60 g/L: P000 " in message
    assert "and 10 more (g/dL are multiplied by 10)" in message


@pytest.mark.parametrize(
    ("column", "factor", "unit"),
    [
        ("bilirubin_umol_l", 1 / 17.1, "mg/dL"),
        ("tumor_size_cm", 10, "mm"),
        ("ast_u_l", 1 / 60, "ukat/L"),
    ],
)
def test_a_mixture_of_units_is_refused(column, factor, unit):
    values = sheet(120)[column].copy()
    values[::4] *= factor
    assert unit in refused(sheet(120, **{column: values}))


def test_two_clusters_within_the_bounds_are_a_mixture():
    # 40 to 50 mm are no impossible size in mm, nor one in cm below 30 for small tumours
    values = pd.Series([2.0, 2.2, 2.5, 1.9, 2.1, 2.3, 2.4, 1.8, 2.6, 21.0, 24.0, 19.0, 26.0])
    message = refused(sheet(13, tumor_size_cm=values))
    assert "two clusters, as if 4 of 13 were in mm: P009 21" in message
    # one decade apart, but with all sizes between
    check_values(sheet(13, tumor_size_cm=np.geomspace(1.8, 26, 13)), "patients.xlsx")


def test_small_cohorts_and_two_kinds_of_tumour_are_no_mixture():
    """A quarter of small cohorts have deaths so early that the others seemed to be in days."""
    random = np.random.default_rng(0)
    for n in (10, 12, 17, 25, 40) * 40:
        died = 20 * random.weibull(random.choice([0.8, 1, 1.5]), n)
        times = np.minimum(died, random.uniform(3, 60, n)).clip(0.1).round(1)
        if np.median(times) >= 2:
            check_values(sheet(n, time_months=times), "patients.xlsx")
    afp = np.where(random.random(60) < 0.5, random.normal(5, 1.5, 60).clip(1.5), 1200.0)
    check_values(sheet(60, afp_ng_ml=afp * random.uniform(0.6, 1.7, 60)), "patients.xlsx")
    mixed = sheet()["time_months"].clip(3, 12).copy()
    mixed[::3] *= 30.4375
    assert "two clusters, as if 20 of 60 were in days" in refused(sheet(time_months=mixed))


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("age_years", 6),
        ("bilirubin_umol_l", 0.9),
        ("ast_u_l", 99999),
        ("alt_u_l", 1),
        ("tumor_size_cm", 45),
        ("tumor_number", 999),
        ("tumor_number", 99),
        ("afp_ng_ml", 1e7),
        ("lipiodol_ml", 100),
        ("albi_score", -23.9),
    ],
)
def test_one_odd_value_is_named(column, value):
    usual = sheet().get(column, pd.Series(10.0 if column == "lipiodol_ml" else -2.0, range(60)))
    if column == "alt_u_l":
        usual = sheet()["ast_u_l"]
    values = usual.astype(float).copy()
    values[7] = value
    assert f"P007 {value:.12g}" in refused(sheet(**{column: values}))


def test_nobody_lives_to_119():
    # 42 years after the first TACE, as weeks for months do; each number alone is none too large
    times, ages = sheet()["time_months"], sheet()["age_years"]
    times[5], ages[5] = 390, 79
    message = refused(sheet(time_months=times, age_years=ages))
    assert "together end beyond 105 years: P005 111.5" in message
    check_values(
        sheet(time_months=times, age_years=ages),
        "p",
        [{"column": "age_years", "patients": ["P005"]}],
    )


def test_what_was_checked_passes_and_nothing_else():
    times, sizes = sheet()["time_months"], sheet()["tumor_size_cm"]
    times[17], times[18], sizes[4] = 410, 420, 33
    table = sheet(time_months=times, tumor_size_cm=sizes, age_years=np.nan)
    checked = [{"column": "tumor_size_cm"}, {"column": "time_months", "patients": ["P017"]}]
    message = refused(table, checked)
    assert "P018 420" in message
    assert "P017" not in message.split("Mend")[0]
    assert "tumor_size_cm" not in message
    check_values(table, "p", [*checked, {"column": "time_months", "patients": ["P018"]}])
    # years of follow-up: the median counts as checked with its column
    long = sheet(time_months=sheet()["time_months"] + 70)
    assert "median" in refused(long)
    check_values(long, "p", [{"column": "time_months"}])


@pytest.mark.parametrize(
    ("checked", "words"),
    [
        ({"column": "time_month"}, "'time_month' has no bounds; did you mean 'time_months'"),
        ({"column": "time_months", "patients": ["P99"]}, "patient P99 is not in the table"),
        ({"column": "time_months", "patients": [17]}, "patient 17 .*quotation marks"),
    ],
)
def test_an_override_that_names_nothing_is_refused(checked, words):
    with pytest.raises(ConfigurationError, match=words):
        check_values(sheet(), "p", [checked])
