"""The page of the review in a browser, opened as a file: what a reader does with it."""

import base64
import re
import shutil
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk
from PIL import Image

from taceflow.cohort.review import Verdict, read_review, review_exclusions
from taceflow.files.tables import write_json
from taceflow.imaging.quality.patient import check_quality
from taceflow.imaging.quality.review_page import write_review_page

PATIENTS = ("P1", "P2", "P3", "P4")


@pytest.fixture
def folder(images, tmp_path):
    """Four patients in a folder with a blank and an umlaut; the third's readers disagree."""
    ct = sitk.GetArrayFromImage(images["ct"])
    ct[sitk.GetArrayFromImage(images["mask_reader1-1"]) > 0] = 120
    bright = sitk.GetImageFromArray(ct)
    bright.CopyInformation(images["ct"])
    images["ct"] = bright
    qc = tmp_path / "Prüfung 1" / "qc"
    for number, patient in enumerate(PATIENTS):
        volumes = tmp_path / "volumes" / patient
        volumes.mkdir(parents=True)
        for name, image in images.items():
            array = sitk.GetArrayFromImage(image)
            if patient == "P3" and name == "mask_reader1-1":
                array[:7], array[8:] = 0, 0
                array[:, :38], array[:, 42:] = 0, 0
            written = sitk.GetImageFromArray(array)
            written.CopyInformation(image)
            sitk.WriteImage(written, str(volumes / f"{name}.nii.gz"))
        seen = dict.fromkeys(("ct", "reader1-1", "reader2-1"), f"{number:08x}")
        write_json({"readings": [], "doubt": "", "images": seen}, volumes / "import.json")
        check_quality(
            patient=patient,
            volumes=str(volumes),
            phase="arterial",
            picture=str(qc / f"{patient}.png"),
            thumbnail=str(qc / "thumbnails" / f"{patient}.png"),
            numbers=str(qc / f"{patient}.json"),
            slices=str(qc / "slices" / f"{patient}.js"),
        )
    return qc


@pytest.fixture
def write(folder, root):
    def write(review=None):
        write_review_page(
            numbers=[str(folder / f"{patient}.json") for patient in PATIENTS],
            review=review or {},
            run="demo",
            template=str(root / "workflow" / "report" / "review.html"),
            page=str(folder / "index.html"),
            table=str(folder / "reviewed.tsv"),
        )
        return (folder / "index.html").as_uri()

    return write


@pytest.fixture
def show(browser, write):
    """Open the page, in the same profile again if one is given; an error in it is one here."""
    contexts, asked, errors = [], [], []

    def show(review=None, context=None, script=None, size=(1280, 860)):
        context = context or browser.new_context(
            viewport={"width": size[0], "height": size[1]}, accept_downloads=True
        )
        contexts.append(context)
        page = context.new_page()
        if script:
            page.add_init_script(script)
        page.on("request", lambda request: asked.append(request.url))
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(write(review))
        drawn(page)
        return page

    yield show
    for context in contexts:
        context.close()
    assert errors == []
    assert all(url.startswith(("file:", "data:", "blob:")) for url in asked)


def drawn(page, patient=None):
    """Wait until the picture is what the page says: patient, slice, window and contours."""
    page.wait_for_function(
        "want => (!want || want === current.patient_id) &&"
        " document.getElementById('canvas').dataset.shown === state()",
        arg=patient,
    )


def patient(page):
    return page.locator("#patient").text_content()


def listed(page):
    return page.locator("#list b").all_text_contents()


def downloaded(page):
    with page.expect_download() as download:
        page.get_by_role("button", name="Download review.tsv").click()
    file = Path(f"{download.value.path()}.tsv")
    download.value.save_as(file)
    assert download.value.suggested_filename == "review.tsv"
    return str(file)


def pixels(page):
    """The canvas: red, green and blue by row and column."""
    address = page.evaluate("document.getElementById('canvas').toDataURL('image/png')")
    picture = Image.open(BytesIO(base64.b64decode(address.partition(",")[2])))
    return np.asarray(picture.convert("RGBA"))[..., :3]


def yellow(picture):
    """Where the main reading's contour is."""
    red, green, blue = (picture[..., channel].astype(int) for channel in range(3))
    return (red > 230) & (abs(green - 210) < 25) & (blue < 80)


