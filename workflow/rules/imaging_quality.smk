# What a radiologist looks at before anything is believed: a picture a patient, and the cohort worst first.


rule quality_picture:
    input:
        imported=rules.import_patient.output.made,
        drawn=DRAWN,
    output:
        made=JOBS.ledger("quality_picture"),
    log:
        f"{RESULTS}/logs/quality_picture/{{bucket}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/quality_picture/{{bucket}}.tsv"
    conda:
        "../../envs/imaging.yaml"
    resources:
        mem_mb=memory_mb(1500),
        runtime=BUCKET_MINUTES,
    params:
        code=code_digest("imaging/quality_picture"),
        job=JOBS.told("quality_picture", pictured, reads="import_patient"),
        phase=config["imaging"]["phase"],
    message:
        "Drawing the masks over the CT, patients of bucket {wildcards.bucket}"
    script:
        "../scripts/imaging/quality_picture.py"


rule contact_sheet:
    input:
        made=made_of("quality_picture", always=True),
    output:
        pages=report(
            directory(f"{RESULTS}/qc/contact_sheet"),
            patterns=["{page}.png"],
            caption="../report/contact_sheet.rst",
            category="Quality control",
            labels={"patient": "contact sheet, {page}"},
        ),
        table=f"{RESULTS}/cohort/quality.tsv",
    log:
        f"{RESULTS}/logs/contact_sheet/contact_sheet.log",
    benchmark:
        f"{RESULTS}/benchmarks/contact_sheet/contact_sheet.tsv"
    conda:
        "../../envs/imaging.yaml"
    params:
        code=code_digest("imaging/contact_sheet"),
        thumbnails=JOBS.each("quality_picture", included, 1),
        numbers=JOBS.each("quality_picture", included, 2),
    message:
        "Laying out the cohort's tumours, worst first"
    script:
        "../scripts/imaging/contact_sheet.py"


rule review_page:
    input:
        template=workflow.source_path("../report/review.html"),
        made=made_of("quality_picture", pictured, always=True),
    output:
        page=f"{RESULTS}/qc/index.html",
        table=f"{RESULTS}/cohort/reviewed.tsv",
    log:
        f"{RESULTS}/logs/review_page/review_page.log",
    benchmark:
        f"{RESULTS}/benchmarks/review_page/review_page.tsv"
    conda:
        "../../envs/imaging.yaml"
    params:
        code=code_digest("imaging/review_page"),
        numbers=JOBS.each("quality_picture", pictured, 2),
        review=STUDY.told_review,
        run=config["run"],
    message:
        "Writing the page on which a reader judges the masks"
    script:
        "../scripts/imaging/review_page.py"
