"""The figure of the features' reproducibility shows the table's numbers."""

import io

import numpy as np
import pandas as pd
import pytest

from taceflow.figures.feature_reproducibility import (
    feature_reproducibility,
    write_feature_reproducibility,
)
from taceflow.figures.style import BLUE, GREY


@pytest.fixture
def icc():
    draw = np.random.default_rng(1)
    names = [
        f"original_{name}_F{k}"
        for name, count in (("shape", 8), ("firstorder", 30), ("glcm", 20), ("ngtdm", 5))
        for k in range(count)
    ]
    table = pd.DataFrame({"feature": names})
    for kind in ("intra", "inter", "perturbation"):
        table[f"icc_{kind}"] = 1 - draw.gamma(1, 0.15, len(names))
        table[f"n_{kind}"] = {"intra": 12, "inter": 9, "perturbation": 0}[kind]
    table["icc_perturbation"] = np.nan
    # Constant: no ICC, and not kept
    table.loc[3, ["icc_intra", "icc_inter"]] = np.nan
    table.loc[4, "icc_inter"] = -0.9
    table["kept"] = (table[["icc_intra", "icc_inter"]].min(axis=1, skipna=False) > 0.8).astype(int)
    return table


def svg(figure):
    buffer = io.StringIO()
    figure.savefig(buffer, format="svg")
    return buffer.getvalue()


def test_each_histogram_holds_every_icc_once_parted_at_the_threshold(icc):
    figure = feature_reproducibility(icc, 0.8)
    *histograms, _ = figure.axes
    assert len(histograms) == 2
    for axes, kind in zip(histograms, ("intra", "inter"), strict=True):
        below, above = axes.containers
        heights = [sum(bar.get_height() for bar in part) for part in (below, above)]
        values = icc[f"icc_{kind}"].dropna()
        assert heights == [(values <= 0.8).sum(), (values > 0.8).sum()]
        assert axes.lines[0].get_xdata()[0] == 0.8
        share = f"{heights[1]:g} of {len(values)}\nabove 0.8 ({heights[1] / len(values):.0%})"
        assert axes.texts[0].get_text() == share


def test_the_strip_has_each_feature_in_its_class_by_its_lowest_icc(icc):
    strip = feature_reproducibility(icc, 0.8).axes[-1]
    drawn = {GREY: [], BLUE: []}
    for line in strip.lines[:-1]:
        drawn[line.get_color()] += list(line.get_xdata())
    lowest = icc[["icc_intra", "icc_inter"]].min(axis=1, skipna=False).clip(lower=-0.5)
    for colour, kept in ((GREY, 0), (BLUE, 1)):
        expected = np.sort(lowest[icc["kept"] == kept])
        np.testing.assert_allclose(np.sort(drawn[colour]), expected)
    labels = [label.get_text() for label in strip.get_yticklabels()]
    assert labels == ["Shape", "First order", "GLCM", "NGTDM"]
    shares = icc.groupby(icc["feature"].str.split("_").str[1], sort=False)["kept"].mean()
    assert [text.get_text() for text in strip.texts] == [f"{share:.0%}" for share in shares]
    kept = icc["kept"]
    assert strip.get_title(loc="left") == f"Kept: {kept.sum()} of 63 ({kept.mean():.0%})"


def test_perturbed_masks_get_a_histogram_of_their_own(icc):
    assert "Perturbed" not in svg(feature_reproducibility(icc, 0.8))
    icc["icc_perturbation"], icc["n_perturbation"] = 0.3, 30
    figure = feature_reproducibility(icc, 0.8)
    assert figure.axes[2].get_title(loc="left") == "Perturbed masks, n = 30"
    points = [value for line in figure.axes[-1].lines[:-1] for value in line.get_xdata()]
    assert np.nanmax(points) == 0.3


def test_without_repeats_it_is_said_in_words(icc, tmp_path):
    icc[["icc_intra", "icc_inter"]] = np.nan
    words = " ".join(text.get_text() for text in feature_reproducibility(icc, 0.8).axes[0].texts)
    assert "no ICC could be computed" in " ".join(words.split())


def test_nothing_is_drawn_over_the_edge(icc):
    figure = feature_reproducibility(icc, 0.8)
    figure.canvas.draw()
    width, height = figure.bbox.width, figure.bbox.height
    for axes in figure.axes:
        box = axes.get_tightbbox()
        assert box.x0 >= 0
        assert box.y0 >= 0
        assert box.x1 <= width
        assert box.y1 <= height


def test_the_written_figure(icc, tmp_path):
    for kind in ("intra", "inter", "perturbation"):
        icc[f"icc_{kind}_lower"] = icc[f"icc_{kind}_upper"] = icc[f"icc_{kind}"]
    icc["reason"] = "a test"
    icc.to_csv(tmp_path / "icc.tsv", sep="\t", index=False)
    outputs = [str(tmp_path / f"figure.{kind}") for kind in ("svg", "pdf", "png")]
    write_feature_reproducibility(str(tmp_path / "icc.tsv"), 0.8, outputs)
    assert all(
        (tmp_path / f"figure.{kind}").stat().st_size > 5000 for kind in ("svg", "pdf", "png")
    )
