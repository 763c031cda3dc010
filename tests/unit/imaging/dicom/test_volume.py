"""The volume of a series, or why there is none."""

import pytest


@pytest.mark.parametrize(
    ("change", "remedy"),
    [
        ({"BitsStored": 12}, "Export the series again"),
        ({"ImagePositionPatient": [-20, -30, 148]}, "Copy or export the series again, whole"),
    ],
)
def test_a_stack_that_is_refused_has_a_remedy(write, phantom, refusal, change, remedy):
    folder = write(phantom, per_slice=lambda index: change if index == 7 else {})
    assert refusal(folder).remedy.startswith(remedy)
