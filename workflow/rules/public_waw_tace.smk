# WAW-TACE: zip archives and the clinical sheet from Zenodo, file by file.
from dataclasses import asdict
from taceflow.public_cohorts import waw_tace

COHORT_FILES = expand(f"{COHORT}/{{table}}.tsv", table=["patients", "scans", "segmentations"])


rule waw_tace_record:
    output:
        receipt=f"{COHORT}/receipts/record.json.tsv",
    log:
        f"{RESULTS}/logs/waw_tace_record/waw_tace_record.log",
    benchmark:
        f"{RESULTS}/benchmarks/waw_tace_record/waw_tace_record.tsv"
    retries: 2
    conda:
        "../../envs/download.yaml"
    resources:
        runtime=minutes(60),
    params:
        code=code_digest("public_cohorts/download_file"),
        source=asdict(waw_tace.RECORD_SOURCE),
        target=f"{COHORT}/record.json",
    message:
        "Fetching the list of files, sizes and digests"
    script:
        "../scripts/public_cohorts/download_file.py"


rule download_zenodo_file:
    input:
        receipt=f"{COHORT}/receipts/record.json.tsv",
    output:
        receipt=f"{COHORT}/receipts/{{file,.+wawtace.+}}.tsv",
    log:
        f"{RESULTS}/logs/download_zenodo_file/{{file}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/download_zenodo_file/{{file}}.tsv"
    retries: 2
    conda:
        "../../envs/download.yaml"
    resources:
        runtime=minutes(1440),
    params:
        code=code_digest("public_cohorts/download_zenodo_file"),
        record=f"{COHORT}/record.json",
        target=f"{COHORT}/{{file}}",
    message:
        "Fetching {wildcards.file}"
    script:
        "../scripts/public_cohorts/download_zenodo_file.py"


rule waw_tace_patients:
    input:
        receipt=f"{COHORT}/receipts/{waw_tace.SHEET}.tsv",
    output:
        patients=f"{COHORT}/patients.tsv",
    log:
        f"{RESULTS}/logs/waw_tace_patients/waw_tace_patients.log",
    benchmark:
        f"{RESULTS}/benchmarks/waw_tace_patients/waw_tace_patients.tsv"
    conda:
        "../../envs/download.yaml"
    params:
        code=code_digest("public_cohorts/waw_tace_patients"),
        sheet=f"{COHORT}/{waw_tace.SHEET}",
    message:
        "Writing the table of patients"
    script:
        "../scripts/public_cohorts/waw_tace_patients.py"


rule waw_tace_scans:
    input:
        receipts=expand(f"{COHORT}/receipts/{{file}}.tsv", file=waw_tace.SCANS),
        patients=f"{COHORT}/patients.tsv",
    output:
        scans=f"{COHORT}/scans.tsv",
    log:
        f"{RESULTS}/logs/waw_tace_scans/waw_tace_scans.log",
    benchmark:
        f"{RESULTS}/benchmarks/waw_tace_scans/waw_tace_scans.tsv"
    conda:
        "../../envs/download.yaml"
    resources:
        runtime=minutes(240),
    params:
        code=code_digest("public_cohorts/waw_tace_scans"),
        archives=expand(f"{COHORT}/{{file}}", file=waw_tace.SCANS),
        phase=config["imaging"]["phase"],
        folder=f"{COHORT}/images",
    message:
        "Unpacking the scans of the study's phase"
    script:
        "../scripts/public_cohorts/waw_tace_scans.py"


rule waw_tace_segmentations:
    input:
        receipt=f"{COHORT}/receipts/{waw_tace.MASKS}.tsv",
        patients=f"{COHORT}/patients.tsv",
    output:
        segmentations=f"{COHORT}/segmentations.tsv",
    log:
        f"{RESULTS}/logs/waw_tace_segmentations/waw_tace_segmentations.log",
    benchmark:
        f"{RESULTS}/benchmarks/waw_tace_segmentations/waw_tace_segmentations.tsv"
    conda:
        "../../envs/imaging.yaml"
    resources:
        mem_mb=memory_mb(4000),
        runtime=minutes(240),
    params:
        code=code_digest("public_cohorts/waw_tace_segmentations"),
        archive=f"{COHORT}/{waw_tace.MASKS}",
        phase=config["imaging"]["phase"],
        folder=f"{COHORT}/masks",
    message:
        "Joining each patient's tumours into one mask"
    script:
        "../scripts/public_cohorts/waw_tace_segmentations.py"
