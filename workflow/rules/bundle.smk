# The fitted study in one file without its patients.
from taceflow.study.variables import compared_variables

# Steps that lead from a new patient to a prediction.
APPLIED = ["cohort/patients", "radscore/radscore_scores", "application/predictions"]
if STUDY.has_images:
    APPLIED += ["imaging/import_patient", "imaging/resample", "radiomics/extract_features"]
    APPLIED += ["imaging/patch", "dlopctr/embed", "application/apply_network"]
if HARMONISES:
    APPLIED += ["application/harmonise_features"]


rule training_ranges:
    input:
        patients=PATIENTS,
        features=FEATURES,
        radscore=rules.radscore_fit.output.model,
        predictions=PREDICTIONS,
        quality=of_images("cohort/quality.tsv"),
        acquisition=of_images("cohort/acquisition.tsv"),
    output:
        ranges=f"{RESULTS}/model/ranges.tsv",
    log:
        f"{RESULTS}/logs/training_ranges/training_ranges.log",
    benchmark:
        f"{RESULTS}/benchmarks/training_ranges/training_ranges.tsv"
    conda:
        "../../envs/survival.yaml"
    params:
        code=code_digest("bundle/training_ranges"),
        variables=compared_variables(config),
    message:
        "Writing down the ranges of the training patients"
    script:
        "../scripts/bundle/training_ranges.py"


rule model_card:
    input:
        patients=PATIENTS,
        icc=rules.feature_reproducibility.output.icc,
        radscore=rules.radscore_fit.output.model,
        frequency=SELECTION_FREQUENCY,
        models=MODELS_JSON,
        predictions=PREDICTIONS,
        performance=rules.performance.output.performance,
        ranges=rules.training_ranges.output.ranges,
        network=of_images("dlopctr/model.json"),
        backbone=of_images("dlopctr/backbone.json"),
    output:
        markdown=f"{RESULTS}/model/card.md",
        html=f"{RESULTS}/model/card.html",
    log:
        f"{RESULTS}/logs/model_card/model_card.log",
    benchmark:
        f"{RESULTS}/benchmarks/model_card/model_card.tsv"
    conda:
        "../../envs/report.yaml"
    params:
        code=code_digest("report/model_card"),
        config=config,
        is_synthetic=STUDY.is_synthetic,
    message:
        "Writing the model card"
    script:
        "../scripts/report/model_card.py"


if STUDY.has_images:

    rule final_heads:
        input:
            network=rules.train_head.output.model,
            network_description=rules.train_head.output.description,
            combin=rules.train_combin.output.model,
            combin_description=rules.train_combin.output.description,
        output:
            dlopctr=temp(f"{RESULTS}/model/dlopctr.safetensors"),
            dlop_combin=temp(f"{RESULTS}/model/dlop_combin.safetensors"),
        log:
            f"{RESULTS}/logs/final_heads/final_heads.log",
        benchmark:
            f"{RESULTS}/benchmarks/final_heads/final_heads.tsv"
        conda:
            "../../envs/dlopctr.yaml"
        params:
            code=code_digest("bundle/final_heads"),
        message:
            "Taking the heads that predict new patients"
        script:
            "../scripts/bundle/final_heads.py"


rule model_bundle:
    input:
        patients=PATIENTS,
        predictions=PREDICTIONS,
        radscore=rules.radscore_fit.output.model,
        models=MODELS_JSON,
        clinical_variables=rules.clinical_variables.output.chosen,
        harmonisation=HARMONISATION,
        network=of_images("dlopctr/model.json"),
        combin=of_images("dlopctr/combin.json"),
        backbone=of_images("dlopctr/backbone.json"),
        convolutions=of_images("dlopctr/backbone.safetensors"),
        heads=of_images("model/dlopctr.safetensors"),
        heads_of_combin=of_images("model/dlop_combin.safetensors"),
        icc=rules.feature_reproducibility.output.icc,
        performance=rules.performance.output.performance,
        ranges=rules.training_ranges.output.ranges,
        panel=config["radiomics"]["panel"],
        card=rules.model_card.output,
    output:
        archive=f"{RESULTS}/model/bundle.zip",
        folder=directory(f"{RESULTS}/model/bundle"),
    log:
        f"{RESULTS}/logs/model_bundle/model_bundle.log",
    benchmark:
        f"{RESULTS}/benchmarks/model_bundle/model_bundle.tsv"
    conda:
        "../../envs/survival.yaml"
    resources:
        mem_mb=memory_mb(2000),
    params:
        code=code_digest("bundle/model_bundle"),
        config=config,
        applied={step: code_digest(step) for step in APPLIED},
        libraries=library_versions(pinned=PINNED),
    message:
        "Packing the model without its patients"
    script:
        "../scripts/bundle/model_bundle.py"


rule model:
    input:
        rules.model_bundle.output.archive,
    message:
        "The fitted study in one file without patients"
