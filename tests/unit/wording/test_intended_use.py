"""What a model is for stands in one place."""

from taceflow.wording.intended_use import NO_DECISION, RESEARCH


def test_no_module_says_it_in_words_of_its_own(root):
    package = root / "src" / "taceflow"
    texts = {file: file.read_text(encoding="utf-8") for file in package.rglob("*.py")}
    for words in (RESEARCH[:30], NO_DECISION[:30]):
        assert [file.name for file, text in texts.items() if words in text] == ["intended_use.py"]
