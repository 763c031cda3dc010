# What lies in the archive of DICOM files, before anything is imported from it.


checkpoint catalogue:
    input:
        archive=STUDY.archive["root"],
        ids=STUDY.archive["ids"] or [],
    output:
        series=f"{RESULTS}/catalogue/series.tsv",
        files=f"{RESULTS}/catalogue/files.parquet",
    log:
        f"{RESULTS}/logs/catalogue/catalogue.log",
    benchmark:
        f"{RESULTS}/benchmarks/catalogue/catalogue.tsv"
    conda:
        "../../envs/imaging.yaml"
    threads: 8
    resources:
        mem_mb=memory_mb(2000),
        runtime=minutes(120),
    params:
        code=code_digest("imaging/catalogue"),
        fingerprint=STUDY.archive_fingerprint,
        ids=STUDY.archive["ids"],
        patients=list(STUDY.patients),
    message:
        "Cataloguing the series of the archive"
    script:
        "../scripts/imaging/catalogue.py"
