# Figures of the network: its pre-experiment, its training, and what it looks at.


rule figure_pre_experiment:
    input:
        table=rules.pre_experiment.output.table,
    output:
        svg=report(f"{RESULTS}/figures/pre_experiment.svg", **FIGURES["pre_experiment"].shown),
        pdf=f"{RESULTS}/figures/pre_experiment.pdf",
        png=f"{RESULTS}/figures/pre_experiment.png",
        tiff=[f"{RESULTS}/figures/pre_experiment.tiff"] * TIFF,
    log:
        f"{RESULTS}/logs/figure_pre_experiment/pre_experiment.log",
    benchmark:
        f"{RESULTS}/benchmarks/figure_pre_experiment/pre_experiment.tsv"
    conda:
        "../../envs/report.yaml"
    params:
        code=code_digest("figures/figure_pre_experiment"),
        look=LOOK,
    message:
        "Drawing the pre-experiment"
    script:
        "../scripts/figures/figure_pre_experiment.py"


rule figure_dlopctr_history:
    input:
        history=rules.train_head.output.history,
        description=rules.train_head.output.description,
    output:
        svg=report(f"{RESULTS}/figures/dlopctr_history.svg", **FIGURES["dlopctr_history"].shown),
        pdf=f"{RESULTS}/figures/dlopctr_history.pdf",
        png=f"{RESULTS}/figures/dlopctr_history.png",
        tiff=[f"{RESULTS}/figures/dlopctr_history.tiff"] * TIFF,
    log:
        f"{RESULTS}/logs/figure_dlopctr_history/dlopctr_history.log",
    benchmark:
        f"{RESULTS}/benchmarks/figure_dlopctr_history/dlopctr_history.tsv"
    conda:
        "../../envs/report.yaml"
    params:
        code=code_digest("figures/figure_dlopctr_history"),
        look=LOOK,
    message:
        "Drawing the training of DLOP-CTR"
    script:
        "../scripts/figures/figure_dlopctr_history.py"


rule figure_dlopctr_attention:
    input:
        table=rules.dlopctr_attention.output.table,
        maps=rules.dlopctr_attention.output.maps,
        description=rules.train_head.output.description,
    output:
        svg=report(f"{RESULTS}/figures/dlopctr_attention.svg", **FIGURES["dlopctr_attention"].shown),
        pdf=f"{RESULTS}/figures/dlopctr_attention.pdf",
        png=f"{RESULTS}/figures/dlopctr_attention.png",
        tiff=[f"{RESULTS}/figures/dlopctr_attention.tiff"] * TIFF,
    log:
        f"{RESULTS}/logs/figure_dlopctr_attention/dlopctr_attention.log",
    benchmark:
        f"{RESULTS}/benchmarks/figure_dlopctr_attention/dlopctr_attention.tsv"
    conda:
        "../../envs/report.yaml"
    params:
        code=code_digest("figures/figure_dlopctr_attention"),
        look=LOOK,
    message:
        "Drawing what DLOP-CTR looks at"
    script:
        "../scripts/figures/figure_dlopctr_attention.py"
