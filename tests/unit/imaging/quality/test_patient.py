"""Quality control of one patient."""


def test_a_mask_of_another_phase_is_marked(images, tmp_path, figures, check, texts):
    numbers, *_ = check(tmp_path / "p", images, phases=("portal", "arterial"))
    assert numbers["drawn_on"] == {"reader1-1": "portal"}
    said = texts(figures[0])
    assert "Mask drawn on: portal (CT: arterial)" in said
    assert "— reader1-1, drawn on portal" in said
    assert not any("reader2-1" in text and "drawn on" in text for text in said)


def test_a_mask_of_another_series_is_marked_and_flagged(images, tmp_path, figures, check, texts):
    numbers, *_ = check(tmp_path / "p", images, phases=("other", "arterial"))
    assert numbers["flags"] == {"other series": "the mask was drawn on another series than the CT"}
    said = texts(figures[0])
    assert "▲ the mask was drawn on another series than the CT" in said
    assert "— reader1-1, drawn on another series" in said


def test_a_doubtful_phase_is_a_flag(images, tmp_path, figures, check, texts):
    numbers, *_ = check(tmp_path / "p", images, doubt="the next has 192 slices")
    assert list(numbers["flags"]) == ["phase"]
    assert "▲ the CT may be unenhanced: cohort/series.tsv" in texts(figures[0])
    assert check(tmp_path / "q", images)[0]["flags"] == {}


def test_the_same_patient_gives_the_same_bytes(images, tmp_path, check):
    pairs = zip(check(tmp_path / "a", images)[1:], check(tmp_path / "b", images)[1:], strict=True)
    for one, other in pairs:
        with open(one, "rb") as first, open(other, "rb") as second:
            assert first.read() == second.read()
