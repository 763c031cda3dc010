# What a fitted study is worth in patients that it never saw: nothing is fitted but the recalibrations beside it.


rule recalibration:
    input:
        patients=PATIENTS,
        predictions=PREDICTIONS,
        models=MODELS_JSON,
    output:
        recalibration=f"{RESULTS}/survival/recalibration.tsv",
        groups=f"{RESULTS}/survival/recalibration_groups.tsv",
        recalibrated=f"{RESULTS}/survival/recalibrated_models.json",
    log:
        f"{RESULTS}/logs/recalibration/recalibration.log",
    benchmark:
        f"{RESULTS}/benchmarks/recalibration/recalibration.tsv"
    conda:
        "../../envs/survival.yaml"
    resources:
        runtime=minutes(30),
    params:
        code=code_digest("survival/recalibration"),
        horizons_months=config["survival"]["horizons_months"],
        bootstraps=config["survival"]["bootstraps"],
        seed=config["survival"]["seed"],
    message:
        "Recalibrating the models on these patients, beside the originals"
    script:
        "../scripts/survival/recalibration.py"


rule case_mix:
    input:
        patients=PATIENTS,
        training_ranges=f"{OPENED}/ranges.tsv",
        places=rules.training_range.output.ranges,
        predictions=PREDICTIONS,
    output:
        case_mix=f"{RESULTS}/application/case_mix.tsv",
    log:
        f"{RESULTS}/logs/case_mix/case_mix.log",
    benchmark:
        f"{RESULTS}/benchmarks/case_mix/case_mix.tsv"
    conda:
        "../../envs/survival.yaml"
    params:
        code=code_digest("application/case_mix"),
    message:
        "Telling how these patients differ from those of the training"
    script:
        "../scripts/application/case_mix.py"


# Named alone: which version deserves a bundle, somebody decides who has read the report.
rule recalibrated_bundle:
    input:
        parent=config["model"],
        recalibrated=rules.recalibration.output.recalibrated,
    output:
        archive=f"{RESULTS}/model/{{version}}.zip",
        folder=directory(f"{RESULTS}/model/{{version}}"),
    log:
        f"{RESULTS}/logs/recalibrated_bundle/{{version}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/recalibrated_bundle/{{version}}.tsv"
    wildcard_constraints:
        version="in_the_large|slope|both",
    conda:
        "../../envs/survival.yaml"
    resources:
        mem_mb=memory_mb(2000),
    params:
        code=code_digest("bundle/recalibrated_bundle"),
        run=config["run"],
    message:
        "Packing the model as it is recalibrated ({wildcards.version})"
    script:
        "../scripts/bundle/recalibrated_bundle.py"


rule validation_report:
    input:
        captions=[workflow.source_path(f"../report/{name}.rst") for name in FIGURES],
        figures=expand(f"{RESULTS}/figures/{{name}}.svg", name=targets.validation_figures(STUDY)),
        patients=PATIENTS,
        exclusions=rules.cohort.output.exclusions,
        ranges=rules.training_range.output.ranges,
        verdicts=rules.training_range.output.verdicts,
        models=rules.predictions.output.applied,
        predictions=PREDICTIONS,
        performance=rules.performance.output.performance,
        comparisons=rules.performance.output.comparisons,
        recalibration=rules.recalibration.output.recalibration,
        case_mix=rules.case_mix.output.case_mix,
        training=f"{OPENED}/ranges.tsv",
        told=f"{OPENED}/performance.tsv",
        manifest=f"{OPENED}/manifest.json",
    output:
        html=report(
            f"{RESULTS}/report.html",
            caption="../report/report.rst",
            category="Report",
            labels={"report": "external validation"},
        ),
    log:
        f"{RESULTS}/logs/validation_report/validation_report.log",
    benchmark:
        f"{RESULTS}/benchmarks/validation_report/validation_report.tsv"
    conda:
        "../../envs/report.yaml"
    params:
        code=code_digest("report/validation_report"),
        decimal_mark=LOOK["decimal_mark"],
        run=config["run"],
        total=len(STUDY.patients),
        is_synthetic=STUDY.is_synthetic,
    message:
        "Writing the report of the external validation"
    script:
        "../scripts/report/validation_report.py"
