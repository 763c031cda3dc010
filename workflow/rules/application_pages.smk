# What a clinician reads: a page a patient, and one of all.
from taceflow.code_digest import is_script

# Steps whose code, or libraries, are not those that the bundle was made with.
CHANGED = [
    step
    for step, digest in STUDY.model.manifest["code"].items()
    if not is_script(step) or code_digest(step) != digest
]
# What a page reads, of all patients.
TOLD = {
    "predictions": rules.predictions.output.predictions,
    "models": rules.predictions.output.applied,
    "ranges": rules.training_range.output.ranges,
    "verdicts": rules.training_range.output.verdicts,
    "bundle": [
        f"{OPENED}/{name}"
        for name in ("manifest.json", "models.json", "ranges.tsv", "performance.tsv")
    ],
}


rule patient_page:
    input:
        **TOLD,
        pictures=JOBS.ledger("quality_picture") if STUDY.has_images else [],
        drawn=DRAWN,
    output:
        made=JOBS.ledger("patient_page"),
    log:
        f"{RESULTS}/logs/patient_page/{{bucket}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/patient_page/{{bucket}}.tsv"
    conda:
        "../../envs/report.yaml"
    params:
        code=code_digest("report/patient_page"),
        job=JOBS.told("patient_page", included, reads="quality_picture"),
        run=config["run"],
        opened=OPENED,
    message:
        "Writing the pages of the patients of bucket {wildcards.bucket}"
    script:
        "../scripts/report/patient_page.py"


rule patient_index:
    input:
        **TOLD,
    output:
        html=report(
            f"{RESULTS}/application/index.html",
            caption="../report/patient_index.rst",
            category="New patients",
            labels={"patient": "all, furthest from the training patients first"},
        ),
    log:
        f"{RESULTS}/logs/patient_index/patient_index.log",
    benchmark:
        f"{RESULTS}/benchmarks/patient_index/patient_index.tsv"
    conda:
        "../../envs/report.yaml"
    params:
        code=code_digest("report/patient_index"),
        run=config["run"],
        followed=STUDY.followed,
        changed=CHANGED,
        opened=OPENED,
    message:
        "Writing the page of all patients"
    script:
        "../scripts/report/patient_index.py"
