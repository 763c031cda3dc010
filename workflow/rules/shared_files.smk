# Files that several stages share: made here, or brought by a bundle.
from taceflow.readings import MAIN_READING

PATIENTS = f"{RESULTS}/cohort/patients.tsv"
OPENED = f"{RESULTS}/model/opened"
# What was fitted: here, or by those who made the bundle.
RADSCORE = f"{RESULTS}/radscore/model.json" if STUDY.is_fitted else f"{OPENED}/radscore.json"
MODELS_JSON = f"{RESULTS}/survival/models.json" if STUDY.is_fitted else f"{OPENED}/models.json"
BACKBONE = OPENED if STUDY.has_convolutions_inside else f"{RESULTS}/dlopctr"
CONVOLUTIONS = {
    "weights": f"{BACKBONE}/backbone.safetensors",
    "description": f"{BACKBONE}/backbone.json",
}
PREDICTIONS = f"{RESULTS}/survival/predictions.tsv"
FEATURES = f"{RESULTS}/radiomics/{MAIN_READING}.parquet"
# What the Radscore is fitted on and applied to: harmonised features, if that is asked for.
HARMONISES = config["radiomics"]["harmonise"]["by"] is not None
HARMONISED = f"{RESULTS}/radscore/harmonised.parquet" if HARMONISES else []
BATCHES = f"{RESULTS}/radscore/batches.tsv" if HARMONISES else []
HARMONISATION = f"{RESULTS}/radscore/harmonisation.json" if HARMONISES else []
OF_RADSCORE = HARMONISED or FEATURES


def of_images(pattern):
    """Files that come from images: none if the study starts from a ready table of features."""
    return f"{RESULTS}/{pattern}" if STUDY.has_images else []


def of_network(network, pattern):
    """Files of a network: none if the study starts from a ready table or the patients lack what it takes."""
    return of_images(pattern) if STUDY.has_network(network) else []
