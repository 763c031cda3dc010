# Survival as yes or no at a horizon, as in Appendix E5: logistic regression.


rule table_logistic:
    input:
        patients=PATIENTS,
        dlopctr_predictions=of_images("dlopctr/predictions.tsv"),
    output:
        table=f"{RESULTS}/tables/logistic.tsv",
    log:
        f"{RESULTS}/logs/table_logistic/table_logistic.log",
    benchmark:
        f"{RESULTS}/benchmarks/table_logistic/table_logistic.tsv"
    conda:
        "../../envs/survival.yaml"
    params:
        code=code_digest("survival/table_logistic"),
        variables=config["survival"]["variables"],
        p_enter=config["survival"]["p_enter"],
        horizons_months=config["survival"]["horizons_months"],
    message:
        "Stepwise logistic regression of death by each horizon"
    script:
        "../scripts/survival/table_logistic.py"
