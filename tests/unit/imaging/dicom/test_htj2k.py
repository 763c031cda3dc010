"""High-throughput JPEG 2000 (PS3.5, A.4.11), which newer archives send."""

import base64

import numpy as np
import pydicom
import pytest
import SimpleITK as sitk
from pydicom.encaps import encapsulate
from pydicom.uid import HTJ2K, HTJ2KLossless, HTJ2KLosslessRPCL

from taceflow.imaging.dicom.series import list_series
from taceflow.imaging.dicom.volume import load_series

STREAMS = (
    "/0//UQApQAAAAAAGAAAACAAAAAAAAAAAAAAABgAAAAgAAAAAAAAAAAABjwEB/1AACAACAAAACv9SAAwAAgABAAUE"
    "BEAB/1wAEyCIkJCQkJCQkJCQkJCQiIiI/2QAFwABT3BlbkpQSCBWZXIgMC4yNi4zLv+QAAoAAAAAAFQAAf+TwAAm"
    "QP4CB3QAAADAABLAABMAjgEHdABG/AKHdADAABHAABOAG3MAGmr4AINUAMAAKiAAFSAgAOCX4At1AO5u98AQgIy2"
    "AP/Z",
    "/0//UQApQAAAAAAGAAAACAAAAAAAAAAAAAAABgAAAAgAAAAAAAAAAAABjwEB/1AACAACAAAACv9SAAwAAgABAAUE"
    "BEAB/1wAEyCIkJCQkJCQkJCQkJCQiIiI/2QAFwABT3BlbkpQSCBWZXIgMC4yNi4zLv+QAAoAAAAAAFQAAf+TwAAm"
    "EPoDB3QAAADAABLAABMAjgEHdABG/AKHdADAABHAABOAG3MAGmr4AINUAMAAKiAAFSAgAOCX4At1AO5u98AQgIy2"
    "AP/Z",
)
"""Two slices coded by OpenJPH 0.26.3, reversible, 16 bits with a sign."""


@pytest.mark.parametrize("syntax", [HTJ2KLossless, HTJ2KLosslessRPCL, HTJ2K])
def test_high_throughput_jpeg_2000(write, syntax):
    pytest.importorskip("openjpeg", reason="an environment older than its lock file")
    z, y, x = np.mgrid[:2, :8, :6]
    stored = (1000 * z + 17 * x + 120 * y - 20).astype("<i2")
    folder = write(np.zeros_like(stored))
    for file in folder.iterdir():
        dataset = pydicom.dcmread(file)
        dataset.file_meta.TransferSyntaxUID = syntax
        stream = base64.b64decode(STREAMS[dataset.InstanceNumber - 1])
        dataset.PixelData = encapsulate([stream])
        dataset["PixelData"].VR = "OB"
        dataset.save_as(file)
    (series,) = list_series(folder)
    image = load_series(series, patient="P")
    np.testing.assert_array_equal(sitk.GetArrayFromImage(image), stored.astype(int) - 1024)
