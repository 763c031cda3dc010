# Figures of the models: a rule a kind, a job a model.


rule figure_km:
    input:
        patients=f"{RESULTS}/cohort/patients.tsv",
        predictions=f"{RESULTS}/survival/predictions.tsv",
    output:
        svg=report(
            f"{RESULTS}/figures/km_{{model}}.svg",
            caption="../report/km.rst",
            category="Models",
            labels={"figure": "survival by risk group", "model": "{model}"},
        ),
        pdf=f"{RESULTS}/figures/km_{{model}}.pdf",
        png=f"{RESULTS}/figures/km_{{model}}.png",
    log:
        f"{RESULTS}/logs/figure_km/{{model}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/figure_km/{{model}}.tsv"
    conda:
        "../../envs/report.yaml"
    threads: 1
    resources:
        mem_mb=600,
        runtime=5,
    params:
        code=code_digest("figures/figure_km"),
    message:
        "Drawing survival by risk group, {wildcards.model}"
    script:
        "../scripts/figures/figure_km.py"


rule figure_roc:
    input:
        curves=f"{RESULTS}/survival/roc.tsv",
        performance=f"{RESULTS}/survival/performance.tsv",
    output:
        svg=report(
            f"{RESULTS}/figures/roc_{{model}}.svg",
            caption="../report/roc.rst",
            category="Models",
            labels={"figure": "ROC", "model": "{model}"},
        ),
        pdf=f"{RESULTS}/figures/roc_{{model}}.pdf",
        png=f"{RESULTS}/figures/roc_{{model}}.png",
    log:
        f"{RESULTS}/logs/figure_roc/{{model}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/figure_roc/{{model}}.tsv"
    conda:
        "../../envs/report.yaml"
    threads: 1
    resources:
        mem_mb=600,
        runtime=5,
    params:
        code=code_digest("figures/figure_roc"),
    message:
        "Drawing ROC curves, {wildcards.model}"
    script:
        "../scripts/figures/figure_roc.py"


rule figure_calibration:
    input:
        groups=f"{RESULTS}/survival/calibration.tsv",
    output:
        svg=report(
            f"{RESULTS}/figures/calibration_{{model}}.svg",
            caption="../report/calibration.rst",
            category="Models",
            labels={"figure": "calibration", "model": "{model}"},
        ),
        pdf=f"{RESULTS}/figures/calibration_{{model}}.pdf",
        png=f"{RESULTS}/figures/calibration_{{model}}.png",
    log:
        f"{RESULTS}/logs/figure_calibration/{{model}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/figure_calibration/{{model}}.tsv"
    conda:
        "../../envs/report.yaml"
    threads: 1
    resources:
        mem_mb=600,
        runtime=5,
    params:
        code=code_digest("figures/figure_calibration"),
    message:
        "Drawing calibration, {wildcards.model}"
    script:
        "../scripts/figures/figure_calibration.py"
