"""Numbers as a journal prints them."""

import math

import pytest

from taceflow.wording.printing import (
    median_with_interval,
    number,
    p_statement,
    p_value,
    percent,
    typographic,
    with_interval,
    without_paths,
)


@pytest.mark.parametrize(
    ("p", "value", "statement"),
    [
        (0.0123, "0.012", "p = 0.012"),
        (0.00099, "<0.001", "p < 0.001"),
        (0.001, "0.001", "p = 0.001"),
        (0.9996, ">0.999", "p > 0.999"),
        (1.0, ">0.999", "p > 0.999"),
        (0.0, "<0.001", "p < 0.001"),
        (math.nan, "", "p not defined"),
        (None, "", "p not defined"),
    ],
)
def test_p(p, value, statement):
    assert p_value(p) == value
    assert p_statement(p) == statement


@pytest.mark.parametrize(
    ("numbers", "text"),
    [
        ((1.43, 1.08, 1.9), "1.43 (1.08–1.90)"),
        ((-0.01, -0.09, 0.07), "−0.01 (−0.09 to 0.07)"),
        ((1.0004, 1.0002, 1.0006), "1.0004 (1.0002–1.0006)"),
        ((1.0, 1.0, 1.0), "1.00 (1.00–1.00)"),
        ((1.0, 1.0 - 1e-15, 1.0), "1.00 (1.00–1.00)"),
        ((2.0, 0.5, 123456.0), "2.00 (0.50–1.23e+05)"),
        ((0.7, None, None), "0.70"),
        ((math.nan, math.nan, math.nan), ""),
        ((0.7, 0.5, math.nan), "0.70 (0.50–NR)"),
    ],
)
def test_interval(numbers, text):
    assert with_interval(*numbers) == text


@pytest.mark.parametrize(
    ("numbers", "text"),
    [
        ((1.43, 1.08, 1.9), "1.43 (1.08–1.90)"),
        ((1.7e-5, 2.7e-8, 0.011), "<0.01 (<0.01–0.01)"),
        ((1.7e-7, 1.2e-11, 0.0025), "<0.0001 (<0.0001–0.0025)"),
        ((0.999996, 0.9999, 1.00009), "1.00000 (0.99990–1.00009)"),
        ((1250.4, 13.2, 118000.0), "1250 (13.20–>9999)"),
        ((999.4, 13.2, math.inf), "999.40 (13.20–>9999)"),
        ((0.7, 0.5, math.nan), "0.70 (0.50–NR)"),
    ],
)
def test_a_ratio_is_never_printed_as_nothing(numbers, text):
    assert with_interval(*numbers, ratio=True) == text


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("-2.42 ± 0.35", "−2.42 ± 0.35"),
        ("-2.6 (-2.8–-2.3)", "−2.6 (−2.8 to −2.3)"),
        ("6.00 (5.00–7.00)", "6.00 (5.00–7.00)"),
        ("TBIL (umol/L)", "TBIL (µmol/L)"),
        ("Raltitrexed (mg/m2)", "Raltitrexed (mg/m²)"),
        ("Child-Pugh, 12-month", "Child-Pugh, 12-month"),
    ],
)
def test_typographic(text, printed):
    assert typographic(text) == printed


def test_median():
    assert median_with_interval(23.14, 18.0, math.nan) == "23.1 (18.0–NR)"
    assert median_with_interval(math.inf, None, None) == "NR"
    assert median_with_interval(math.nan, 16.6, math.nan) == "NR (16.6–NR)"


def test_number_has_no_negative_zero():
    assert number(-0.001) == "0.00"
    assert number(-1.5) == "−1.50"
    assert number(math.inf) == "∞"


def test_percent():
    assert percent(3, 8) == "3 (38%)"
    assert percent(0, 0) == "0"
    assert [percent(n, 300) for n in (0, 1, 299, 300)] == [
        "0 (0%)",
        "1 (<1%)",
        "299 (>99%)",
        "300 (100%)",
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("no image in /home/me/data/P1", "no image in P1"),
        ("mask [/data/P1/mask.nii.gz] is empty", "mask [mask.nii.gz] is empty"),
        ("ng/mL and U/L stay", "ng/mL and U/L stay"),
        ("results/demo/qc", "results/demo/qc"),
    ],
)
def test_paths(text, expected):
    assert without_paths(text) == expected
