# The study's models: which clinical variables they take, fitted on training patients, applied to everybody.


rule clinical_variables:
    input:
        patients=PATIENTS,
    output:
        chosen=f"{RESULTS}/survival/clinical_variables.json",
    log:
        f"{RESULTS}/logs/clinical_variables/clinical_variables.log",
    benchmark:
        f"{RESULTS}/benchmarks/clinical_variables/clinical_variables.tsv"
    priority: LONGEST_WAY
    conda:
        "../../envs/survival.yaml"
    params:
        code=code_digest("survival/clinical_variables"),
        selection=SELECTION,
    message:
        "Choosing the clinical variables on the training patients"
    script:
        "../scripts/survival/clinical_variables.py"


rule survival_models:
    input:
        patients=PATIENTS,
        radscore_scores=rules.radscore_scores.output.scores,
        radscore_model=rules.radscore_fit.output.model,
        dlopctr=of_images("dlopctr/predictions.tsv"),
        dlopctr_by_seed=of_images("dlopctr/predictions_by_seed.tsv"),
        dlopctr_weights=of_images("dlopctr/model.safetensors"),
        combin=of_images("dlopctr/combin.tsv"),
        combin_weights=of_images("dlopctr/combin.safetensors"),
        breaks=of_images("dlopctr/breaks.json"),
        clinical_variables=rules.clinical_variables.output.chosen,
    output:
        models=MODELS_JSON,
        predictions=PREDICTIONS,
    log:
        f"{RESULTS}/logs/survival_models/survival_models.log",
    benchmark:
        f"{RESULTS}/benchmarks/survival_models/survival_models.tsv"
    priority: LONGEST_WAY
    conda:
        "../../envs/survival.yaml"
    params:
        code=code_digest("survival/survival_models"),
        horizons_months=config["survival"]["horizons_months"],
        cut_off=config["survival"]["cut_off"],
    message:
        "Fitting the models on the training patients"
    script:
        "../scripts/survival/survival_models.py"
