"""Patients whose masks are measured and drawn."""

import json

import numpy as np
import pytest
import SimpleITK as sitk

from taceflow.imaging.quality import picture as quality_picture
from taceflow.imaging.quality.measure import measure
from taceflow.imaging.quality.patient import check_quality

SHAPE = (14, 90, 100)

SPACING_MM = (5.0, 1.5, 1.2)


@pytest.fixture
def images():
    """A patient with a tumour, read by two readers; one voxel of the right side is bright."""
    z, y, x = np.indices(SHAPE)
    hu = np.where(((y - 45) / 38) ** 2 + ((x - 50) / 44) ** 2 < 1, 60, -1000).astype(np.int16)
    made = {"ct": sitk.GetImageFromArray(hu)}
    for shift, name in ((0, "reader1-1"), (2, "reader2-1")):
        away = ((z - 7) * 5.0) ** 2 + ((y - 40) * 2.0) ** 2 + ((x - 30 - shift) * 2.5) ** 2
        made[f"mask_{name}"] = sitk.GetImageFromArray((away < 15**2).astype(np.uint8))
    for image in made.values():
        image.SetSpacing((2.5, 2.0, 5.0))
        image.SetOrigin((-120.0, -90.0, 300.0))
    return made


@pytest.fixture
def check():
    def check(folder, images, *, doubt="", phases=()):
        folder.mkdir()
        for name, image in images.items():
            sitk.WriteImage(image, str(folder / f"{name}.nii.gz"))
        readings = [{"reader": 1, "reading": 1}, {"reader": 2, "reading": 1}]
        for row, phase in zip(readings, phases, strict=False):
            row["phase"] = phase
        seen = {name.removeprefix("mask_"): "0" * 8 for name in images}
        record = {"readings": readings, "doubt": doubt, "images": seen}
        (folder / "import.json").write_text(json.dumps(record))
        out = {name: str(folder / "qc" / name) for name in ("p.png", "t.png", "n.json", "s.js")}
        check_quality(
            patient="P1",
            volumes=str(folder),
            phase="arterial",
            picture=out["p.png"],
            thumbnail=out["t.png"],
            numbers=out["n.json"],
            slices=out["s.js"],
        )
        with open(out["n.json"]) as file:
            return json.load(file), out["p.png"], out["t.png"]

    return check


@pytest.fixture
def figures(monkeypatch):
    """Every figure that is drawn, before it is pixels."""
    drawn = []
    save = quality_picture.save_picture

    def keep(figure, path):
        drawn.append(figure)
        save(figure, path)

    monkeypatch.setattr(quality_picture, "save_picture", keep)
    return drawn


@pytest.fixture
def texts():
    def texts(figure):
        return [text.get_text() for text in figure.texts]

    return texts


@pytest.fixture
def body():
    def body(shape=(16, 120, 140)):
        """A patient of 60 HU in air, with a lung, and a table beneath."""
        _, y, x = np.indices(shape)
        hu = np.where(((y - 50) / 40) ** 2 + ((x - 70) / 60) ** 2 < 1, 60, -1000)
        hu[((y - 50) / 15) ** 2 + ((x - 100) / 12) ** 2 < 1] = -850
        hu[:, 100:103, 20:120] = 200
        return hu.astype(np.int16)

    return body


@pytest.fixture
def ball():
    def ball(shape=(16, 120, 140), centre=(8, 50, 50), radius_mm=15.0):
        away = [
            (axis - c) * gap
            for axis, c, gap in zip(np.indices(shape), centre, SPACING_MM, strict=True)
        ]
        return sum(one**2 for one in away) < radius_mm**2

    return ball


@pytest.fixture
def measured(body):
    def measured(hu=None, **masks):
        masks = {f"reader{name[1]}-{name[3]}": mask for name, mask in masks.items()}
        return measure(body() if hu is None else hu, masks, SPACING_MM)

    return measured
