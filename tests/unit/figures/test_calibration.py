"""Calibration of one model."""

import numpy as np
import pandas as pd

from taceflow.figures.calibration import calibration


def test_calibration_points_are_those_of_the_table(finished):
    figure = calibration(finished.calibration, "radscore")
    points = figure.axes[0].containers[0][0]
    assert points.get_xdata().tolist() == [0.3, 0.7]
    assert points.get_ydata().tolist() == [0.25, 0.75]


def test_calibration_without_observations(finished, texts):
    figure = calibration(finished.calibration.assign(observed=np.nan), "radscore")
    assert "followed up to a horizon" in " ".join(" ".join(texts(figure)).split())


def test_seven_horizons_have_seven_lines(finished):
    months = (3.0, 6.0, 12.0, 24.0, 36.0, 60.0, 120.0)
    one = finished.calibration[finished.calibration["horizon_months"] == 12.0]
    table = pd.concat([one.assign(horizon_months=month) for month in months])
    lines = [bar[0] for bar in calibration(table, "radscore").axes[0].containers]
    assert len({(line.get_color(), line.get_marker()) for line in lines}) == 7
