"""scikit-survival (GPL-3) and glmstar (GPL-2-only) never meet in one process."""

import re

import pytest

from taceflow.code_digest import import_closure

GPL = {
    "sksurv": re.compile(r"^\s*(from|import) sksurv\b", re.MULTILINE),
    "glmnet": re.compile(r"^\s*(from|import) glmnet\b", re.MULTILINE),
}


@pytest.mark.parametrize(
    ("script", "libraries"),
    [
        ("radscore/radscore_fit_cox", {"sksurv"}),
        ("radscore/radscore_fit_binomial", {"glmnet"}),
        ("radscore/selection_frequency_cox", {"sksurv"}),
        ("radscore/selection_frequency_binomial", {"glmnet"}),
        ("radscore/radscore_fit_published", set()),
        ("radscore/radscore_folds", set()),
        ("radscore/radscore_scores", set()),
        ("survival/table_1", set()),
        ("survival/table_s1", set()),
        ("radscore/table_s2", set()),
        ("survival/survival_models", set()),
    ],
)
def test_each_script_imports_one_of_them_at_most(root, script, libraries):
    file = root / "workflow" / "scripts" / f"{script}.py"
    texts = [path.read_text() for path in import_closure(file)]
    found = {name for name, pattern in GPL.items() if any(map(pattern.search, texts))}
    assert found == libraries


def test_no_module_imports_both(root):
    for path in (root / "src").rglob("*.py"):
        text = path.read_text()
        assert not all(pattern.search(text) for pattern in GPL.values()), path
