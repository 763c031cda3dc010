# HCC-TACE-Seg: DICOM from the Imaging Data Commons patient by patient, the clinical sheet from TCIA.
from dataclasses import asdict
from taceflow.public_cohorts import hcc_tace_seg

COHORT_FILES = [f"{COHORT}/patients.tsv"]
COHORT_FILES += expand(f"{COHORT}/receipts/{{patient}}.tsv", patient=hcc_tace_seg.PATIENTS)


rule idc_series:
    output:
        series=f"{COHORT}/series.tsv",
    log:
        f"{RESULTS}/logs/idc_series/idc_series.log",
    benchmark:
        f"{RESULTS}/benchmarks/idc_series/idc_series.tsv"
    conda:
        "../../envs/download.yaml"
    params:
        code=code_digest("public_cohorts/idc_series"),
    message:
        "Choosing the series to fetch"
    script:
        "../scripts/public_cohorts/idc_series.py"


rule download_patient:
    input:
        series=f"{COHORT}/series.tsv",
    output:
        receipt=f"{COHORT}/receipts/{{patient,HCC_\\d+}}.tsv",
    log:
        f"{RESULTS}/logs/download_patient/{{patient}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/download_patient/{{patient}}.tsv"
    retries: 2
    conda:
        "../../envs/download.yaml"
    resources:
        runtime=minutes(120),
    params:
        code=code_digest("public_cohorts/download_patient"),
        folder=f"{COHORT}/dicom/{{patient}}",
    message:
        "Fetching the CT and the segmentation of {wildcards.patient}"
    script:
        "../scripts/public_cohorts/download_patient.py"


rule hcc_tace_seg_sheet:
    output:
        receipt=f"{COHORT}/receipts/{hcc_tace_seg.SHEET}.tsv",
    log:
        f"{RESULTS}/logs/hcc_tace_seg_sheet/hcc_tace_seg_sheet.log",
    benchmark:
        f"{RESULTS}/benchmarks/hcc_tace_seg_sheet/hcc_tace_seg_sheet.tsv"
    retries: 2
    conda:
        "../../envs/download.yaml"
    resources:
        runtime=minutes(60),
    params:
        code=code_digest("public_cohorts/download_file"),
        source=asdict(hcc_tace_seg.SHEET_SOURCE),
        target=f"{COHORT}/{hcc_tace_seg.SHEET}",
    message:
        "Fetching the clinical sheet"
    script:
        "../scripts/public_cohorts/download_file.py"


rule hcc_tace_seg_patients:
    input:
        receipt=f"{COHORT}/receipts/{hcc_tace_seg.SHEET}.tsv",
    output:
        patients=f"{COHORT}/patients.tsv",
    log:
        f"{RESULTS}/logs/hcc_tace_seg_patients/hcc_tace_seg_patients.log",
    benchmark:
        f"{RESULTS}/benchmarks/hcc_tace_seg_patients/hcc_tace_seg_patients.tsv"
    conda:
        "../../envs/download.yaml"
    params:
        code=code_digest("public_cohorts/hcc_tace_seg_patients"),
        sheet=f"{COHORT}/{hcc_tace_seg.SHEET}",
    message:
        "Writing the table of patients"
    script:
        "../scripts/public_cohorts/hcc_tace_seg_patients.py"
