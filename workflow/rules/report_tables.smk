# What a manuscript needs beyond its tables: the run beside the paper, and the reporting checklists.


rule beside_paper:
    input:
        printed_table_s1=workflow.source_path("../resources/sun_2024_table_s1.tsv"),
        printed_figures=workflow.source_path("../resources/sun_2024_figures_of_merit.tsv"),
        patients=f"{RESULTS}/cohort/patients.tsv",
        icc=f"{RESULTS}/radiomics/icc.tsv",
        radscore=f"{RESULTS}/radscore/model.json",
        table_s1=f"{RESULTS}/tables/table_s1.tsv",
        predictions=f"{RESULTS}/survival/predictions.tsv",
        performance=f"{RESULTS}/survival/performance.tsv",
    output:
        table=f"{RESULTS}/tables/beside_paper.tsv",
    log:
        f"{RESULTS}/logs/beside_paper/beside_paper.log",
    benchmark:
        f"{RESULTS}/benchmarks/beside_paper/beside_paper.tsv"
    conda:
        "../../envs/report.yaml"
    threads: 1
    resources:
        mem_mb=500,
        runtime=5,
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
        patients=f"{RESULTS}/cohort/patients.tsv",
        exclusions=f"{RESULTS}/cohort/exclusions.tsv",
        acquisition=of_images("cohort/acquisition.tsv"),
        icc=f"{RESULTS}/radiomics/icc.tsv",
        table_1=f"{RESULTS}/tables/table_1.tsv",
        performance=f"{RESULTS}/survival/performance.tsv",
        radscore=f"{RESULTS}/radscore/model.json",
        clinical_variables=f"{RESULTS}/survival/clinical_variables.json",
        models=f"{RESULTS}/survival/models.json",
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
    threads: 1
    resources:
        mem_mb=500,
        runtime=5,
    params:
        code=code_digest("report/checklist"),
        libraries=digest.library_versions(pinned=PINNED),
        config=config,
        is_synthetic=STUDY.is_synthetic,
        total=len(STUDY.patients),
    message:
        "Filling the reporting checklists with what the run knows"
    script:
        "../scripts/report/checklist.py"
