import numpy as np
import pandas as pd
import pytest
from matplotlib.text import Text

from taceflow.figures.dlopctr_attention import dlopctr_attention, write_dlopctr_attention
from taceflow.files.tables import write_json, write_table


@pytest.fixture
def shown():
    rows, maps = [], {}
    random = np.random.default_rng(0)
    for number in range(5):
        patient = f"P{number}"
        rows.append(
            [patient, "validation", "high" if number < 3 else "low", 0.9 - 0.1 * number, 4, 6, 0.8]
        )
        maps[f"{patient}.image"] = random.uniform(0, 1, (30, 20 + number)).astype(np.float32)
        maps[f"{patient}.map"] = random.normal(0, 1e-6, (7, 7)).astype(np.float32)
        maps[f"{patient}.mask"] = np.zeros((30, 20 + number), np.uint8)
        maps[f"{patient}.mask"][5:20, 5:15] = 1
    columns = ["patient_id", "cohort", "risk_group", "risk", "slice", "slices", "slice_risk"]
    return pd.DataFrame(rows, columns=columns).assign(row_mm=1.0, column_mm=1.5), maps


def all_text(figure):
    return " ".join(text.get_text() for text in figure.findobj(Text))


def images(figure):
    return [image for axes in figure.axes for image in axes.get_images()]


def test_each_patient_has_the_slice_beside_its_map(shown):
    figure = dlopctr_attention(*shown, {"horizon_months": 24.0})
    text = all_text(figure)
    for words in (
        "high risk",
        "low risk",
        "P0: risk 0.90",
        "P4: risk 0.50",
        "slice 5",
        "24 months",
        "validation",
    ):
        assert words in text
    drawn = images(figure)
    assert len(drawn) == 3 * 5
    # slice, slice, map: on the same place, scaled by the map's own largest value
    for plain, under, seen in zip(drawn[::3], drawn[1::3], drawn[2::3], strict=True):
        assert list(plain.get_extent()) == list(seen.get_extent())
        np.testing.assert_array_equal(plain.get_array(), under.get_array())
        assert np.abs(seen.get_array()).max() == pytest.approx(1)
    assert images(figure)[0].get_extent()[1] == 20 * 1.5


def test_patients_from_whom_the_heads_learned_are_named_so(shown):
    table, maps = shown
    figure = dlopctr_attention(table.assign(cohort="training"), maps, {"horizon_months": 24.0})
    assert "from whom the heads learned" in all_text(figure)


def test_one_group_and_no_outline(shown):
    table, maps = shown
    maps = {name: 0 * part if "mask" in name else part for name, part in maps.items()}
    figure = dlopctr_attention(table[:2], maps, {"horizon_months": 24.0})
    assert "low risk" not in all_text(figure).replace("lowers the risk", "")
    assert not [axes for axes in figure.axes if axes.collections and axes.get_images()]


def test_nobody_to_show(shown):
    figure = dlopctr_attention(shown[0][:0], {}, {"horizon_months": 24.0})
    assert "No patient has a predicted risk" in all_text(figure)


def test_the_files_are_drawn(shown, tmp_path):
    write_table(shown[0], tmp_path / "attention.tsv", "attention")
    np.savez(tmp_path / "attention.npz", **shown[1])
    write_json({"horizon_months": 24.0}, tmp_path / "model.json")
    outputs = [str(tmp_path / f"dlopctr_attention.{kind}") for kind in ("svg", "png")]
    for _ in range(2):
        write_dlopctr_attention(
            table=str(tmp_path / "attention.tsv"),
            maps=str(tmp_path / "attention.npz"),
            description=str(tmp_path / "model.json"),
            outputs=outputs,
        )
    assert all((tmp_path / f"dlopctr_attention.{kind}").stat().st_size for kind in ("svg", "png"))
