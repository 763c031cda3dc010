# Figures of the features: how reproducible they are, and all of them.


rule figure_feature_reproducibility:
    input:
        icc=rules.feature_reproducibility.output.icc,
    output:
        svg=report(
            f"{RESULTS}/figures/feature_reproducibility.svg",
            **FIGURES["feature_reproducibility"].shown,
        ),
        pdf=f"{RESULTS}/figures/feature_reproducibility.pdf",
        png=f"{RESULTS}/figures/feature_reproducibility.png",
        tiff=[f"{RESULTS}/figures/feature_reproducibility.tiff"] * TIFF,
    log:
        f"{RESULTS}/logs/figure_feature_reproducibility/figure_feature_reproducibility.log",
    benchmark:
        f"{RESULTS}/benchmarks/figure_feature_reproducibility/figure_feature_reproducibility.tsv"
    conda:
        "../../envs/report.yaml"
    params:
        code=code_digest("figures/figure_feature_reproducibility"),
        look=LOOK,
        threshold=config["radiomics"]["icc_threshold"],
    message:
        "Drawing the reproducibility of the features"
    script:
        "../scripts/figures/figure_feature_reproducibility.py"


rule figure_s2a:
    input:
        features=FEATURES,
        patients=PATIENTS,
    output:
        svg=report(f"{RESULTS}/figures/figure_s2a.svg", **FIGURES["figure_s2a"].shown),
        pdf=f"{RESULTS}/figures/figure_s2a.pdf",
        png=f"{RESULTS}/figures/figure_s2a.png",
        tiff=[f"{RESULTS}/figures/figure_s2a.tiff"] * TIFF,
    log:
        f"{RESULTS}/logs/figure_s2a/figure_s2a.log",
    benchmark:
        f"{RESULTS}/benchmarks/figure_s2a/figure_s2a.tsv"
    conda:
        "../../envs/report.yaml"
    params:
        code=code_digest("figures/figure_s2a"),
        look=LOOK,
    message:
        "Drawing Figure S2 A: all features"
    script:
        "../scripts/figures/figure_s2a.py"
