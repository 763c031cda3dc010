# What the models are worth: figures of merit, comparisons, and the curves behind the figures.


rule performance:
    input:
        patients=PATIENTS,
        predictions=PREDICTIONS,
        models=MODELS_JSON,
        dlopctr=of_network("dlopctr", "dlopctr/predictions.tsv"),
        dlopctr_by_seed=of_network("dlopctr", "dlopctr/predictions_by_seed.tsv"),
        combin=of_network("dlop_combin", "dlopctr/combin.tsv"),
        combin_by_seed=of_network("dlop_combin", "dlopctr/combin_by_seed.tsv"),
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
        runtime=minutes(20),
    params:
        code=code_digest("survival/performance"),
        horizons_months=config["survival"]["horizons_months"],
        bootstraps=config["survival"]["bootstraps"],
        seed=config["survival"]["seed"],
    message:
        "Measuring and comparing the models in each cohort"
    script:
        "../scripts/survival/performance.py"


rule model_curves:
    input:
        patients=PATIENTS,
        predictions=PREDICTIONS,
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


rule delong:
    input:
        patients=PATIENTS,
        predictions=PREDICTIONS,
    output:
        delong=f"{RESULTS}/survival/delong.tsv",
    log:
        f"{RESULTS}/logs/delong/delong.log",
    benchmark:
        f"{RESULTS}/benchmarks/delong/delong.tsv"
    conda:
        "../../envs/survival.yaml"
    params:
        code=code_digest("survival/delong"),
        horizons_months=config["survival"]["horizons_months"],
    message:
        "Areas under ROC curves with DeLong's intervals and tests"
    script:
        "../scripts/survival/delong.py"
