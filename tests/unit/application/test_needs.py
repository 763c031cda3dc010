import pytest

from taceflow.application.needs import terms_of, why_not

SHEET = {"sex", "afp_ng_ml", "age_years"}


def with_networks(contents):
    network = {"kind": "network", "variables": [], "terms": []}
    contents["models.json"] |= {
        "dlopctr": network,
        "dlop_cox": contents["models.json"]["clinical"] | {"variables": ["afp_ng_ml", "dlopctr"]},
        "dlop_combin": network,
    }
    contents["dlop_combin.json"] = {"terms": [{"column": "mvi", "reference": None, "levels": []}]}


def test_a_model_needs_its_clinical_variables_and_no_score_of_the_study(opened):
    columns = {
        name: [term.column for term in terms]
        for name, terms in terms_of(opened(with_networks)).items()
    }
    assert columns["clinical"] == ["sex", "afp_ng_ml"]
    assert columns["radscore"] == columns["dlopctr"] == []
    assert columns["dlop_combin"] == ["mvi"]


@pytest.mark.parametrize(
    ("columns", "has_images", "served"),
    [
        (SHEET | {"mvi"}, True, {"clinical", "radscore", "dlopctr", "dlop_cox", "dlop_combin"}),
        (SHEET, True, {"clinical", "radscore", "dlopctr", "dlop_cox"}),
        ({"sex"}, True, {"radscore", "dlopctr"}),
        (SHEET | {"mvi"}, False, {"clinical", "radscore"}),
    ],
)
def test_who_lacks_a_column_gets_the_models_that_can_do_without(
    opened, columns, has_images, served
):
    reasons = why_not(opened(with_networks), columns, has_images=has_images)
    assert {name for name, reason in reasons.items() if not reason} == served
    if "afp_ng_ml" not in columns:
        assert reasons["clinical"] == "the table of patients has no value of afp_ng_ml"
    if not has_images:
        assert "needs images" in reasons["dlop_cox"]
