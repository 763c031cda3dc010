# What leaves the run: tables for a manuscript, provenance, and the report in one file.
from taceflow.report.provenance import workflow_digest
from taceflow.study import tables


wildcard_constraints:
    table="|".join(tables.TABLES),


rule manuscript_table:
    input:
        table=f"{RESULTS}/tables/{{table}}.tsv",
    output:
        html=report(
            f"{RESULTS}/tables/{{table}}.html",
            caption="../report/manuscript_table.rst",
            category="Tables",
            labels={"table": tables.shown},
        ),
        docx=f"{RESULTS}/tables/{{table}}.docx",
    log:
        f"{RESULTS}/logs/manuscript_table/{{table}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/manuscript_table/{{table}}.tsv"
    conda:
        "../../envs/report.yaml"
    threads: 1
    resources:
        mem_mb=500,
        runtime=5,
    params:
        code=code_digest("report/manuscript_table"),
    message:
        "Printing {wildcards.table} for the manuscript"
    script:
        "../scripts/report/manuscript_table.py"


rule provenance:
    input:
        patients=f"{RESULTS}/cohort/patients.tsv",
        descriptions=[of_images("dlopctr/backbone.json"), of_images("dlopctr/model.json")],
    output:
        provenance=f"{RESULTS}/provenance.json",
    log:
        f"{RESULTS}/logs/provenance/provenance.log",
    benchmark:
        f"{RESULTS}/benchmarks/provenance/provenance.tsv"
    conda:
        "../../envs/report.yaml"
    threads: 1
    resources:
        mem_mb=500,
        runtime=5,
    params:
        code=code_digest("report/provenance"),
        libraries=digest.library_versions(pinned=PINNED),
        config=config,
        workflow=workflow_digest(),
    message:
        "Writing down what the run was made of"
    script:
        "../scripts/report/provenance.py"


rule report:
    input:
        template=workflow.source_path("../report/report.html.j2"),
        captions=[workflow.source_path(f"../report/{name}.rst") for name in FIGURES],
        patients=f"{RESULTS}/cohort/patients.tsv",
        exclusions=f"{RESULTS}/cohort/exclusions.tsv",
        quality=of_images("cohort/quality.tsv"),
        icc=f"{RESULTS}/radiomics/icc.tsv",
        radscore=f"{RESULTS}/radscore/model.json",
        scores=f"{RESULTS}/radscore/scores.tsv",
        frequency=SELECTION_FREQUENCY,
        predictions=f"{RESULTS}/survival/predictions.tsv",
        network=of_images("dlopctr/model.json"),
        backbone=of_images("dlopctr/backbone.json"),
        pre_experiment=of_images("dlopctr/pre_experiment.tsv"),
        models=f"{RESULTS}/survival/models.json",
        performance=f"{RESULTS}/survival/performance.tsv",
        comparisons=f"{RESULTS}/survival/comparisons.tsv",
        optimism=f"{RESULTS}/survival/optimism.tsv",
        delong=f"{RESULTS}/survival/delong.tsv",
        manuscript=expand(f"{RESULTS}/tables/{{table}}.tsv", table=tables.TABLES),
        provenance=f"{RESULTS}/provenance.json",
        figures=expand(
            f"{RESULTS}/figures/{{name}}.svg", name=targets.figures(config, STUDY.columns)
        ),
        quality_pictures=included("qc/{patient}.png") if STUDY.has_images else [],
        contact_sheet=of_images("qc/contact_sheet"),
    output:
        html=report(
            f"{RESULTS}/report.html",
            caption="../report/report.rst",
            category="Report",
            labels={"report": "the whole run"},
        ),
    log:
        f"{RESULTS}/logs/report/report.log",
    benchmark:
        f"{RESULTS}/benchmarks/report/report.tsv"
    conda:
        "../../envs/report.yaml"
    threads: 1
    resources:
        mem_mb=800,
        runtime=10,
    params:
        code=code_digest("report/report"),
        config=config,
        study={
            "is_synthetic": STUDY.is_synthetic,
            "total": len(STUDY.patients),
            "left_out": targets.left_out(config, STUDY.columns),
            "ready_notes": list(STUDY.ready_notes),
        },
    message:
        "Writing the report of the run"
    script:
        "../scripts/report/report.py"
