# The Radscore: folds, LASSO.


rule radscore_folds:
    input:
        patients=cohort_for("radscore"),
    output:
        folds=f"{RESULTS}/radscore/folds.tsv",
    log:
        f"{RESULTS}/logs/radscore_folds/radscore_folds.log",
    benchmark:
        f"{RESULTS}/benchmarks/radscore_folds/radscore_folds.tsv"
    conda:
        "../../envs/survival.yaml"
    params:
        code=code_digest("radscore/radscore_folds"),
        folds=config["radscore"]["folds"],
        seed=config["radscore"]["seed"],
        horizon_months=config["radscore"]["horizon_months"],
    message:
        "Drawing the folds of the Radscore's cross-validation"
    script:
        "../scripts/radscore/radscore_folds.py"


if config["radscore"]["family"] == "cox":

    rule radscore_fit:
        input:
            patients=PATIENTS,
            features=FEATURES,
            icc=rules.feature_reproducibility.output.icc,
            folds=rules.radscore_folds.output.folds,
            harmonised=HARMONISED,
            batches=BATCHES,
        output:
            path=f"{RESULTS}/radscore/path.tsv",
            cv=f"{RESULTS}/radscore/cv.tsv",
            model=f"{RESULTS}/radscore/model.json",
        log:
            f"{RESULTS}/logs/radscore_fit/radscore_fit.log",
        benchmark:
            f"{RESULTS}/benchmarks/radscore_fit/radscore_fit.tsv"
        conda:
            "../../envs/survival.yaml"
        resources:
            runtime=minutes(20),
        params:
            code=code_digest("radscore/radscore_fit_cox"),
            cut_off=config["survival"]["cut_off"],
            choose=config["radscore"]["choose"],
        message:
            "Fitting the Radscore (LASSO, Cox) on the training patients"
        script:
            "../scripts/radscore/radscore_fit_cox.py"

elif config["radscore"]["family"] == "binomial":

    rule radscore_fit:
        input:
            patients=PATIENTS,
            features=FEATURES,
            icc=rules.feature_reproducibility.output.icc,
            folds=rules.radscore_folds.output.folds,
            harmonised=HARMONISED,
            batches=BATCHES,
        output:
            path=f"{RESULTS}/radscore/path.tsv",
            cv=f"{RESULTS}/radscore/cv.tsv",
            model=f"{RESULTS}/radscore/model.json",
        log:
            f"{RESULTS}/logs/radscore_fit/radscore_fit.log",
        benchmark:
            f"{RESULTS}/benchmarks/radscore_fit/radscore_fit.tsv"
        conda:
            "../../envs/binomial.yaml"
        resources:
            runtime=minutes(20),
        params:
            code=code_digest("radscore/radscore_fit_binomial"),
            cut_off=config["survival"]["cut_off"],
            choose=config["radscore"]["choose"],
            horizon_months=config["radscore"]["horizon_months"],
        message:
            "Fitting the Radscore (LASSO, binomial) on the training patients"
        script:
            "../scripts/radscore/radscore_fit_binomial.py"

else:

    rule radscore_fit:
        input:
            patients=PATIENTS,
            features=FEATURES,
        output:
            model=f"{RESULTS}/radscore/model.json",
        log:
            f"{RESULTS}/logs/radscore_fit/radscore_fit.log",
        benchmark:
            f"{RESULTS}/benchmarks/radscore_fit/radscore_fit.tsv"
        conda:
            "../../envs/survival.yaml"
        params:
            code=code_digest("radscore/radscore_fit_published"),
            cut_off=config["survival"]["cut_off"],
        message:
            "Taking the Radscore's coefficients from Table S2 of the study"
        script:
            "../scripts/radscore/radscore_fit_published.py"
