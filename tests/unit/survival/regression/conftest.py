"""What the models of R's veteran are made of."""

import pytest

from taceflow.survival.regression.design import Variable


@pytest.fixture
def veteran_variables() -> dict[str, Variable]:
    """The variables of the study, by column."""
    return {
        "trt": Variable("trt", "Treatment", "1"),
        "celltype": Variable("celltype", "Cell type", "squamous"),
        "karno": Variable("karno", "Karnofsky"),
        "diagtime": Variable("diagtime", "Time"),
        "age": Variable("age", "Age"),
        "prior": Variable("prior", "Prior", "0"),
    }
