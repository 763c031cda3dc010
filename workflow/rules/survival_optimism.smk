# How far the training figures flatter the models.


rule optimism:
    input:
        patients=PATIENTS,
        radscore_scores=rules.radscore_scores.output.scores,
        radscore_resamples=LASSO_RESAMPLES,
        dlopctr_predictions=of_images("dlopctr/predictions.tsv"),
        models=MODELS_JSON,
    output:
        optimism=f"{RESULTS}/survival/optimism.tsv",
    log:
        f"{RESULTS}/logs/optimism/optimism.log",
    benchmark:
        f"{RESULTS}/benchmarks/optimism/optimism.tsv"
    priority: LONGEST_WAY
    conda:
        "../../envs/survival.yaml"
    resources:
        runtime=minutes(20),
    params:
        code=code_digest("survival/optimism"),
        selection=SELECTION,
        horizons_months=config["survival"]["horizons_months"],
        bootstraps=config["survival"]["bootstraps"],
        seed=config["survival"]["seed"],
    message:
        "Correcting the training figures for optimism"
    script:
        "../scripts/survival/optimism.py"
