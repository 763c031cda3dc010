# What the models are worth: figures of merit, comparisons, optimism, and the curves behind the figures.


rule performance:
    input:
        patients=PATIENTS,
        predictions=rules.survival_models.output.predictions,
        models=rules.survival_models.output.models,
        dlopctr=of_images("dlopctr/predictions.tsv"),
        dlopctr_by_seed=of_images("dlopctr/predictions_by_seed.tsv"),
        combin=of_images("dlopctr/combin.tsv"),
        combin_by_seed=of_images("dlopctr/combin_by_seed.tsv"),
    output:
        performance=f"{RESULTS}/survival/performance.tsv",
        comparisons=f"{RESULTS}/survival/comparisons.tsv",
    log:
        f"{RESULTS}/logs/performance/performance.log",
    benchmark:
        f"{RESULTS}/benchmarks/performance/performance.tsv"
    conda:
        "../../envs/survival.yaml"
    resources:
        runtime=20,
    params:
        code=code_digest("survival/performance"),
        horizons_months=config["survival"]["horizons_months"],
        bootstraps=config["survival"]["bootstraps"],
        seed=config["survival"]["seed"],
    message:
        "Measuring and comparing the models in each cohort"
    script:
        "../scripts/survival/performance.py"


rule optimism:
    input:
        patients=PATIENTS,
        radscore_scores=rules.radscore_scores.output.scores,
        radscore_resamples=LASSO_RESAMPLES,
        dlopctr_predictions=of_images("dlopctr/predictions.tsv"),
        models=rules.survival_models.output.models,
    output:
        optimism=f"{RESULTS}/survival/optimism.tsv",
    log:
        f"{RESULTS}/logs/optimism/optimism.log",
    benchmark:
        f"{RESULTS}/benchmarks/optimism/optimism.tsv"
    conda:
        "../../envs/survival.yaml"
    resources:
        runtime=20,
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


rule model_curves:
    input:
        patients=PATIENTS,
        predictions=rules.survival_models.output.predictions,
    output:
        roc=f"{RESULTS}/survival/roc.tsv",
        auc=f"{RESULTS}/survival/auc_over_time.tsv",
        calibration=f"{RESULTS}/survival/calibration.tsv",
        decision_curve=f"{RESULTS}/survival/decision_curve.tsv",
    log:
        f"{RESULTS}/logs/model_curves/model_curves.log",
    benchmark:
        f"{RESULTS}/benchmarks/model_curves/model_curves.tsv"
    conda:
        "../../envs/survival.yaml"
    params:
        code=code_digest("survival/model_curves"),
        horizons_months=config["survival"]["horizons_months"],
    message:
        "Tabulating ROC, AUC over time, calibration and decision curves"
    script:
        "../scripts/survival/model_curves.py"
