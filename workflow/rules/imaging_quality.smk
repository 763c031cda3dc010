# What a radiologist looks at before anything is believed: a picture a patient, and the cohort worst first.


rule quality_picture:
    input:
        volumes=rules.import_patient.output.volumes,
    output:
        picture=report(
            f"{RESULTS}/qc/{{patient}}.png",
            caption="../report/quality_picture.rst",
            category="Quality control",
            labels={"patient": "{patient}"},
        ),
        thumbnail=f"{RESULTS}/qc/thumbnails/{{patient}}.png",
        numbers=f"{RESULTS}/qc/{{patient}}.json",
    log:
        f"{RESULTS}/logs/quality_picture/{{patient}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/quality_picture/{{patient}}.tsv"
    conda:
        "../../envs/imaging.yaml"
    resources:
        mem_mb=1500,
    params:
        code=code_digest("imaging/quality_picture"),
        phase=config["imaging"]["phase"],
    message:
        "Measuring and drawing the masks of {wildcards.patient} over the CT"
    script:
        "../scripts/imaging/quality_picture.py"


rule contact_sheet:
    input:
        numbers=included("qc/{patient}.json", always=True),
        thumbnails=included("qc/thumbnails/{patient}.png", always=True),
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
    message:
        "Laying out the cohort's tumours, worst first"
    script:
        "../scripts/imaging/contact_sheet.py"
