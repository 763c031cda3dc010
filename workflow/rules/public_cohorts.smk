# Where a public cohort goes; each collection has a rule file of its own.
# What is fetched is no output, its receipt is: Snakemake deletes outputs before a job runs again.
from snakemake.exceptions import WorkflowError

from taceflow.code_digest import code_digest
from taceflow.errors import TaceflowError
from taceflow.files.configuration import complete_configuration

try:
    complete_configuration(config)
except TaceflowError as error:
    raise WorkflowError(str(error)) from None
if config["public_cohort"]["collection"] is None:
    raise WorkflowError(
        "public_cohort.collection is null: give --configfile config/hcc_tace_seg/config.yaml or another cohort's"
    )

RESULTS = f"results/{config['run']}"
COHORT = config["public_cohort"]["folder"]


include: f"public_{config['public_cohort']['collection']}.smk"
