# Who is in the study: the sheet, less those whose images or masks cannot be used.


checkpoint cohort:
    input:
        patients=STUDY.table_paths["patients"],
        tables=list(STUDY.table_paths.values())[1:],
        imported=JOBS.ledgers("import_patient", STUDY.to_import),
    output:
        members=f"{RESULTS}/cohort/members.tsv",
        exclusions=f"{RESULTS}/cohort/exclusions.tsv",
        readings=f"{RESULTS}/cohort/readings.tsv",
        acquisition=f"{RESULTS}/cohort/acquisition.tsv",
        series=f"{RESULTS}/cohort/series.tsv",
        candidates=f"{RESULTS}/private/candidates.tsv",
    log:
        f"{RESULTS}/logs/cohort/cohort.log",
    benchmark:
        f"{RESULTS}/benchmarks/cohort/cohort.tsv"
    conda:
        "../../envs/imaging.yaml"
    params:
        code=code_digest("cohort/cohort"),
        tables=STUDY.table_paths,
        volumes=JOBS.files("import_patient", STUDY.to_import),
        listed=JOBS.files("import_patient", STUDY.to_import, 1),
        has_archive=STUDY.archive is not None,
        featured=STUDY.featured,
        review=STUDY.deciding_review,
        phase=config["imaging"]["phase"],
        on_bad_input=config["on_bad_input"],
        split=config["split"] if STUDY.is_fitted else None,
    message:
        "Drawing the cohort from the sheet and the imported images"
    script:
        "../scripts/cohort/cohort.py"


rule patients:
    input:
        sheet=STUDY.table_paths["patients"],
        members=rules.cohort.output.members,
        pictures=pictures_first,
    output:
        patients=PATIENTS,
    log:
        f"{RESULTS}/logs/patients/patients.log",
    benchmark:
        f"{RESULTS}/benchmarks/patients/patients.tsv"
    conda:
        "../../envs/imaging.yaml"
    params:
        code=code_digest("cohort/patients"),
        is_fitted=STUDY.is_fitted,
    message:
        "Writing the table of the included patients"
    script:
        "../scripts/cohort/patients.py"
