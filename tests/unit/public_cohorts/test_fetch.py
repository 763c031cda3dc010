"""What the download rules do."""

import pytest

from taceflow.errors import InputError


def test_a_patient_without_a_plan_is_an_error(store, fetch_series):
    with pytest.raises(InputError, match=r"HCC_999.*no series is planned"):
        fetch_series("HCC_999")
