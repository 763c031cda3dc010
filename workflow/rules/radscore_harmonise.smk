# Features harmonised by scanner or centre, if that is asked for.


rule harmonise_features:
    input:
        patients=PATIENTS,
        features=FEATURES,
        icc=rules.feature_reproducibility.output.icc,
        acquisition=of_images("cohort/acquisition.tsv"),
    output:
        batches=BATCHES,
        model=HARMONISATION,
        harmonised=HARMONISED,
    log:
        f"{RESULTS}/logs/harmonise_features/harmonise_features.log",
    benchmark:
        f"{RESULTS}/benchmarks/harmonise_features/harmonise_features.tsv"
    conda:
        "../../envs/survival.yaml"
    params:
        code=code_digest("radscore/harmonise_features"),
        how=config["radiomics"]["harmonise"],
    message:
        "Harmonising the features by what the training patients tell of each scanner or centre"
    script:
        "../scripts/radscore/harmonise_features.py"
