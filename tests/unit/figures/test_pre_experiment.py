"""The figure of the pre-experiment."""

import pandas as pd

from taceflow.figures.pre_experiment import pre_experiment


def grid():
    rows = [
        (1e-3, 32, 0.5, 12, 2.1, 0.1),
        (1e-4, 32, 0.5, 30, 2.0, 0.2),
        (1e-3, 64, 0.5, 9, 2.0, 0.1),
        (1e-4, 64, 0.5, 35, 2.3, 0.1),
    ]
    columns = ["learning_rate", "batch_size", "dropout", "epochs", "loss", "standard_error"]
    return pd.DataFrame(rows, columns=columns)


def test_the_lowest_is_ringed_ties_to_the_smaller_rate():
    axes = pre_experiment(grid()).axes[0]
    (ring,) = [line for line in axes.lines if str(line.get_label()).startswith("lowest")]
    assert ring.get_label() == "lowest: 2.000 after 30 epochs"
    assert 0.5e-4 < ring.get_xdata()[0] < 2e-4
    bars = [bar.get_label() for bar in axes.containers]
    assert bars == ["batch 32, dropout 0.5", "batch 64, dropout 0.5"]


def test_a_grid_of_one_point_and_of_none():
    assert len(pre_experiment(grid().iloc[:1]).axes[0].containers) == 1
    empty = pre_experiment(grid().iloc[:0])
    assert any("no point" in text.get_text() for text in empty.axes[0].texts)


def test_a_large_grid_has_room_for_its_legend_and_its_rates(faults):
    rates = (1e-5, 3e-5, 1e-4, 2e-4, 3e-4, 4e-4, 5e-4, 1e-3, 1e-2)
    rows = [
        (rate, batch, dropout, 12, 2 + rate, 0.1)
        for rate in rates
        for batch in (16, 32, 64, 128, 256)
        for dropout in (0.3, 0.5)
    ]
    figure = pre_experiment(pd.DataFrame(rows, columns=grid().columns))
    assert faults(figure) == []
    axes = figure.axes[0]
    # each has a line of its own, and each rate its tick
    series = [bar[0] for bar in axes.containers]
    assert len({(line.get_color(), str(line.get_linestyle())) for line in series}) == 10
    assert list(axes.get_xticks()) == list(rates)
