# How stable the Radscore's choice is: one rule a family, so that scikit-survival and glmstar never meet.

# Published coefficients were selected elsewhere: there is nothing to resample.
SELECTION_FREQUENCY = []
LASSO_RESAMPLES = []
if config["radscore"]["family"] != "published":
    SELECTION_FREQUENCY = f"{RESULTS}/radscore/selection_frequency.tsv"
    LASSO_RESAMPLES = f"{RESULTS}/radscore/resamples.tsv"


if config["radscore"]["family"] == "cox":

    rule selection_frequency:
        input:
            patients=PATIENTS,
            features=FEATURES,
            icc=rules.feature_reproducibility.output.icc,
            folds=rules.radscore_folds.output.folds,
            harmonised=HARMONISED,
            batches=BATCHES,
        output:
            frequency=SELECTION_FREQUENCY,
            resamples=LASSO_RESAMPLES,
        log:
            f"{RESULTS}/logs/selection_frequency/selection_frequency.log",
        benchmark:
            f"{RESULTS}/benchmarks/selection_frequency/selection_frequency.tsv"
        priority: LONGEST_WAY
        conda:
            "../../envs/survival.yaml"
        threads: 8
        resources:
            mem_mb=memory_mb(2000),
            runtime=minutes(60),
        params:
            code=code_digest("radscore/selection_frequency_cox"),
            choose=config["radscore"]["choose"],
            bootstraps=config["radscore"]["bootstraps"],
            seed=config["radscore"]["seed"],
        message:
            "Counting how often resamples of the training patients select each feature (LASSO, Cox)"
        script:
            "../scripts/radscore/selection_frequency_cox.py"

elif config["radscore"]["family"] == "binomial":

    rule selection_frequency:
        input:
            patients=PATIENTS,
            features=FEATURES,
            icc=rules.feature_reproducibility.output.icc,
            folds=rules.radscore_folds.output.folds,
            harmonised=HARMONISED,
            batches=BATCHES,
        output:
            frequency=SELECTION_FREQUENCY,
            resamples=LASSO_RESAMPLES,
        log:
            f"{RESULTS}/logs/selection_frequency/selection_frequency.log",
        benchmark:
            f"{RESULTS}/benchmarks/selection_frequency/selection_frequency.tsv"
        priority: LONGEST_WAY
        conda:
            "../../envs/binomial.yaml"
        threads: 8
        resources:
            mem_mb=memory_mb(2000),
            runtime=minutes(60),
        params:
            code=code_digest("radscore/selection_frequency_binomial"),
            choose=config["radscore"]["choose"],
            horizon_months=config["radscore"]["horizon_months"],
            bootstraps=config["radscore"]["bootstraps"],
            seed=config["radscore"]["seed"],
        message:
            "Counting how often resamples of the training patients select each feature (LASSO, binomial)"
        script:
            "../scripts/radscore/selection_frequency_binomial.py"
