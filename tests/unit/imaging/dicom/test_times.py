"""Times of DICOM headers."""

import pytest

from taceflow.imaging.dicom.times import contrast_delay_s, seconds_of


@pytest.mark.parametrize(
    ("injected", "acquired", "delay_s"),
    [
        ("101500.5", "101610.25", 69.75),
        ("10:15:00", "101535", 35),
        ("235950", "000025.5", 35.5),
        ("1015", "101530.000000", 30),
        ("", "101535", None),
        ("101500", "contrast", None),
        ("256100", "101535", None),
    ],
)
def test_the_delay_after_the_injection(injected, acquired, delay_s):
    assert contrast_delay_s(seconds_of(injected), seconds_of(acquired)) == delay_s
