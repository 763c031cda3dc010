# What lies in the archive of DICOM files, before anything is imported from it.


checkpoint catalogue:
    input:
        patients=STUDY.table_paths["patients"],
        ids=config["archive"].get("ids") or [],
    output:
        series=f"{RESULTS}/catalogue/series.tsv",
        # the next run starts from it, and reads only what is new: update() leaves it there, and
        # brings it back should the job fail
        files=update(f"{RESULTS}/catalogue/files.parquet"),
    log:
        f"{RESULTS}/logs/catalogue/catalogue.log",
    benchmark:
        f"{RESULTS}/benchmarks/catalogue/catalogue.tsv"
    conda:
        "../../envs/imaging.yaml"
    threads: 8
    resources:
        mem_mb=4000,
        runtime=120,
    params:
        code=code_digest("catalogue"),
        fingerprint=archive_fingerprint,
        root=config["archive"]["root"],
        ids=config["archive"].get("ids"),
        patients=STUDY.patients,
    message:
        "Cataloguing the series of the archive"
    script:
        "../scripts/catalogue.py"
