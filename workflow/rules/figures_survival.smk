# Figures of the models, for each or of all together.


rule figure_km:
    input:
        patients=PATIENTS,
        predictions=PREDICTIONS,
    output:
        svg=report(f"{RESULTS}/figures/km_{{model}}.svg", **FIGURES["km"].shown),
        pdf=f"{RESULTS}/figures/km_{{model}}.pdf",
        png=f"{RESULTS}/figures/km_{{model}}.png",
        tiff=[f"{RESULTS}/figures/km_{{model}}.tiff"] * TIFF,
    log:
        f"{RESULTS}/logs/figure_km/{{model}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/figure_km/{{model}}.tsv"
    conda:
        "../../envs/report.yaml"
    params:
        code=code_digest("figures/figure_km"),
        look=LOOK,
    message:
        "Drawing survival by risk group, {wildcards.model}"
    script:
        "../scripts/figures/figure_km.py"


rule figure_roc:
    input:
        curves=rules.model_curves.output.roc,
        performance=rules.performance.output.performance,
    output:
        svg=report(f"{RESULTS}/figures/roc_{{model}}.svg", **FIGURES["roc"].shown),
        pdf=f"{RESULTS}/figures/roc_{{model}}.pdf",
        png=f"{RESULTS}/figures/roc_{{model}}.png",
        tiff=[f"{RESULTS}/figures/roc_{{model}}.tiff"] * TIFF,
    log:
        f"{RESULTS}/logs/figure_roc/{{model}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/figure_roc/{{model}}.tsv"
    conda:
        "../../envs/report.yaml"
    params:
        code=code_digest("figures/figure_roc"),
        look=LOOK,
    message:
        "Drawing ROC curves, {wildcards.model}"
    script:
        "../scripts/figures/figure_roc.py"


rule figure_calibration:
    input:
        groups=rules.model_curves.output.calibration,
    output:
        svg=report(f"{RESULTS}/figures/calibration_{{model}}.svg", **FIGURES["calibration"].shown),
        pdf=f"{RESULTS}/figures/calibration_{{model}}.pdf",
        png=f"{RESULTS}/figures/calibration_{{model}}.png",
        tiff=[f"{RESULTS}/figures/calibration_{{model}}.tiff"] * TIFF,
    log:
        f"{RESULTS}/logs/figure_calibration/{{model}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/figure_calibration/{{model}}.tsv"
    conda:
        "../../envs/report.yaml"
    params:
        code=code_digest("figures/figure_calibration"),
        look=LOOK,
    message:
        "Drawing calibration, {wildcards.model}"
    script:
        "../scripts/figures/figure_calibration.py"


rule figure_auc_over_time:
    input:
        areas=rules.model_curves.output.auc,
    output:
        svg=report(f"{RESULTS}/figures/auc_over_time.svg", **FIGURES["auc_over_time"].shown),
        pdf=f"{RESULTS}/figures/auc_over_time.pdf",
        png=f"{RESULTS}/figures/auc_over_time.png",
        tiff=[f"{RESULTS}/figures/auc_over_time.tiff"] * TIFF,
    log:
        f"{RESULTS}/logs/figure_auc_over_time/auc_over_time.log",
    benchmark:
        f"{RESULTS}/benchmarks/figure_auc_over_time/auc_over_time.tsv"
    conda:
        "../../envs/report.yaml"
    params:
        code=code_digest("figures/figure_auc_over_time"),
        look=LOOK,
    message:
        "Drawing AUC over time"
    script:
        "../scripts/figures/figure_auc_over_time.py"


rule figure_decision_curve:
    input:
        curves=rules.model_curves.output.decision_curve,
    output:
        svg=report(f"{RESULTS}/figures/decision_curve.svg", **FIGURES["decision_curve"].shown),
        pdf=f"{RESULTS}/figures/decision_curve.pdf",
        png=f"{RESULTS}/figures/decision_curve.png",
        tiff=[f"{RESULTS}/figures/decision_curve.tiff"] * TIFF,
    log:
        f"{RESULTS}/logs/figure_decision_curve/decision_curve.log",
    benchmark:
        f"{RESULTS}/benchmarks/figure_decision_curve/decision_curve.tsv"
    conda:
        "../../envs/report.yaml"
    params:
        code=code_digest("figures/figure_decision_curve"),
        look=LOOK,
    message:
        "Drawing decision curves"
    script:
        "../scripts/figures/figure_decision_curve.py"
