# A fitted study applied to new patients: nothing is fitted.
from taceflow.application.needs import terms_of

NEEDED = {name: [term.column for term in terms] for name, terms in terms_of(STUDY.model).items()}
# Networks that the tables can serve, with the files that they write.
NETWORKS = {
    network: file
    for network, file in {"dlopctr": "predictions", "dlop_combin": "combin"}.items()
    if STUDY.has_network(network)
}


rule open_model:
    input:
        bundle=config["model"],
    output:
        expand(f"{OPENED}/{{name}}", name=STUDY.model.names),
    log:
        f"{RESULTS}/logs/open_model/open_model.log",
    benchmark:
        f"{RESULTS}/benchmarks/open_model/open_model.tsv"
    conda:
        "../../envs/survival.yaml"
    params:
        code=code_digest("application/open_model"),
    message:
        "Checking the bundle and laying out its files"
    script:
        "../scripts/application/open_model.py"


for network, file in NETWORKS.items():

    rule:
        name:
            f"apply_{network}"
        input:
            patients=PATIENTS,
            embeddings=rules.collect_embeddings.output.embeddings,
            heads=f"{OPENED}/{network}.safetensors",
            description=f"{OPENED}/{network}.json",
        output:
            predictions=f"{RESULTS}/dlopctr/{file}.tsv",
            by_seed=f"{RESULTS}/dlopctr/{file}_by_seed.tsv",
        log:
            f"{RESULTS}/logs/apply_{network}/apply_{network}.log",
        benchmark:
            f"{RESULTS}/benchmarks/apply_{network}/apply_{network}.tsv"
        conda:
            "../../envs/dlopctr.yaml"
        resources:
            mem_mb=memory_mb(1500 + IMAGES // 10),
        params:
            code=code_digest("application/apply_network"),
            network=network,
        message:
            f"Predicting survival with {network}"
        script:
            "../scripts/application/apply_network.py"


rule training_range:
    input:
        patients=PATIENTS,
        features=FEATURES,
        radscore=RADSCORE,
        quality=of_images("cohort/quality.tsv"),
        acquisition=of_images("cohort/acquisition.tsv"),
        training=f"{OPENED}/ranges.tsv",
    output:
        ranges=f"{RESULTS}/application/range.tsv",
        verdicts=f"{RESULTS}/application/verdicts.tsv",
    log:
        f"{RESULTS}/logs/training_range/training_range.log",
    benchmark:
        f"{RESULTS}/benchmarks/training_range/training_range.tsv"
    conda:
        "../../envs/survival.yaml"
    params:
        code=code_digest("application/training_range"),
        needed=sorted(
            {column for name in NEEDED for column in NEEDED[name]}
            | ({config["radiomics"]["harmonise"]["by"]} if HARMONISES else set())
        ),
    message:
        "Comparing the patients with those of the training"
    script:
        "../scripts/application/training_range.py"


rule predictions:
    input:
        patients=PATIENTS,
        radscore_scores=rules.radscore_scores.output.scores,
        dlopctr=of_network("dlopctr", "dlopctr/predictions.tsv"),
        combin=of_network("dlop_combin", "dlopctr/combin.tsv"),
        models=MODELS_JSON,
        verdicts=(
            rules.training_range.output.verdicts if config["on_out_of_range"] == "exclude" else []
        ),
    output:
        predictions=PREDICTIONS,
        applied=f"{RESULTS}/application/models.tsv",
    log:
        f"{RESULTS}/logs/predictions/predictions.log",
    benchmark:
        f"{RESULTS}/benchmarks/predictions/predictions.tsv"
    conda:
        "../../envs/survival.yaml"
    params:
        code=code_digest("application/predictions"),
        unserved=STUDY.unserved,
        needed=NEEDED,
        horizons_months=config["survival"]["horizons_months"],
    message:
        "Applying the models to all patients"
    script:
        "../scripts/application/predictions.py"
