# Figures of Table S1: its hazard ratios, and the final Cox model as a nomogram.


rule figure_forest:
    input:
        table=rules.table_s1.output.table,
    output:
        svg=report(f"{RESULTS}/figures/forest.svg", **FIGURES["forest"].shown),
        pdf=f"{RESULTS}/figures/forest.pdf",
        png=f"{RESULTS}/figures/forest.png",
        tiff=[f"{RESULTS}/figures/forest.tiff"] * TIFF,
    log:
        f"{RESULTS}/logs/figure_forest/forest.log",
    benchmark:
        f"{RESULTS}/benchmarks/figure_forest/forest.tsv"
    conda:
        "../../envs/report.yaml"
    params:
        code=code_digest("figures/figure_forest"),
        look=LOOK,
    message:
        "Drawing the forest plot of Table S1"
    script:
        "../scripts/figures/figure_forest.py"


rule figure_nomogram:
    input:
        models=MODELS_JSON,
        patients=PATIENTS,
        dlopctr=of_images("dlopctr/predictions.tsv"),
    output:
        svg=report(f"{RESULTS}/figures/nomogram.svg", **FIGURES["nomogram"].shown),
        pdf=f"{RESULTS}/figures/nomogram.pdf",
        png=f"{RESULTS}/figures/nomogram.png",
        tiff=[f"{RESULTS}/figures/nomogram.tiff"] * TIFF,
    log:
        f"{RESULTS}/logs/figure_nomogram/nomogram.log",
    benchmark:
        f"{RESULTS}/benchmarks/figure_nomogram/nomogram.tsv"
    conda:
        "../../envs/report.yaml"
    params:
        code=code_digest("figures/figure_nomogram"),
        look=LOOK,
        model=left_out.final_cox_model(config),
        variables=config["survival"]["variables"],
        horizons_months=config["survival"]["horizons_months"],
    message:
        "Drawing the nomogram of the final Cox model"
    script:
        "../scripts/figures/figure_nomogram.py"
