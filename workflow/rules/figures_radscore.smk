# Figures of the Radscore: what the LASSO makes of the features, and how stable its choice is.


rule figure_s2b:
    input:
        cv=f"{RESULTS}/radscore/cv.tsv",
        model=rules.radscore_fit.output.model,
    output:
        svg=report(f"{RESULTS}/figures/figure_s2b.svg", **FIGURES["figure_s2b"].shown),
        pdf=f"{RESULTS}/figures/figure_s2b.pdf",
        png=f"{RESULTS}/figures/figure_s2b.png",
        tiff=[f"{RESULTS}/figures/figure_s2b.tiff"] * TIFF,
    log:
        f"{RESULTS}/logs/figure_s2b/figure_s2b.log",
    benchmark:
        f"{RESULTS}/benchmarks/figure_s2b/figure_s2b.tsv"
    conda:
        "../../envs/report.yaml"
    params:
        code=code_digest("figures/figure_s2b"),
        look=LOOK,
    message:
        "Drawing Figure S2 B: cross-validation of the LASSO"
    script:
        "../scripts/figures/figure_s2b.py"


rule figure_s2c:
    input:
        path=f"{RESULTS}/radscore/path.tsv",
        cv=f"{RESULTS}/radscore/cv.tsv",
        model=rules.radscore_fit.output.model,
        features=OF_RADSCORE,
        patients=PATIENTS,
    output:
        svg=report(f"{RESULTS}/figures/figure_s2c.svg", **FIGURES["figure_s2c"].shown),
        pdf=f"{RESULTS}/figures/figure_s2c.pdf",
        png=f"{RESULTS}/figures/figure_s2c.png",
        tiff=[f"{RESULTS}/figures/figure_s2c.tiff"] * TIFF,
    log:
        f"{RESULTS}/logs/figure_s2c/figure_s2c.log",
    benchmark:
        f"{RESULTS}/benchmarks/figure_s2c/figure_s2c.tsv"
    conda:
        "../../envs/report.yaml"
    params:
        code=code_digest("figures/figure_s2c"),
        look=LOOK,
    message:
        "Drawing Figure S2 C: coefficient profiles"
    script:
        "../scripts/figures/figure_s2c.py"


rule figure_s2d:
    input:
        features=OF_RADSCORE,
        patients=PATIENTS,
        scores=rules.radscore_scores.output.scores,
        model=rules.radscore_fit.output.model,
    output:
        svg=report(f"{RESULTS}/figures/figure_s2d.svg", **FIGURES["figure_s2d"].shown),
        pdf=f"{RESULTS}/figures/figure_s2d.pdf",
        png=f"{RESULTS}/figures/figure_s2d.png",
        tiff=[f"{RESULTS}/figures/figure_s2d.tiff"] * TIFF,
    log:
        f"{RESULTS}/logs/figure_s2d/figure_s2d.log",
    benchmark:
        f"{RESULTS}/benchmarks/figure_s2d/figure_s2d.tsv"
    conda:
        "../../envs/report.yaml"
    params:
        code=code_digest("figures/figure_s2d"),
        look=LOOK,
    message:
        "Drawing Figure S2 D: selected features"
    script:
        "../scripts/figures/figure_s2d.py"


rule figure_selection_frequency:
    input:
        frequency=f"{RESULTS}/radscore/selection_frequency.tsv",
        model=rules.radscore_fit.output.model,
    output:
        svg=report(
            f"{RESULTS}/figures/selection_frequency.svg", **FIGURES["selection_frequency"].shown
        ),
        pdf=f"{RESULTS}/figures/selection_frequency.pdf",
        png=f"{RESULTS}/figures/selection_frequency.png",
        tiff=[f"{RESULTS}/figures/selection_frequency.tiff"] * TIFF,
    log:
        f"{RESULTS}/logs/figure_selection_frequency/figure_selection_frequency.log",
    benchmark:
        f"{RESULTS}/benchmarks/figure_selection_frequency/figure_selection_frequency.tsv"
    conda:
        "../../envs/report.yaml"
    params:
        code=code_digest("figures/figure_selection_frequency"),
        look=LOOK,
    message:
        "Drawing how often resamples select each feature"
    script:
        "../scripts/figures/figure_selection_frequency.py"
