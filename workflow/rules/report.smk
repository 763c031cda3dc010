# What leaves the run: tables for a manuscript, provenance, and the report in one file.
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
            labels=tables.shown,
        ),
        docx=f"{RESULTS}/tables/{{table}}.docx",
    log:
        f"{RESULTS}/logs/manuscript_table/{{table}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/manuscript_table/{{table}}.tsv"
    conda:
        "../../envs/report.yaml"
    params:
        code=code_digest("report/manuscript_table"),
        decimal_mark=LOOK["decimal_mark"],
    message:
        "Printing {wildcards.table} for the manuscript"
    script:
        "../scripts/report/manuscript_table.py"


rule manuscript_text:
    input:
        patients=PATIENTS,
        exclusions=rules.cohort.output.exclusions,
        icc=rules.feature_reproducibility.output.icc,
        performance=rules.performance.output.performance,
        optimism=rules.optimism.output.optimism,
        comparisons=rules.performance.output.comparisons,
        table_s1=f"{RESULTS}/tables/table_s1.tsv",
        radscore=rules.radscore_fit.output.model,
        network=of_images("dlopctr/model.json"),
        backbone=of_images("dlopctr/backbone.json"),
    output:
        html=report(
            f"{RESULTS}/manuscript/text.html",
            caption="../report/manuscript_text.rst",
            category="Tables",
            labels={"table": "Methods and results in paragraphs"},
        ),
        docx=f"{RESULTS}/manuscript/text.docx",
    log:
        f"{RESULTS}/logs/manuscript_text/manuscript_text.log",
    benchmark:
        f"{RESULTS}/benchmarks/manuscript_text/manuscript_text.tsv"
    conda:
        "../../envs/report.yaml"
    params:
        code=code_digest("report/manuscript_text"),
        config=config,
        total=len(STUDY.patients),
    message:
        "Writing methods and results for a manuscript"
    script:
        "../scripts/report/manuscript_text.py"


rule provenance:
    input:
        patients=PATIENTS,
        descriptions=[of_images("dlopctr/backbone.json"), of_images("dlopctr/model.json")],
    output:
        provenance=f"{RESULTS}/provenance.json",
    log:
        f"{RESULTS}/logs/provenance/provenance.log",
    benchmark:
        f"{RESULTS}/benchmarks/provenance/provenance.tsv"
    conda:
        "../../envs/report.yaml"
    params:
        code=code_digest("report/provenance"),
        libraries=library_versions(pinned=PINNED),
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
        patients=PATIENTS,
        exclusions=rules.cohort.output.exclusions,
        quality=of_images("cohort/quality.tsv"),
        reviewed=of_images("cohort/reviewed.tsv"),
        icc=rules.feature_reproducibility.output.icc,
        radscore=rules.radscore_fit.output.model,
        scores=rules.radscore_scores.output.scores,
        frequency=SELECTION_FREQUENCY,
        predictions=PREDICTIONS,
        network=of_images("dlopctr/model.json"),
        backbone=of_images("dlopctr/backbone.json"),
        pre_experiment=of_images("dlopctr/pre_experiment.tsv"),
        models=MODELS_JSON,
        performance=rules.performance.output.performance,
        comparisons=rules.performance.output.comparisons,
        optimism=rules.optimism.output.optimism,
        delong=rules.delong.output.delong,
        ranges=rules.training_ranges.output.ranges,
        batches=BATCHES,
        manuscript=expand(f"{RESULTS}/tables/{{table}}.tsv", table=tables.TABLES),
        provenance=rules.provenance.output.provenance,
        figures=expand(
            f"{RESULTS}/figures/{{name}}.svg", name=left_out.figures(config, STUDY.columns)
        ),
        quality_pictures=made_of("quality_picture") if STUDY.has_images else [],
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
    params:
        code=code_digest("report/report"),
        config=config,
        quality_pictures=JOBS.each("quality_picture", included) if STUDY.has_images else [],
        study={
            "is_synthetic": STUDY.is_synthetic,
            "total": len(STUDY.patients),
            "left_out": left_out.left_out(config, STUDY.columns),
            "ready_notes": list(STUDY.ready_notes),
        },
    message:
        "Writing the report of the run"
    script:
        "../scripts/report/report.py"
