"""``tables: my_study.xlsx``: each table is a sheet of one workbook."""

import pandas as pd
import pytest

from taceflow.errors import ConfigurationError, InputError, TaceflowError
from taceflow.study.plan import plan_study


@pytest.fixture
def one_workbook(own_config, tmp_path):
    """Put the tables into one workbook, changed by name, and name it in the configuration."""

    def write(**changed):
        path = tmp_path / "my study.xlsx"
        tables = {
            name: pd.read_csv(file, sep="\t", dtype=str)
            for name, file in own_config["tables"].items()
        }
        with pd.ExcelWriter(path) as writer:
            for name, table in (tables | changed).items():
                if table is not None:
                    table.to_excel(writer, sheet_name=name, index=False)
        return own_config | {"tables": str(path)}

    return write


def test_one_workbook_is_the_three_tables(own_config, one_workbook):
    own = plan_study(one_workbook())
    assert own.to_import == plan_study(own_config).to_import == ("A", "D", "E")
    assert len(set(own.table_paths.values())) == 1


@pytest.mark.parametrize("title", ["Reviews", "reviw"])
def test_a_sheet_that_is_misspelt_is_not_passed_over(one_workbook, title):
    said = pd.DataFrame({"patient_id": ["A"], "verdict": ["keep"]})
    with pytest.raises(InputError, match=rf"the sheet '{title}' is nearly 'review'.*Rename it"):
        plan_study(one_workbook(**{title: said}))
    assert plan_study(one_workbook(**{title: said, "review": said})).review["A"].verdict == "keep"
    assert plan_study(one_workbook(review_2019=said)).review == {}


def test_a_workbook_that_is_not_there_is_looked_for_beside(own_config, one_workbook):
    config = one_workbook()
    for tables in (
        config["tables"].replace("study", "stdy"),
        own_config["tables"] | {"scans": config["tables"].replace("study", "stdy")},
    ):
        with pytest.raises(TaceflowError, match=r"did you mean 'my study.xlsx'\?"):
            plan_study(own_config | {"tables": tables})


@pytest.mark.parametrize(
    ("written", "given"),
    [
        ("tables: my_study.xlsx", {"review": "r.tsv"}),
        ("tables: {workbook: a.xlsx, review: r.tsv}", "my_study.xlsx"),
        ("tables: {patients: p.tsv, review: r.tsv}", "my_study.xlsx"),
    ],
)
def test_a_workbook_and_keys_do_not_take_each_other_s_place(tmp_path, own_config, written, given):
    (tmp_path / "a.yaml").write_text(written)
    if isinstance(given, dict):
        given = dict.fromkeys(own_config["tables"]) | given
    with pytest.raises(ConfigurationError) as raised:
        plan_study(own_config | {"tables": given}, [str(tmp_path / "a.yaml")])
    assert "a.yaml and what was given beside that file replace each other" in str(raised.value)
    assert "write tables: {workbook: my_study.xlsx, review: r.tsv} into" in str(raised.value)


@pytest.mark.parametrize("written", ["patients: p.tsv", "features_id: patient_id"])
def test_a_workbook_of_the_command_line_takes_the_place_of_tables_and_defaults(
    tmp_path, own_config, one_workbook, written
):
    (tmp_path / "a.yaml").write_text(f"tables: {{{written}}}")
    study = plan_study(one_workbook(), [str(tmp_path / "a.yaml")])
    assert study.to_import == plan_study(own_config).to_import


def test_a_column_of_notes_is_read_by_nothing(own_config, one_workbook):
    noted = {
        name: pd.read_csv(own_config["tables"][name], sep="\t", dtype=str).assign(notes="7 (?)")
        for name in own_config["tables"]
    }
    study = plan_study(one_workbook(**noted))
    assert study.to_import == ("A", "D", "E")
    assert "notes" not in study.columns


def test_a_marked_choice_of_the_workbook_counts_and_an_unmarked_one_does_not(one_workbook):
    key = f"uid-{'0' * 16}"
    choices = pd.DataFrame({"patient_id": ["A"], "use": ["x"], "series_uid": [key]})
    assert plan_study(one_workbook(choices=choices)).index.scans["A"]["series_uid"] == key
    unmarked = one_workbook(choices=choices.assign(use=None))
    assert plan_study(unmarked).index.scans["A"]["series_uid"] == ""


def test_verdicts_and_who_was_screened_may_be_sheets(one_workbook):
    said = {"patient_id": ["A"], "verdict": ["exclude"], "reason": ["no tumour"]}
    screened = {"reason": ["screened", "no CT"], "n": [12, 7]}
    study = plan_study(one_workbook(review=pd.DataFrame(said), screening=pd.DataFrame(screened)))
    assert study.review["A"].reason == "no tumour"
    assert study.screening == [("no CT", 7)]
    assert plan_study(one_workbook()).review == {}
    empty = one_workbook(review=pd.DataFrame(columns=list(said)))
    assert plan_study(empty).review == {}


def test_a_table_beside_the_workbook_goes_before_its_sheet(own_config, one_workbook, tmp_path):
    said = pd.DataFrame({"patient_id": ["A"], "verdict": ["exclude"], "reason": ["no tumour"]})
    review = tmp_path / "review.tsv"
    said.assign(reason="in air").to_csv(review, sep="\t", index=False)
    config = one_workbook(review=said)
    # as Snakemake merges them: the demo's tables, which are none, lie below
    config["tables"] = {"workbook": config["tables"], "scans": None, "review": str(review)}
    study = plan_study(config)
    assert study.to_import == plan_study(own_config).to_import
    assert study.review["A"].reason == "in air"


def test_beside_an_archive_sheets_without_rows_are_none(own_config, one_workbook, tmp_path):
    empty = pd.DataFrame(columns=["patient_id", "phase", "image"])
    config = one_workbook(scans=empty, segmentations=None)
    config["archive"] = {"root": str(tmp_path)}
    study = plan_study(config)
    assert set(study.table_paths) == {"patients"}
    # without an archive nobody could be imported
    with pytest.raises(InputError, match=r"my study\.xlsx"):
        plan_study(one_workbook(segmentations=None))


@pytest.mark.parametrize(
    ("path", "words"),
    [("nowhere.xlsx", "does not exist"), ("patients.tsv", "is no workbook"), ("~/a.xlsx", "~")],
)
def test_a_workbook_that_is_none_is_said(own_config, path, words):
    with pytest.raises(ConfigurationError, match=words):
        plan_study(own_config | {"tables": path})
