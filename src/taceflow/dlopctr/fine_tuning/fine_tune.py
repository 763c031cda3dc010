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
from taceflow.dlopctr.fits.files import FitFiles, Training
from taceflow.dlopctr.fits.sets import sets_of_fit
from taceflow.dlopctr.protocol.splits import load_splits
from taceflow.errors import CohortTooSmallError
from taceflow.files.atomic import atomic_path
from taceflow.files.tables import read_json, write_json, write_table

_LOG = logging.getLogger(__name__)


@enough_gpu_memory()
def fine_tune(
    fit: str,
    files: FitFiles,
    training: Training,
    *,
    maps: Sequence[str],
    weights: str,
    layer4_learning_rate: float,
    layer4: str,
    description: str,
    embeddings: str,
) -> None:
    """Tune the last stage for one fit, and embed all images with it.

    The head that learns beside it is left behind: those of all seeds are fitted to the embeddings
    afterwards, as they are to those of the frozen network. Batch norm keeps its statistics.

    Parameters
    ----------
    fit : str
        ``final``, ``fold1`` (without that fold's patients), ...
    files : FitFiles
    training : Training
    maps : sequence of str
        From `write_stage_inputs`.
    weights : str
        The convolutions' safetensors.
    layer4_learning_rate : float
        Of the stage; that of the head stands in the settings. Both fall together.
    layer4, description, embeddings : str
        Files to write: the stage's tensors (safetensors), how it was tuned (JSON), the embeddings
        of all images in all views (parquet).

    Raises
    ------
    CohortTooSmallError
        If nobody died among the patients to learn from.
    ConvergenceError
        If a loss is not finite.
    """
    computing = choose_computing(training.device, "float32")
    left_out = 0 if fit == "final" else int(fit.removeprefix("fold"))
    cohort, folds = load_splits(files.patients, files.splits)
    kept = read_stage_inputs(maps)
    stage = load_backbone(weights).layer4.to(computing.device)
    tuner = Tuner(stage, kept, cohort, computing)
    edges = np.array(read_json(files.breaks)["breaks_months"])
    settings = training.chosen(files)
    learned, watched = sets_of_fit(
        Inputs(tuner.images, np.ones(len(cohort), dtype=bool)), cohort, folds, settings, left_out
    )
    if not learned.event.any():
        raise CohortTooSmallError(
            f"none of {len(learned.event)} patients that {fit} learns from died: nothing to fit. "
            "Add patients with an event, or change dlopctr.folds"
        )
    own_seed = int(np.random.SeedSequence([training.seed, 0, left_out]).generate_state(1)[0])
    course = tuner.train(learned, watched, edges, settings, layer4_learning_rate, own_seed)
    with atomic_path(layer4) as temporary:
        save_file(
            {
                f"layer4.{name}": tensor.cpu().contiguous()
                for name, tensor in stage.state_dict().items()
            },
            temporary,
        )
    vectors = pd.DataFrame(tuner.embeddings(), columns=FEATURE_COLUMNS)
    write_table(tuner.keys.join(vectors), embeddings, "embeddings")
    written = {
        "fit": fit,
        "n": len(learned.event),
        "events": int(learned.event.sum()),
        "layer4_learning_rate": layer4_learning_rate,
        "settings": asdict(settings),
        "seed": own_seed,
        "kept_epoch": course.kept_epoch,
        "history": course.history,
        "code": training.code,
    }
    write_json(written, description)
    _LOG.info(
        "fit %s: %d patients, %d epochs, weights of epoch %d kept",
        fit,
        len(learned.event),
        len(course.history),
        course.kept_epoch,
    )
