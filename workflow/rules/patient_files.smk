# A patient's file that is asked for by its name: the job that makes it does others of the bucket too.
from taceflow.study.patient_jobs import PATIENT_FILES

NAMES = [
    pattern.replace("{patient}", "[^/]+")
    for patterns in PATIENT_FILES.values()
    for pattern in patterns
]


wildcard_constraints:
    patient_file="|".join(name for name in NAMES if Path(name).suffix),
    patient_folder="|".join(name for name in NAMES if not Path(name).suffix),


localrules:
    patient_file,
    patient_folder,


rule patient_file:
    input:
        made=ledger_of_file,
    output:
        # the job before has made it
        file=update(f"{RESULTS}/{{patient_file}}"),
    log:
        f"{RESULTS}/logs/patient_file/{{patient_file}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/patient_file/{{patient_file}}.tsv"
    conda:
        "../../envs/imaging.yaml"
    params:
        code=code_digest("cohort/patient_file"),
    message:
        "Looking for {output.file}"
    script:
        "../scripts/cohort/patient_file.py"


use rule patient_file as patient_folder with:
    output:
        file=update(directory(f"{RESULTS}/{{patient_folder}}")),
    log:
        f"{RESULTS}/logs/patient_folder/{{patient_folder}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/patient_folder/{{patient_folder}}.tsv"
