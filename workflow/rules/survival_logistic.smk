# Survival as yes or no at a horizon, as in Appendix E5: logistic regression, ROC with DeLong's intervals.


rule table_logistic:
    input:
        patients=f"{RESULTS}/cohort/patients.tsv",
        dlopctr_predictions=of_images("dlopctr/predictions.tsv"),
    output:
        table=f"{RESULTS}/tables/logistic.tsv",
    log:
        f"{RESULTS}/logs/table_logistic/table_logistic.log",
    benchmark:
        f"{RESULTS}/benchmarks/table_logistic/table_logistic.tsv"
    conda:
        "../../envs/survival.yaml"
    threads: 1
    resources:
        mem_mb=800,
        runtime=10,
    params:
        code=code_digest("survival/table_logistic"),
        variables=config["survival"]["variables"],
        p_enter=config["survival"]["p_enter"],
        horizons_months=config["survival"]["horizons_months"],
    message:
        "Stepwise logistic regression of death by each horizon"
    script:
        "../scripts/survival/table_logistic.py"


rule delong:
    input:
        patients=f"{RESULTS}/cohort/patients.tsv",
        predictions=f"{RESULTS}/survival/predictions.tsv",
    output:
        delong=f"{RESULTS}/survival/delong.tsv",
    log:
        f"{RESULTS}/logs/delong/delong.log",
    benchmark:
        f"{RESULTS}/benchmarks/delong/delong.tsv"
    conda:
        "../../envs/survival.yaml"
    threads: 1
    resources:
        mem_mb=500,
        runtime=5,
    params:
        code=code_digest("survival/delong"),
        horizons_months=config["survival"]["horizons_months"],
    message:
        "Areas under ROC curves with DeLong's intervals and tests"
    script:
        "../scripts/survival/delong.py"
