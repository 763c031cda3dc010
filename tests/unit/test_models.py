"""The list of models, and what must be there for each of them."""

from taceflow.models import MODELS


def test_the_documentation_names_each_model(root):
    page = (root / "docs" / "results.md").read_text(encoding="utf-8")
    named = page.split("\nModels: ")[1].split("; and the scores")[0]
    assert [name for name in MODELS if f"`{name}`" not in named] == []
