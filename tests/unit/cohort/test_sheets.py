"""Tables of a cohort, checked together."""

import os

import pytest

from taceflow.cohort.sheets import check_files, check_references, read_cohort_tables
from taceflow.errors import InputError
from taceflow.files.tables import read_table
from taceflow.study.plan import plan_study


def test_a_missing_file_and_an_unknown_patient_are_named(own_tables, tmp_path):
    names = ("patients", "scans", "segmentations")
    paths = {name: own_tables[name] for name in names}

    def check():
        tables = read_cohort_tables(**paths)
        sources = {name: paths[name] for name in names[1:]}
        check_references(tables, **sources)
        check_files(tables, **sources)

    check()
    scans = read_table(paths["scans"])
    scans.assign(image="nowhere/ct").to_csv(paths["scans"], sep="\t", index=False)
    with pytest.raises(InputError, match="patient A: the image 'nowhere/ct' does not exist"):
        check()
    scans.assign(patient_id="Z").head(1).to_csv(paths["scans"], sep="\t", index=False)
    with pytest.raises(InputError, match="patient Z: is not in the table of patients"):
        check()


@pytest.mark.parametrize(("table", "column"), [("scans", "image"), ("segmentations", "mask")])
def test_a_brace_in_a_path_is_named_with_its_patient(own_config, tmp_path, table, column, rewrite):
    assert plan_study(own_config).to_import == ("A", "D", "E")
    (tmp_path / "ct{1}").mkdir()

    def name_it(frame):
        return frame.assign(
            **{column: frame[column].where(frame["patient_id"] != "D", f"{tmp_path}/ct{{1}}")}
        )

    rewrite(own_config["tables"][table], name_it)
    with pytest.raises(InputError, match=rf"patient D: .*ct\{{1\}}.*{table}\.tsv.*Rename"):
        plan_study(own_config)


def test_a_placeholder_in_a_path_is_named_with_patient_and_row(own_config, rewrite):
    rewrite(own_config["tables"]["scans"], lambda frame: frame.assign(image="<path>/ct"))
    with pytest.raises(InputError, match=r"patient A: .*'<path>'.*scans\.tsv, row 2\]"):
        plan_study(own_config)


def test_a_pipe_is_refused_before_any_job(own_config, tmp_path, rewrite):
    os.mkfifo(tmp_path / "pipe.nii")
    for table, column in (("scans", "image"), ("segmentations", "mask")):
        for endless in (str(tmp_path / "pipe.nii"), "/dev/zero"):
            before = read_table(own_config["tables"][table])
            rewrite(own_config["tables"][table], lambda frame: frame.assign(**{column: endless}))  # noqa: B023
            with pytest.raises(InputError, match=f"patient A: the {column} .*neither a file nor"):
                plan_study(own_config)
            before.to_csv(own_config["tables"][table], sep="\t", index=False)