def test_keys_lead_through_patients_and_slices_and_a_window_is_one_of_hu(show):
    page = show()
    assert listed(page) == ["P3", "P1", "P2", "P4"]
    assert patient(page) == "P3"
    assert "Dice reader2-1" in page.locator("#flags").text_content()
    for key, name in (("ArrowRight", "P1"), ("ArrowRight", "P2"), ("ArrowLeft", "P1")):
        page.keyboard.press(key)
        drawn(page, name)
    where = page.locator("#where").text_content()
    page.keyboard.press("ArrowUp")
    page.wait_for_function("was => document.getElementById('where').textContent !== was", arg=where)
    number = re.compile(r"Slice (\d+) of 14")
    assert int(number.match(page.locator("#where").text_content())[1]) == (
        int(number.match(where)[1]) + 1
    )
    page.keyboard.press("ArrowDown")
    page.wait_for_function("was => document.getElementById('where').textContent === was", arg=where)
    greys = {}
    page.keyboard.press("c")
    for name, low, high in (("Liver", -110, 190), ("Narrow", 0, 150), ("Bone", -500, 1300)):
        page.get_by_role("button", name=name).click()
        drawn(page)
        picture = pixels(page)
        row, column = (np.array(picture.shape[:2]) * (0.45, 0.62)).astype(int)
        greys[name] = picture[row, column].astype(int)
        expected = 255 * (60 - low) / (high - low)
        assert np.ptp(greys[name]) == 0
        assert abs(greys[name][0] - expected) < 9, name
    assert page.locator("#canvas").get_attribute("aria-label").startswith("P1, axial. Slice")


def test_contours_lie_around_the_lesion_and_go_off_and_on(show):
    page = show()
    page.keyboard.press("ArrowRight")
    drawn(page, "P1")
    page.get_by_role("checkbox", name="reader2-1").uncheck()
    drawn(page)
    picture = pixels(page)
    contour = np.argwhere(yellow(picture))
    # the lesion of 120 HU in 60, without the letters and the scale bar at the edges
    grey = picture.min(axis=2)[30:-40, 30:-30].astype(int)
    lesion = np.argwhere((grey > 180) & (grey < 215)) + 30
    assert len(contour) > 200
    assert len(lesion) > 1000
    np.testing.assert_allclose(contour.min(axis=0), lesion.min(axis=0), atol=6)
    np.testing.assert_allclose(contour.max(axis=0), lesion.max(axis=0), atol=6)
    page.get_by_role("checkbox", name="reader1-1").uncheck()
    drawn(page)
    assert not yellow(pixels(page)).any()
    # what is off stays off with the next patient
    page.keyboard.press("ArrowRight")
    drawn(page, "P2")
    assert not page.get_by_role("checkbox", name="reader1-1").is_checked()
    page.get_by_role("checkbox", name="reader1-1").check()
    drawn(page)
    assert yellow(pixels(page)).any()


def test_verdicts_are_kept_downloaded_and_read_by_the_workflow(show):
    page = show()
    page.get_by_label("Reader (optional)").fill("Reader Ä")
    page.keyboard.press("Tab")
    page.locator("#canvas").click()
    page.keyboard.press("e")
    # the reason is asked for at once, and what is typed there is no key of the page
    page.keyboard.type('"Läsion" fehlt; 5/10')
    page.keyboard.press("Enter")
    page.keyboard.press("ArrowRight")
    drawn(page, "P1")
    page.keyboard.press("k")
    assert page.locator("#progress").text_content() == "2 of 4 judged: 1 keep, 1 exclude"
    kept = downloaded(page)
    assert Path(kept).read_bytes().startswith(b"\xef\xbb\xbfpatient_id\tverdict")
    seen = "ct 0000000{0}; reader1-1 0000000{0}; reader2-1 0000000{0}".format
    assert read_review(kept, PATIENTS) == {
        "P3": Verdict("exclude", '"Läsion" fehlt; 5/10', seen(2), "Reader Ä"),
        "P1": Verdict("keep", "", seen(0), "Reader Ä"),
    }
    # another day in the same browser
    context = page.context
    page.close()
    again = show(context=context)
    again.wait_for_function("document.getElementById('progress').textContent.startsWith('2 of 4')")
    assert again.get_by_label("Reason").input_value() == '"Läsion" fehlt; 5/10'
    assert (
        again.get_by_role("button", name="Exclude", exact=True).get_attribute("aria-pressed")
        == "true"
    )
    # and in another one, once the workflow has read the table
    elsewhere = show(review=read_review(kept, PATIENTS))
    assert elsewhere.locator("#progress").text_content() == "2 of 4 judged: 1 keep, 1 exclude"
    assert read_review(downloaded(elsewhere), PATIENTS) == read_review(kept, PATIENTS)


def test_who_signs_at_the_end_signs_what_was_judged_before(show):
    unsigned = Verdict("keep", "", "ct 00000000; reader1-1 00000000; reader2-1 00000000", "")
    page = show(review={"P1": unsigned})
    page.locator("#canvas").click()
    page.keyboard.press("k")
    page.get_by_label("Reader (optional)").fill("KM")
    told = read_review(downloaded(page), PATIENTS)
    assert {patient: one.reader for patient, one in told.items()} == {"P1": "", "P3": "KM"}


def test_two_tabs_lose_no_verdict(show):
    first = show()
    second = show(context=first.context)
    for page, name in ((first, "P3"), (second, "P1"), (first, "P2")):
        page.bring_to_front()
        page.evaluate("name => open(patients.find(one => one.patient_id === name))", name)
        page.get_by_role("button", name="Keep", exact=True).click()
        for other in (first, second):
            # a tab behind draws no frame to wait for
            other.wait_for_function("name => own.verdicts[name]", arg=name, polling=100)
    assert read_review(downloaded(second), PATIENTS).keys() == {"P1", "P2", "P3"}


