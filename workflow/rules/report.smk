# What leaves the run: tables for a manuscript, provenance, and the report in one file.
from taceflow.report.provenance import workflow_digest

# Captions of all kinds of figures: Snakemake's own report shows the same ones.
CAPTIONS = [
    "figure_s1",
    "feature_reproducibility",
    "figure_s2a",
    "figure_s2b",
    "figure_s2c",
    "figure_s2d",
    "selection_frequency",
    "figure_s3",
]
CAPTIONS += ["km", "roc", "calibration", "auc_over_time", "decision_curve", "forest", "nomogram"]
CAPTIONS += ["established_scores", "pre_experiment", "dlopctr_history", "dlopctr_attention"]


wildcard_constraints:
    table="|".join(targets.TABLES),


rule manuscript_table:
    input:
        table=f"{RESULTS}/tables/{{table}}.tsv",
    output:
        html=report(
            f"{RESULTS}/tables/{{table}}.html",
            caption="../report/manuscript_table.rst",
            category="Tables",
            labels={"table": "{table}"},
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
        captions=[workflow.source_path(f"../report/{name}.rst") for name in CAPTIONS],
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
        table_1=f"{RESULTS}/tables/table_1.tsv",
        table_s1=f"{RESULTS}/tables/table_s1.tsv",
        table_s2=f"{RESULTS}/tables/table_s2.tsv",
        logistic=f"{RESULTS}/tables/logistic.tsv",
        delong=f"{RESULTS}/survival/delong.tsv",
        beside_paper=f"{RESULTS}/tables/beside_paper.tsv",
        checklist=f"{RESULTS}/tables/checklist.tsv",
        provenance=f"{RESULTS}/provenance.json",
        figures=expand(f"{RESULTS}/figures/{{name}}.svg", name=FIGURES),
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
        is_synthetic=STUDY.is_synthetic,
        left_out=LEFT_OUT,
        total=len(STUDY.patients),
        ready_notes=list(STUDY.ready_notes),
    message:
        "Writing the report of the run"
    script:
        "../scripts/report/report.py"
