# What a manuscript needs beyond its tables: the run beside the paper, and the reporting checklists.


rule beside_paper:
    input:
        printed_table_s1=workflow.source_path("../resources/sun_2024_table_s1.tsv"),
        printed_figures=workflow.source_path("../resources/sun_2024_figures_of_merit.tsv"),
        patients=PATIENTS,
        icc=rules.feature_reproducibility.output.icc,
        radscore=rules.radscore_fit.output.model,
        table_s1=rules.table_s1.output.table,
        predictions=PREDICTIONS,
        performance=rules.performance.output.performance,
    output:
        table=f"{RESULTS}/tables/beside_paper.tsv",
    log:
        f"{RESULTS}/logs/beside_paper/beside_paper.log",
    benchmark:
        f"{RESULTS}/benchmarks/beside_paper/beside_paper.tsv"
    conda:
        "../../envs/report.yaml"
    params:
        code=code_digest("report/beside_paper"),
    message:
        "Putting this run's numbers beside the printed ones"
    script:
        "../scripts/report/beside_paper.py"


rule checklist:
    input:
        asked=workflow.source_path("../resources/checklists.tsv"),
        panel=config["radiomics"]["panel"],
        patients=PATIENTS,
        exclusions=rules.cohort.output.exclusions,
        acquisition=of_images("cohort/acquisition.tsv"),
        icc=rules.feature_reproducibility.output.icc,
        table_1=rules.table_1.output.table,
        performance=rules.performance.output.performance,
        radscore=rules.radscore_fit.output.model,
        clinical_variables=rules.clinical_variables.output.chosen,
        models=MODELS_JSON,
        network=of_images("dlopctr/model.json"),
        backbone=of_images("dlopctr/backbone.json"),
    output:
        table=f"{RESULTS}/tables/checklist.tsv",
    log:
        f"{RESULTS}/logs/checklist/checklist.log",
    benchmark:
        f"{RESULTS}/benchmarks/checklist/checklist.tsv"
    conda:
        "../../envs/report.yaml"
    params:
        code=code_digest("report/checklist"),
        libraries=library_versions(pinned=PINNED),
        config=config,
        is_synthetic=STUDY.is_synthetic,
        total=len(STUDY.patients),
        screening=STUDY.screening,
    message:
        "Filling the reporting checklists with what the run knows"
    script:
        "../scripts/report/checklist.py"
