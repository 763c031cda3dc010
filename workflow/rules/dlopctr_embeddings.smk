# What the frozen convolutions make of each patient's images.
from taceflow.dlopctr.head.settings import protocol_value

# new patients are predicted from the images themselves
VIEWS = protocol_value(config["dlopctr"], "views") if STUDY.is_fitted else 1
COMPUTING = {key: config["dlopctr"][key] for key in ("device", "precision")}
SAMPLING = {"slices": config["dlopctr"]["slices"], "margin_mm": config["patch"]["margin_mm"]}
# At most: what the jobs of the network hold in memory grows with it.
IMAGES = len(STUDY.patients) * config["dlopctr"]["slices"] * VIEWS


rule embed:
    input:
        patches=patches_to_embed,
        drawn=DRAWN,
        weights=CONVOLUTIONS["weights"],
        description=CONVOLUTIONS["description"],
    output:
        made=JOBS.ledger("embed"),
    log:
        f"{RESULTS}/logs/embed/{{bucket}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/embed/{{bucket}}.tsv"
    priority: 1
    conda:
        "../../envs/dlopctr.yaml"
    threads: 2
    resources:
        mem_mb=memory_mb(2500),
        runtime=minutes(120),
        gpu=GPUS,
    params:
        code=code_digest("dlopctr/embed"),
        job=JOBS.told("embed", included),
        computing=COMPUTING,
        sampling=SAMPLING | {"views": VIEWS, "seed": config["dlopctr"]["embedding_seed"]},
    message:
        "Embedding the patients of bucket {wildcards.bucket}"
    script:
        "../scripts/dlopctr/embed.py"


rule collect_embeddings:
    input:
        made=made_of("embed"),
    output:
        embeddings=f"{RESULTS}/dlopctr/embeddings.parquet",
    log:
        f"{RESULTS}/logs/collect_embeddings/collect_embeddings.log",
    benchmark:
        f"{RESULTS}/benchmarks/collect_embeddings/collect_embeddings.tsv"
    priority: LONGEST_WAY
    conda:
        "../../envs/dlopctr.yaml"
    resources:
        mem_mb=memory_mb(1500 + IMAGES // 20),
    params:
        code=code_digest("dlopctr/collect_embeddings"),
        parts=JOBS.each("embed", included),
    message:
        "Joining the embeddings of all patients"
    script:
        "../scripts/dlopctr/collect_embeddings.py"
