"""Frozen means cached: a head trained on stored embeddings is the one trained with the network.

The other way is written out here with torch's own parts: in every step the images of the batch, in
the view that was drawn, go through the unfused convolutions, dropout and a linear layer, and
autograd and torch's Adam do the rest. The epoch's losses pass through the convolutions again.
"""

import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import SimpleITK as sitk
import torch

from taceflow.dlopctr.convolutions.images import (
    Sampling,
    augmented_view,
    choose_slices,
    read_patch,
    slice_images,
)
from taceflow.dlopctr.convolutions.network import load_backbone
from taceflow.dlopctr.dataset import Images, load_images
from taceflow.dlopctr.head.bank import Task
from taceflow.dlopctr.head.dropout import DropoutMasks
from taceflow.dlopctr.head.flexible_loss import flexible_loss, survival_targets
from taceflow.dlopctr.head.settings import HeadSettings
from taceflow.dlopctr.head.stack import fit_heads
from taceflow.dlopctr.head.standardise import life_table_logits, standardisation

BREAKS = np.array([0.0, 8.0, 20.0, 45.0])
PATIENTS, SLICES, VIEWS, SEED, EPOCHS, BATCH = 5, 2, 2, 11, 3, 6
MEANS, SCALES = ([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])


@pytest.fixture(scope="module")
def patches(tmp_path_factory):
    folder = tmp_path_factory.mktemp("loop")
    random = np.random.default_rng(0)
    paths = []
    for number in range(PATIENTS):
        noise = sitk.GetImageFromArray(random.normal(0, 1, (11, 40, 40)).astype(np.float32))
        smooth = sitk.GetArrayFromImage(sitk.SmoothingRecursiveGaussian(noise, 1.0 + number))
        grey = (0.5 + 0.2 * smooth / smooth.std()).clip(0, 1)
        paths.append(str(folder / f"P{number}.nii.gz"))
        sitk.WriteImage(sitk.GetImageFromArray(grey), paths[-1])
    return paths


@pytest.fixture
def cohort():
    return pd.DataFrame(
        {
            "patient_id": [f"P{number}" for number in range(PATIENTS)],
            "time_months": [5.0, 15.0, 30.0, 40.0, 60.0],
            "event": [1, 1, 0, 1, 1],
        }
    )


@pytest.fixture
def chosen(settings):
    return HeadSettings(
        **settings
        | {"batch_size": BATCH, "epochs": EPOCHS, "stopping_epochs": EPOCHS, "dropout": 0.5}
        | {"learning_rate": 0.0001, "keep_weights": "training"}
    )


class Loop:
    """The same training with the convolutions inside."""

    def __init__(self, weights, patches):
        self.network = load_backbone(weights)
        grey = []
        for path in patches:
            values, spacing_mm = read_patch(path, "P")
            positions = choose_slices(len(values), SLICES, math.ceil(2.0 / spacing_mm))
            images = slice_images(values, positions)
            name = path.rsplit("/", 1)[-1].removesuffix(".nii.gz")
            grey.append([augmented_view(images, name, view, SEED) for view in range(VIEWS)])
        # (views, images, 1, rows, columns)
        self.grey = torch.stack([torch.cat(views) for views in zip(*grey, strict=True)])

    def vectors(self, images):
        """Grey images through all convolutions, divided by their root mean square."""
        mean, scale = (torch.tensor(each)[:, None, None] for each in (MEANS, SCALES))
        with torch.no_grad():
            found = self.network((images.expand(-1, 3, -1, -1) - mean) / scale)
        return found / found.square().mean(dim=1, keepdim=True).sqrt()

    def train(self, cohort, chosen):
        """Return the linear layer and the training loss after each epoch."""
        owner = np.repeat(np.arange(PATIENTS), SLICES)
        time, event = cohort["time_months"].to_numpy(), cohort["event"].to_numpy()
        seen = torch.stack([self.vectors(view) for view in self.grey]).numpy()
        images = Images(cohort["patient_id"].to_numpy(str), time, event, seen, owner)
        centre, scale = (torch.from_numpy(each).float() for each in standardisation(images))
        targets = survival_targets(time, event, BREAKS)
        survived, failed = (torch.from_numpy(each[owner]).float() for each in targets)
        layer = torch.nn.Linear(2048, len(BREAKS) - 1)
        torch.nn.init.zeros_(layer.weight)
        layer.bias.data = torch.from_numpy(life_table_logits(*targets)).float()
        adam = torch.optim.Adam(
            layer.parameters(), lr=chosen.learning_rate, weight_decay=chosen.weight_decay
        )
        random, masks = np.random.default_rng([SEED, 1]), DropoutMasks([SEED], 0.5, "cpu")
        states, losses = [], []
        for _ in range(EPOCHS):
            order = random.permutation(len(owner))
            view = random.integers(VIEWS, size=len(owner))
            steps = -(-len(owner) // BATCH)
            masks.new_epoch(steps, BATCH, 2048)
            for step in range(steps):
                batch = slice(step * BATCH, (step + 1) * BATCH)
                rows = order[batch]
                kept = torch.ones(1, BATCH, 2048)
                masks.apply(kept, step)
                inputs = (self.vectors(self.grey[view[batch], rows]) - centre) / scale
                logits = layer(inputs * kept[0, : len(rows)] * masks.scale)
                loss = flexible_loss(logits, 0, survived[rows], failed[rows]).mean()
                adam.zero_grad()
                loss.backward()
                adam.step()
            with torch.no_grad():
                logits = layer((self.vectors(self.grey[0]) - centre) / scale)
                losses.append(float(flexible_loss(logits, 0, survived, failed).mean()))
                curves = torch.sigmoid(logits).cumprod(dim=1).numpy()
            states.append((layer.weight.detach().numpy().copy(), curves))
        return states, losses


def test_cached_training_equals_training_with_the_convolutions_in_the_loop(
    patches, convolutions, cohort, chosen, embedded_table, tmp_path
):
    sampling = Sampling(slices=SLICES, views=VIEWS, seed=SEED, margin_mm=2.0)
    folder = Path(patches[0]).parent
    embeddings = embedded_table(
        convolutions, sampling, list(cohort["patient_id"]), folder, tmp_path
    )
    images = load_images(embeddings, cohort, standardise=True)
    watched = {"tuning": images.take(images.event == 1)}
    cached = fit_heads([Task("cached", images, watched, chosen, SEED)], BREAKS)[0]
    torch.set_num_threads(2)
    states, losses = Loop(convolutions.weights, patches).train(cohort, chosen)
    found = [row["training_loss"] for row in cached.history]
    np.testing.assert_allclose(found, losses, atol=1e-4)
    assert losses[0] - losses[-1] > 0.03  # it learned: there is something to be equal in
    weight, curves = states[cached.epoch - 1]
    # Adam moves a weight by its rate whatever the gradient's size: where an input is 0 to rounding,
    # rounding decides the direction of that one weight
    apart = np.abs(cached.head.weight - weight)
    assert (apart > 1e-5).mean() < 1e-3
    assert apart.max() < 1e-3
    assert np.median(np.abs(weight)) > 1e-4
    np.testing.assert_allclose(cached.head.curves(images.vectors[0]), curves, atol=1e-4)
