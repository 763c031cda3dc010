"""What stands in a plane of a picture."""


def test_letters_stand_where_the_patients_sides_are(images, tmp_path, figures, check):
    """The tumour lies on the patient's right, in front of the middle: left and high on the page."""
    check(tmp_path / "p", images)
    axial = figures[0].axes[0]
    (left, right), (bottom, top) = axial.get_xlim(), axial.get_ylim()
    assert (30 * 2.5 - left) / (right - left) < 0.4
    assert (40 * 2.0 - bottom) / (top - bottom) > 0.5
    for ax in figures[0].axes[1:3]:
        assert ax.get_ylim()[1] > ax.get_ylim()[0]
