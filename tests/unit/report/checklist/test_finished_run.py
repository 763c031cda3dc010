"""A finished run as the checklists ask about it."""

from dataclasses import replace

from taceflow.report.checklist.finished_run import Answer, of_images, sizes


def test_cohorts_stand_with_training_first_and_none_is_empty(run):
    patients = run.tables["patients"].iloc[::-1]
    found = replace(run, tables=run.tables | {"patients": patients}).cohorts()
    assert {name: len(rows) for name, rows in found.items()} == {"training": 40, "validation": 20}
    assert list(found) == ["training", "validation"]
    deaths = int(patients.loc[patients["cohort"] == "training", "event"].sum())
    assert sizes(found["training"]) == f"40 patients, {deaths} deaths"


def test_what_is_asked_of_images_has_another_answer_without(run):
    @of_images(Answer("no images"))
    def asked(run):
        return Answer(f"{run.total} scans")

    ready = replace(run, described={"radscore": run.described["radscore"]})
    assert (asked(run).text, asked(ready).text) == ("63 scans", "no images")
    # the checklists find their answers by module and name
    assert (asked.__name__, asked.__module__) == ("asked", __name__)


def test_published_coefficients_are_no_lasso(run, changed):
    assert run.has_lasso
    assert not changed(run, "radscore", family="published").has_lasso
