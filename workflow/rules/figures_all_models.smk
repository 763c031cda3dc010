# Figures of all models together: AUC over time, decision curves, survival by the established scores, and the final Cox
# model as a nomogram.


rule figure_auc_over_time:
    input:
        areas=f"{RESULTS}/survival/auc_over_time.tsv",
    output:
        svg=report(
            f"{RESULTS}/figures/auc_over_time.svg",
            caption="../report/auc_over_time.rst",
            category="Models",
            labels={"figure": "AUC over time", "model": "all"},
        ),
        pdf=f"{RESULTS}/figures/auc_over_time.pdf",
        png=f"{RESULTS}/figures/auc_over_time.png",
    log:
        f"{RESULTS}/logs/figure_auc_over_time/auc_over_time.log",
    benchmark:
        f"{RESULTS}/benchmarks/figure_auc_over_time/auc_over_time.tsv"
    conda:
        "../../envs/report.yaml"
    threads: 1
    resources:
        mem_mb=600,
        runtime=5,
    params:
        code=code_digest("figures/figure_auc_over_time"),
    message:
        "Drawing AUC over time"
    script:
        "../scripts/figures/figure_auc_over_time.py"


rule figure_decision_curve:
    input:
        curves=f"{RESULTS}/survival/decision_curve.tsv",
    output:
        svg=report(
            f"{RESULTS}/figures/decision_curve.svg",
            caption="../report/decision_curve.rst",
            category="Models",
            labels={"figure": "decision curves", "model": "all"},
        ),
        pdf=f"{RESULTS}/figures/decision_curve.pdf",
        png=f"{RESULTS}/figures/decision_curve.png",
    log:
        f"{RESULTS}/logs/figure_decision_curve/decision_curve.log",
    benchmark:
        f"{RESULTS}/benchmarks/figure_decision_curve/decision_curve.tsv"
    conda:
        "../../envs/report.yaml"
    threads: 1
    resources:
        mem_mb=600,
        runtime=5,
    params:
        code=code_digest("figures/figure_decision_curve"),
    message:
        "Drawing decision curves"
    script:
        "../scripts/figures/figure_decision_curve.py"


rule figure_established_scores:
    input:
        patients=f"{RESULTS}/cohort/patients.tsv",
    output:
        svg=report(
            f"{RESULTS}/figures/established_scores.svg",
            caption="../report/established_scores.rst",
            category="Models",
            labels={"figure": "survival by established score", "model": "established scores"},
        ),
        pdf=f"{RESULTS}/figures/established_scores.pdf",
        png=f"{RESULTS}/figures/established_scores.png",
    log:
        f"{RESULTS}/logs/figure_established_scores/established_scores.log",
    benchmark:
        f"{RESULTS}/benchmarks/figure_established_scores/established_scores.tsv"
    conda:
        "../../envs/report.yaml"
    threads: 1
    resources:
        mem_mb=600,
        runtime=5,
    params:
        code=code_digest("figures/figure_established_scores"),
    message:
        "Drawing survival by the established scores"
    script:
        "../scripts/figures/figure_established_scores.py"


rule figure_nomogram:
    input:
        models=f"{RESULTS}/survival/models.json",
        patients=f"{RESULTS}/cohort/patients.tsv",
        dlopctr=of_images("dlopctr/predictions.tsv"),
    output:
        svg=report(
            f"{RESULTS}/figures/nomogram.svg",
            caption="../report/nomogram.rst",
            category="Models",
            labels={"figure": "nomogram", "model": "final Cox model"},
        ),
        pdf=f"{RESULTS}/figures/nomogram.pdf",
        png=f"{RESULTS}/figures/nomogram.png",
    log:
        f"{RESULTS}/logs/figure_nomogram/nomogram.log",
    benchmark:
        f"{RESULTS}/benchmarks/figure_nomogram/nomogram.tsv"
    conda:
        "../../envs/report.yaml"
    threads: 1
    resources:
        mem_mb=600,
        runtime=5,
    params:
        code=code_digest("figures/figure_nomogram"),
        model=targets.final_cox_model(config),
        variables=config["survival"]["variables"],
        horizons_months=config["survival"]["horizons_months"],
    message:
        "Drawing the nomogram of the final Cox model"
    script:
        "../scripts/figures/figure_nomogram.py"
