"""A patient on one sheet of A4: verdict, predictions, picture, tables, none on another."""

from dataclasses import replace

import pytest
from PIL import Image

from taceflow.figures.patient_models import ModelSays, Predictions
from taceflow.figures.patient_sheet import PatientSheet, patient_sheet
from taceflow.wording.printed_table import Line, PrintedTable

LONG = "wavelet-HLL_glszm_SmallAreaLowGrayLevelEmphasis_of_the_peritumoral_ring_10mm"
MODEL = ModelSays(
    label="DLOP-Cox",
    is_network=False,
    risk=0.9,
    risk_group="high",
    survival=((0.78, 0.64, 0.87), (0.4, 0.2, 0.6)),
    cut_off=0.1,
    quantiles={"q25": -0.5, "q75": 0.6},
    groups={"low": {"n": 52, "survival": {"12": [0.9, 0.8, 0.96]}}},
)


def outside(count, name="Slice thickness (mm)"):
    lines = tuple(Line((name, f"{place}", "1 to 5", "above by 3.4")) for place in range(count))
    heads = ("Quantity", "This patient", "Training patients", "How far*")
    return PrintedTable("Outside the training range", heads, lines, ("* In widths.",))


def not_applied(count):
    lines = tuple(
        Line(
            (
                f"Model {place}",
                "no prediction at a level that no patient has: " + "x" * 99 + " y" * 80,
            )
        )
        for place in range(count)
    )
    return PrintedTable("Models that do not predict this patient", ("Model", "Why"), lines)


SHEET = PatientSheet(
    patient="HCC-001",
    source="Run clinic. Model demo, fitted by taceflow 0.1.0",
    kind="outside",
    verdict="▲ Outside the training range",
    details=("Slice thickness 10 mm (training 1 to 5)", "1 of 23 lie outside. Extrapolated."),
    predictions=Predictions((12.0, 36.0), (MODEL,) * 5, "validation"),
    outside=outside(1),
    not_applied=not_applied(0),
    use="For research. No decision about a patient.",
)


@pytest.fixture
def picture(tmp_path):
    def draw(size=(1080, 760)):
        path = tmp_path / "picture.png"
        Image.new("RGB", size, "black").save(path)
        return str(path)

    return draw


SHEETS = {
    "ordinary": SHEET,
    "inside": replace(SHEET, kind="inside", outside=outside(0)),
    "nobody predicts": replace(
        SHEET, predictions=Predictions((12.0,), ()), not_applied=not_applied(8)
    ),
    "ten models": replace(SHEET, predictions=Predictions((12.0, 36.0), (MODEL,) * 10)),
    "twelve horizons": replace(
        SHEET,
        predictions=Predictions(
            tuple(map(float, range(1, 13))),
            (replace(MODEL, survival=MODEL.survival[:1] * 12),) * 5,
        ),
    ),
    "much outside": replace(SHEET, outside=outside(20, LONG), not_applied=not_applied(3)),
    "long id": replace(SHEET, patient="W" * 64),
    "long words": replace(
        SHEET,
        patient="W" * 64,
        source="Run " + "a_long_name_" * 9,
        details=("; ".join(["a quantity 10.5 mm (training 1 to 5)"] * 20), "20 lie outside."),
        outside=outside(3, "<b>Größe</b> $x_1$ " + "word " * 60),
    ),
}


@pytest.mark.parametrize("sheet", SHEETS.values(), ids=SHEETS)
@pytest.mark.parametrize("size", [None, (1080, 760), (1080, 1340)])
def test_nothing_is_cut_off_small_or_on_another_word(faults, picture, sheet, size):
    figure = patient_sheet(sheet, picture(size) if size else None)
    assert faults(figure) == []
    assert tuple(figure.get_size_inches() * 25.4) == pytest.approx((210, 297))


def boxes(figure):
    """Return the picture's place and where the texts of tables end, as shares from below."""
    (shown,) = [axes for axes in figure.axes if axes.images]
    place = shown.get_position()
    texts = {text.get_text(): text.get_position()[1] for text in figure.axes[0].texts}
    return place, texts


@pytest.mark.parametrize("sheet", SHEETS.values(), ids=SHEETS)
def test_the_picture_lies_between_predictions_and_tables_in_its_own_shape(picture, sheet):
    figure = patient_sheet(sheet, picture())
    place, texts = boxes(figure)
    width, height = place.width * 210, place.height * 297
    assert width / height == pytest.approx(1080 / 760)
    assert height > 80
    top, bottom = 297 * (1 - place.y1) - 12, 297 * (1 - place.y0) - 12
    assert texts[sheet.use] > bottom
    title = sheet.outside.title if sheet.outside.lines else sheet.not_applied.title
    if title in texts:
        assert texts[title] > bottom
    others = [axes for axes in figure.axes[1:] if not axes.images]
    assert all(297 * (1 - axes.get_position().y0) - 12 < top + 1e-6 for axes in others)


def test_rows_without_room_are_counted(texts, picture):
    said = texts(patient_sheet(SHEETS["much outside"], picture()))
    rows = said.count("above by 3.4")
    assert 4 <= rows < 20
    assert f"And {20 - rows} more, which the page in HTML lists." in said
    said = texts(patient_sheet(replace(SHEET, outside=outside(20)), None))
    assert said.count("above by 3.4") == 20
    assert not any(text.startswith("And ") for text in said)


@pytest.mark.parametrize("rows", [3, 20])
def test_the_second_table_begins_where_the_first_ends(picture, rows):
    sheet = replace(SHEET, outside=outside(rows, LONG), not_applied=not_applied(3))
    _, texts = boxes(patient_sheet(sheet, picture()))
    assert texts[sheet.not_applied.title] - texts["* In widths."] == pytest.approx(7, abs=0.5)


def test_what_follows_long_words_is_not_lost(texts):
    said = texts(patient_sheet(SHEETS["long words"], None))
    assert "20 lie outside." in said
    (cut,) = [text for text in said if "…" in text and "quantity" in text]
    assert cut.endswith("(training 1 to 5)")
    assert "".join(text for text in said if set(text) == {"W"}) == "W" * 64


def test_the_verdict_has_a_colour():
    sheets = [replace(SHEET, kind=kind) for kind in ("inside", "outside", "unknown")]
    bands = [patient_sheet(sheet, None).axes[0].patches[1] for sheet in sheets]
    assert len({band.get_facecolor() for band in bands}) == 3
