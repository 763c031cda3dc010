# The Radscore of every patient, by the coefficients that were fitted here or that a bundle brings.


rule radscore_scores:
    input:
        patients=PATIENTS,
        features=OF_RADSCORE,
        model=RADSCORE,
    output:
        scores=f"{RESULTS}/radscore/scores.tsv",
    log:
        f"{RESULTS}/logs/radscore_scores/radscore_scores.log",
    benchmark:
        f"{RESULTS}/benchmarks/radscore_scores/radscore_scores.tsv"
    priority: LONGEST_WAY
    conda:
        "../../envs/survival.yaml"
    params:
        code=code_digest("radscore/radscore_scores"),
    message:
        "Applying the Radscore to all patients"
    script:
        "../scripts/radscore/radscore_scores.py"