def test_nobody_is_left_out_without_a_reason(show):
    page = show()
    page.get_by_role("button", name="Redraw").click()
    assert page.locator("#problem").text_content() == "A reason is needed."
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Next").click()
    drawn(page, "P1")
    page.get_by_role("button", name="Download review.tsv").click()
    assert page.locator("#trouble").text_content() == "A reason is needed for P3."
    drawn(page, "P3")
    page.keyboard.type("a vein")
    assert read_review(downloaded(page), PATIENTS)["P3"].reason == "a vein"


def test_a_list_of_those_to_be_judged_loses_nobody_on_the_way(show):
    page = show()
    page.get_by_label("Verdict", exact=True).first.select_option("open")
    seen = []
    for _ in PATIENTS:
        seen.append(patient(page))
        page.locator("#canvas").click()
        page.keyboard.press("k")
        page.get_by_label("Order").select_option("id" if len(seen) % 2 else "worst")
    assert sorted(seen) == list(PATIENTS)
    assert listed(page) == []
    page.get_by_label("Flag").select_option("any")
    page.get_by_label("Verdict", exact=True).first.select_option("keep")
    assert listed(page) == ["P3"]
    page.get_by_label("Flag").select_option("all")
    page.get_by_label("Order").select_option("id")
    assert listed(page) == list(PATIENTS)
    page.get_by_label("Order").select_option("large")
    assert listed(page)[-1] == "P3"


def test_a_verdict_on_other_images_is_told_and_a_changed_table_goes_before_the_browser(show):
    old = "ct 00000000; reader1-1 0000000f; reader2-1 00000000"
    page = show({"P1": Verdict("keep", "", old)})
    page.get_by_label("Verdict", exact=True).first.select_option("changed")
    drawn(page, "P1")
    assert listed(page) == ["P1"]
    assert "reader1-1 changed since" in page.locator("#problem").text_content()
    page.locator("#canvas").click()
    page.keyboard.press("k")
    assert page.locator("#problem").text_content() == ""
    assert (
        read_review(downloaded(page), PATIENTS)["P1"].changed(
            dict.fromkeys(("ct", "reader1-1", "reader2-1"), "00000000")
        )
        == []
    )
    # somebody has edited the table by hand since
    again = show({"P1": Verdict("exclude", "no tumour")}, context=page.context)
    assert read_review(downloaded(again), PATIENTS) == {"P1": Verdict("exclude", "no tumour")}


@pytest.mark.parametrize(
    ("seen", "words"),
    [
        ("reader1-1 0000000f", "redraw: another outline has come, the patient is back."),
        ("ct 0000000f", "redraw: the patient is left out until a mask of another outline comes."),
        ("ct 00000000", "redraw: the patient is left out until a mask of another outline comes."),
    ],
)
def test_whoever_was_redrawn_is_said_to_be_back(show, seen, words):
    said = Verdict("redraw", "a vein", seen)
    page = show({"P1": said})
    page.get_by_role("button", name="P1").first.click()
    drawn(page, "P1")
    assert page.locator("#follows").text_content() == words
    now = {"ct": "00000000", "reader1-1": "00000000"}
    assert ("P1" in review_exclusions({"P1": said}, {"P1": now})) == ("left out" in words)


def test_a_browser_that_keeps_nothing_says_so_and_still_gives_the_table(show):
    page = show(
        script="Object.defineProperty(window, 'localStorage',"
        " {get() { throw new DOMException('denied', 'SecurityError'); }});"
    )
    assert "keeps nothing" in page.locator("#trouble").text_content()
    page.locator("#canvas").click()
    page.keyboard.press("k")
    assert read_review(downloaded(page), PATIENTS)["P3"].verdict == "keep"


def test_a_page_that_was_moved_alone_says_what_is_missing(show, folder):
    page = show()
    shutil.rmtree(folder / "slices")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.wait_for_function("document.getElementById('problem').textContent")
    words = "slices/P2.js is not there: copy the whole folder qc"
    assert page.locator("#problem").text_content() == words
    # and what is shown is not the patient before
    assert not pixels(page).any()


@pytest.mark.parametrize("size", [(1280, 860), (400, 800)])
def test_it_fits_the_window(show, size):
    page = show(size=size)
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= size[0]
    box = page.locator("#canvas").bounding_box()
    assert box["width"] > 0.4 * size[0]
    assert box["height"] < 0.85 * size[1]


@pytest.mark.parametrize("size", [(1280, 860), (400, 800)])
def test_axe_finds_nothing(show, accessibility, size):
    page = show({"P1": Verdict("keep", "", "ct 0000000f")}, size=size)
    page.locator("#planes summary").click()
    for step in ("", "ArrowRight", "e"):
        if step:
            page.keyboard.press(step)
        drawn(page)
        assert accessibility(page) == []
