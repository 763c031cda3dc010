# A table of features made elsewhere, in place of everything before it.


ruleorder: ready_features > collect_features


rule ready_features:
    input:
        table=STUDY.ready["path"],
        patients=PATIENTS,
    output:
        features=FEATURES,
    log:
        f"{RESULTS}/logs/ready_features/ready_features.log",
    benchmark:
        f"{RESULTS}/benchmarks/ready_features/ready_features.tsv"
    conda:
        "../../envs/survival.yaml"
    resources:
        mem_mb=memory_mb(500 + len(STUDY.patients) // 7),
    params:
        code=code_digest("radiomics/ready_features"),
        ready=STUDY.ready,
        sheet=list(STUDY.patients),
    message:
        "Taking the features of the ready table"
    script:
        "../scripts/radiomics/ready_features.py"
