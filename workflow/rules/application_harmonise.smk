# Features harmonised as the bundle harmonised those of its training patients.


rule harmonise_features:
    input:
        patients=PATIENTS,
        features=FEATURES,
        acquisition=of_images("cohort/acquisition.tsv"),
        radscore=RADSCORE,
    output:
        batches=BATCHES,
        harmonised=HARMONISED,
    log:
        f"{RESULTS}/logs/harmonise_features/harmonise_features.log",
    benchmark:
        f"{RESULTS}/benchmarks/harmonise_features/harmonise_features.tsv"
    conda:
        "../../envs/survival.yaml"
    params:
        code=code_digest("application/harmonise_features"),
        how=config["radiomics"]["harmonise"],
    message:
        "Harmonising the features as those of the training patients were"
    script:
        "../scripts/application/harmonise_features.py"
