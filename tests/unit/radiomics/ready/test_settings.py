"""What a ready table says of its extraction."""

from taceflow.radiomics.ready.settings import COLUMN, expected_settings
from taceflow.radiomics.ready.table import read_ready_table

IDS = ["001", "002", "003"]

SETTINGS = "{'minimumROIDimensions': 2, 'normalize': False, 'resampledPixelSpacing': %s, "
SETTINGS += "'interpolator': 'sitkBSpline', 'force2D': False, 'label': 2, 'binWidth': %s}"


def test_other_settings_than_the_panels_are_said(plain, tmp_path, write):
    panel = {"binWidth": 25, "label": 1, "geometryTolerance": 1e-4}
    expected = expected_settings(panel, [1, 1, 1])

    def notes(spacing, width):
        table = plain.assign(**{COLUMN: SETTINGS % (spacing, width)})
        path = write(table, tmp_path / "features.csv")
        return read_ready_table(path, IDS, expected=expected).notes

    assert notes("[1, 1, 1]", "25") == ()
    told = "binWidth 18 instead of 25, resampledPixelSpacing [1.075, 1.075, 0] instead of [1, 1, 1]"
    assert told in notes("[1.075, 1.075, 0]", "18")[0]
    assert notes("[1, 1, 1", "18") == ()  # cut off by a spreadsheet


def test_patients_of_different_settings_are_refused(plain, tmp_path, refused, write):
    for widths in ((25, 25, 18), (18, 18, 25)):
        made = [SETTINGS % ("[1, 1, 1]", width) for width in widths]
        error = refused(plain.assign(**{COLUMN: made}), tmp_path / "features.csv")
        assert error.patient == "003"  # not one of those who are alike
        assert f"binWidth {widths[2]} instead of {widths[0]}" in str(error)
    made = [SETTINGS % ("[1, 1, 1]", width) for width in (25, 25, 18)]
    assert "with other settings than other patients" in str(error)
    keys = {"patients": ["001", "002"]}  # a stranger's settings do not matter
    path = write(plain.assign(**{COLUMN: made}), tmp_path / "features.csv")
    assert len(read_ready_table(path, **keys).features) == 2
