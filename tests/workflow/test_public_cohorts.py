"""What a public cohort takes, planned offline: tests/unit/public_cohorts runs the rules."""

FETCH = ("-s", "workflow/public_cohorts.smk")


def overlay(name):
    return ("--configfile", f"config/{name}/config.yaml")


def test_hcc_tace_seg_is_fetched_patient_by_patient(project):
    planned = project.snakemake("-n", *FETCH, *overlay("hcc_tace_seg")).planned
    assert planned == {
        "all": 1,
        "idc_series": 1,
        "download_patient": 105,
        "hcc_tace_seg_sheet": 1,
        "hcc_tace_seg_patients": 1,
    }


def test_waw_tace_is_fetched_file_by_file(project):
    planned = project.snakemake("-n", *FETCH, *overlay("waw_tace")).planned
    assert planned == {
        "all": 1,
        "waw_tace_record": 1,
        "download_zenodo_file": 6,
        "waw_tace_patients": 1,
        "waw_tace_scans": 1,
        "waw_tace_segmentations": 1,
    }


def test_without_a_cohort_nothing_is_fetched(project):
    result = project.snakemake("-n", *FETCH, status=1)
    assert "public_cohort.collection is null" in result.output
    assert "Traceback" not in result.output


def test_a_study_before_its_cohort_is_fetched_says_what_is_missing(project):
    result = project.snakemake("-n", *overlay("waw_tace"), status=1)
    assert "the public cohort waw_tace is not fetched yet: snakemake -s" in result.output
