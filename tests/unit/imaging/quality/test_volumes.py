"""Volumes as a reader looks at them."""

import numpy as np
import SimpleITK as sitk
from matplotlib.image import imread


def test_a_turn_of_the_axes_changes_no_pixel(images, tmp_path, check):
    numbers, *pictures = check(tmp_path / "lps", images)
    for turn in ("RAS", "LAI", "SPL"):
        turned = {name: sitk.DICOMOrient(image, turn) for name, image in images.items()}
        others, *again = check(tmp_path / turn, turned)
        assert others == numbers
        for one, other in zip(pictures, again, strict=True):
            np.testing.assert_array_equal(imread(one), imread(other))
