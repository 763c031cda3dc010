"""The last stage of the convolutions trained together with a head, for one fit."""

import logging
from collections.abc import Sequence
from dataclasses import asdict

import numpy as np
import pandas as pd
from safetensors.torch import save_file

from taceflow.dlopctr.convolutions.embeddings import FEATURE_COLUMNS
from taceflow.dlopctr.convolutions.network import load_backbone
from taceflow.dlopctr.dataset import Inputs
from taceflow.dlopctr.device import choose_computing, enough_gpu_memory
from taceflow.dlopctr.fine_tuning.stage_inputs import read_stage_inputs
from taceflow.dlopctr.fine_tuning.tuner import Tuner
from taceflow.dlopctr.fits.sets import sets_of_fit
from taceflow.dlopctr.fits.train import chosen_settings
from taceflow.dlopctr.protocol.splits import load_splits
from taceflow.errors import CohortTooSmallError
from taceflow.files.atomic import atomic_path
from taceflow.files.tables import read_json, write_json, write_table

_LOG = logging.getLogger(__name__)


@enough_gpu_memory()
def fine_tune(
    *,
    fit: str,
    patients: str,
    splits: str,
    breaks: str,
    maps: Sequence[str],
    weights: str,
    layer4: str,
    description: str,
    embeddings: str,
    pre_experiment: str | None,
    settings: dict,
    layer4_learning_rate: float,
    seed: int,
    device: str,
    code: str,
) -> None:
    """Tune the last stage for one fit, and embed all images with it.

    The head that learns beside it is left behind: those of all seeds are fitted to the embeddings
    afterwards, as they are to those of the frozen network. Batch norm keeps its statistics.

    Parameters
    ----------
    fit : str
        ``final``, ``fold1`` (without that fold's patients), ...
    patients, splits, breaks : str
        ``cohort/patients.tsv`` and the files of ``dlopctr/``.
    maps : sequence of str
        From `write_stage_inputs`.
    weights : str
        The convolutions' safetensors.
    layer4, description, embeddings : str
        Files to write: the stage's tensors (safetensors), how it was tuned (JSON), the embeddings
        of all images in all views (parquet).
    pre_experiment : str or None
        ``dlopctr/pre_experiment.tsv`` if something is left to it.
    settings : dict
        From `head_settings`.
    layer4_learning_rate : float
        Of the stage; that of the head stands in the settings. Both fall together.
    seed : int
    device : str
        ``auto``, ``cpu`` or ``cuda``.
    code : str
        Digest of the code, kept in the description.

    Raises
    ------
    CohortTooSmallError
        If nobody died among the patients to learn from.
    ConvergenceError
        If a loss is not finite.
    """
    computing = choose_computing(device, "float32")
    left_out = 0 if fit == "final" else int(fit.removeprefix("fold"))
    cohort, folds = load_splits(patients, splits)
    kept = read_stage_inputs(maps)
    stage = load_backbone(weights).layer4.to(computing.device)
    tuner = Tuner(stage, kept, cohort, computing)
    edges = np.array(read_json(breaks)["breaks_months"])
    chosen = chosen_settings(settings, pre_experiment)
    learned, watched = sets_of_fit(
        Inputs(tuner.images, np.ones(len(cohort), dtype=bool)), cohort, folds, chosen, left_out
    )
    if not learned.event.any():
        raise CohortTooSmallError(
            f"none of {len(learned.event)} patients that {fit} learns from died: nothing to fit. "
            "Add patients with an event, or change dlopctr.folds"
        )
    own_seed = int(np.random.SeedSequence([seed, 0, left_out]).generate_state(1)[0])
    course = tuner.train(learned, watched, edges, chosen, layer4_learning_rate, own_seed)
    with atomic_path(layer4) as temporary:
        save_file({f"layer4.{name}": tensor.cpu().contiguous()
                   for name, tensor in stage.state_dict().items()}, temporary)  # fmt: skip
    vectors = pd.DataFrame(tuner.embeddings(), columns=FEATURE_COLUMNS)
    write_table(tuner.keys.join(vectors), embeddings, "embeddings")
    written = {
        "fit": fit, "n": len(learned.event), "events": int(learned.event.sum()),
        "layer4_learning_rate": layer4_learning_rate, "settings": asdict(chosen), "seed": own_seed,
        "kept_epoch": course.kept_epoch, "history": course.history, "code": code,
    }  # fmt: skip
    write_json(written, description)
    _LOG.info("fit %s: %d patients, %d epochs, weights of epoch %d kept",
              fit, len(learned.event), len(course.history), course.kept_epoch)  # fmt: skip
