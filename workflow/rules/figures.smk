# Figures of the cohort, of Table S1 and of the network's training, one rule each.


rule figure_s1:
    input:
        patients=f"{RESULTS}/cohort/patients.tsv",
        exclusions=f"{RESULTS}/cohort/exclusions.tsv",
    output:
        svg=report(
            f"{RESULTS}/figures/figure_s1.svg",
            caption="../report/figure_s1.rst",
            category="Cohort",
            labels={"figure": "S1: flow of patients"},
        ),
        pdf=f"{RESULTS}/figures/figure_s1.pdf",
        png=f"{RESULTS}/figures/figure_s1.png",
    log:
        f"{RESULTS}/logs/figure_s1/figure_s1.log",
    benchmark:
        f"{RESULTS}/benchmarks/figure_s1/figure_s1.tsv"
    conda:
        "../../envs/report.yaml"
    threads: 1
    resources:
        mem_mb=600,
        runtime=5,
    params:
        code=code_digest("figures/figure_s1"),
        total=len(STUDY.patients),
    message:
        "Drawing Figure S1: flow of patients"
    script:
        "../scripts/figures/figure_s1.py"


rule figure_s3:
    input:
        patients=f"{RESULTS}/cohort/patients.tsv",
    output:
        svg=report(
            f"{RESULTS}/figures/figure_s3.svg",
            caption="../report/figure_s3.rst",
            category="Cohort",
            labels={"figure": "S3: survival by BCLC-B substage"},
        ),
        pdf=f"{RESULTS}/figures/figure_s3.pdf",
        png=f"{RESULTS}/figures/figure_s3.png",
    log:
        f"{RESULTS}/logs/figure_s3/figure_s3.log",
    benchmark:
        f"{RESULTS}/benchmarks/figure_s3/figure_s3.tsv"
    conda:
        "../../envs/report.yaml"
    threads: 1
    resources:
        mem_mb=600,
        runtime=5,
    params:
        code=code_digest("figures/figure_s3"),
    message:
        "Drawing Figure S3: survival by BCLC-B substage"
    script:
        "../scripts/figures/figure_s3.py"


rule figure_forest:
    input:
        table=f"{RESULTS}/tables/table_s1.tsv",
    output:
        svg=report(
            f"{RESULTS}/figures/forest.svg",
            caption="../report/forest.rst",
            category="Tables",
            labels={"figure": "forest plot of Table S1"},
        ),
        pdf=f"{RESULTS}/figures/forest.pdf",
        png=f"{RESULTS}/figures/forest.png",
    log:
        f"{RESULTS}/logs/figure_forest/forest.log",
    benchmark:
        f"{RESULTS}/benchmarks/figure_forest/forest.tsv"
    conda:
        "../../envs/report.yaml"
    threads: 1
    resources:
        mem_mb=600,
        runtime=5,
    params:
        code=code_digest("figures/figure_forest"),
    message:
        "Drawing the forest plot of Table S1"
    script:
        "../scripts/figures/figure_forest.py"


rule figure_dlopctr_history:
    input:
        history=f"{RESULTS}/dlopctr/history.tsv",
        description=f"{RESULTS}/dlopctr/model.json",
    output:
        svg=report(
            f"{RESULTS}/figures/dlopctr_history.svg",
            caption="../report/dlopctr_history.rst",
            category="DLOP-CTR",
            labels={"figure": "training of DLOP-CTR"},
        ),
        pdf=f"{RESULTS}/figures/dlopctr_history.pdf",
        png=f"{RESULTS}/figures/dlopctr_history.png",
    log:
        f"{RESULTS}/logs/figure_dlopctr_history/dlopctr_history.log",
    benchmark:
        f"{RESULTS}/benchmarks/figure_dlopctr_history/dlopctr_history.tsv"
    conda:
        "../../envs/report.yaml"
    threads: 1
    resources:
        mem_mb=600,
        runtime=5,
    params:
        code=code_digest("figures/figure_dlopctr_history"),
    message:
        "Drawing the training of DLOP-CTR"
    script:
        "../scripts/figures/figure_dlopctr_history.py"
