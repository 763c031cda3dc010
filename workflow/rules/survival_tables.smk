# The tables of the paper.


rule table_1:
    input:
        patients=PATIENTS,
    output:
        table=f"{RESULTS}/tables/table_1.tsv",
    log:
        f"{RESULTS}/logs/table_1/table_1.log",
    benchmark:
        f"{RESULTS}/benchmarks/table_1/table_1.tsv"
    conda:
        "../../envs/survival.yaml"
    params:
        code=code_digest("survival/table_1"),
        variables=config["survival"]["variables"],
        seed=config["survival"]["seed"],
    message:
        "Comparing training and validation patients (Table 1)"
    script:
        "../scripts/survival/table_1.py"


rule table_s1:
    input:
        patients=PATIENTS,
        dlopctr_predictions=of_images("dlopctr/predictions.tsv"),
    output:
        table=f"{RESULTS}/tables/table_s1.tsv",
    log:
        f"{RESULTS}/logs/table_s1/table_s1.log",
    benchmark:
        f"{RESULTS}/benchmarks/table_s1/table_s1.tsv"
    conda:
        "../../envs/survival.yaml"
    params:
        code=code_digest("survival/table_s1"),
        variables=config["survival"]["variables"],
        p_enter=config["survival"]["p_enter"],
        select=config["survival"]["select"],
        missing=config["survival"]["missing"],
        seed=config["survival"]["seed"],
    message:
        "Univariate and multivariable Cox analysis (Table S1)"
    script:
        "../scripts/survival/table_s1.py"


rule table_s2:
    input:
        model=rules.radscore_fit.output.model,
        frequency=SELECTION_FREQUENCY,
    output:
        table=f"{RESULTS}/tables/table_s2.tsv",
    log:
        f"{RESULTS}/logs/table_s2/table_s2.log",
    benchmark:
        f"{RESULTS}/benchmarks/table_s2/table_s2.tsv"
    conda:
        "../../envs/survival.yaml"
    params:
        code=code_digest("radscore/table_s2"),
    message:
        "Listing the Radscore's features (Table S2)"
    script:
        "../scripts/radscore/table_s2.py"
