# Figures of the patients: who was used, and how long they lived.


rule figure_s1:
    input:
        patients=PATIENTS,
        exclusions=rules.cohort.output.exclusions,
    output:
        svg=report(f"{RESULTS}/figures/figure_s1.svg", **FIGURES["figure_s1"].shown),
        pdf=f"{RESULTS}/figures/figure_s1.pdf",
        png=f"{RESULTS}/figures/figure_s1.png",
        tiff=[f"{RESULTS}/figures/figure_s1.tiff"] * TIFF,
    log:
        f"{RESULTS}/logs/figure_s1/figure_s1.log",
    benchmark:
        f"{RESULTS}/benchmarks/figure_s1/figure_s1.tsv"
    conda:
        "../../envs/report.yaml"
    params:
        code=code_digest("figures/figure_s1"),
        look=LOOK,
        total=len(STUDY.patients),
        screening=STUDY.screening,
    message:
        "Drawing Figure S1: flow of patients"
    script:
        "../scripts/figures/figure_s1.py"


rule figure_s3:
    input:
        patients=PATIENTS,
    output:
        svg=report(f"{RESULTS}/figures/figure_s3.svg", **FIGURES["figure_s3"].shown),
        pdf=f"{RESULTS}/figures/figure_s3.pdf",
        png=f"{RESULTS}/figures/figure_s3.png",
        tiff=[f"{RESULTS}/figures/figure_s3.tiff"] * TIFF,
    log:
        f"{RESULTS}/logs/figure_s3/figure_s3.log",
    benchmark:
        f"{RESULTS}/benchmarks/figure_s3/figure_s3.tsv"
    conda:
        "../../envs/report.yaml"
    params:
        code=code_digest("figures/figure_s3"),
        look=LOOK,
    message:
        "Drawing Figure S3: survival by BCLC-B substage"
    script:
        "../scripts/figures/figure_s3.py"


rule figure_established_scores:
    input:
        patients=PATIENTS,
    output:
        svg=report(
            f"{RESULTS}/figures/established_scores.svg", **FIGURES["established_scores"].shown
        ),
        pdf=f"{RESULTS}/figures/established_scores.pdf",
        png=f"{RESULTS}/figures/established_scores.png",
        tiff=[f"{RESULTS}/figures/established_scores.tiff"] * TIFF,
    log:
        f"{RESULTS}/logs/figure_established_scores/established_scores.log",
    benchmark:
        f"{RESULTS}/benchmarks/figure_established_scores/established_scores.tsv"
    conda:
        "../../envs/report.yaml"
    params:
        code=code_digest("figures/figure_established_scores"),
        look=LOOK,
    message:
        "Drawing survival by the established scores"
    script:
        "../scripts/figures/figure_established_scores.py"
