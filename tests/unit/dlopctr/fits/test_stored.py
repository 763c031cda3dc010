"""What is kept of a fit: who was learned from, and the course of each training."""

import numpy as np
import pandas as pd

from taceflow.dlopctr.dataset import Images, Inputs
from taceflow.dlopctr.fits.files import HeadFiles, Training
from taceflow.dlopctr.fits.stored import save_fits
from taceflow.dlopctr.head.course import FittedHead
from taceflow.dlopctr.head.fitted_head import Head, load_heads
from taceflow.dlopctr.head.settings import HeadSettings
from taceflow.files.tables import read_json, read_table


def test_a_description_counts_those_who_were_learned_from(planted, settings, tmp_path):
    """Five patients: one in the validation cohort, one without a clinical value."""
    cohort = pd.DataFrame({"cohort": ["training"] * 4 + ["validation"]})
    images = Images(
        np.array(list("ABCDE")),
        np.arange(1.0, 6),
        np.array([1, 0, 1, 1, 1]),
        np.zeros((2, 9, 3), np.float32),
        np.repeat(np.arange(5), [1, 2, 1, 3, 2]),
    )
    intervals = len(read_json(planted["breaks"])["breaks_months"]) - 1
    head = Head(np.ones((intervals, 3)), np.zeros(intervals), np.zeros(3), np.ones(3))
    history = [
        {"epoch": epoch, "training_loss": 1.0 / epoch, "tuning_loss": 2.0, "learning_rate": 0.1}
        for epoch in (1, 2)
    ]
    kept = {"seed1.final": 2, "seed12.fold3": 1}
    fits = {name: FittedHead(head, epoch, history) for name, epoch in kept.items()}
    paths = [str(tmp_path / name) for name in ("model.safetensors", "model.json", "history.tsv")]
    save_fits(
        fits,
        Inputs(images, np.array([True, True, False, True, True])),
        cohort,
        HeadSettings(**settings),
        HeadFiles(**planted),
        Training(settings=settings, seed=3, device="cpu", code="abc"),
        *paths,
        selection="by hand",
    )
    described = read_json(paths[1])
    counts = {key: described[key] for key in ("n", "events", "images", "views", "features")}
    assert counts == {"n": 3, "events": 2, "images": 6, "views": 2, "features": 3}
    assert described["kept_epochs"] == kept
    assert described["convolutions"] == read_json(planted["backbone"])
    assert (described["settings"], described["selection"]) == (settings, "by hand")
    assert sorted(load_heads(paths[0], features=3, intervals=intervals)) == sorted(fits)
    table = read_table(paths[2], "dlopctr_history")
    assert table[["seed", "fit"]].to_numpy().tolist() == [[1, "final"]] * 2 + [[12, "fold3"]] * 2
    assert table["training_loss"].tolist() == [1.0, 0.5] * 2
    assert table["validation_loss"].isna().all()
