"""A synthetic CT of one patient in two phases, with a tumour whose texture follows the latent z."""

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import gaussian_filter

from taceflow.synthetic.anatomy import Anatomy, build_anatomy
from taceflow.synthetic.latent import PatientLatents, generator
from taceflow.synthetic.shapes import Grid, correlated_noise, coverage
from taceflow.synthetic.tumor import TumorShape, draw_shape

PHASES = ("arterial", "portal")

_FIELD_OF_VIEW_MM, _SLICE_THICKNESS_MM = 307.2, 5.0
_MATRIX, _SLICES = 128, 24
_NOISE_HU = 9.0
_TEXTURE_HU = 20.0
_TEXTURE_PER_Z = 0.8
_MOST_TEXTURE_HU = 80.0
_TEXTURE_LENGTH_MM = 3.5
_WASH_OUT = 0.75
_ENHANCEMENT_HU = {"arterial": 46.0, "portal": -24.0}
_CAPSULE_HU = {"arterial": 0.0, "portal": 22.0}


@dataclass(frozen=True)
class Phantom:
    """The synthetic CT of one patient.

    Attributes
    ----------
    grid : Grid
        Geometry shared by both phases.
    hu : dict of str to numpy.ndarray
        By phase: whole Hounsfield units, int16, shape (slices, rows, columns), -1024 to 3071.
    tumor : TumorShape
        The true tumour.
    """

    grid: Grid
    hu: dict[str, np.ndarray]
    tumor: TumorShape


def _draw_grid(draw: np.random.Generator) -> Grid:
    """Draw the position of the field of view; spacing and matrix are the same for all."""
    spacing = _FIELD_OF_VIEW_MM / _MATRIX
    corner = -0.5 * _FIELD_OF_VIEW_MM + 0.5 * spacing
    x, y = np.round(corner + draw.normal(0.0, (2.0, 2.0)), 1)
    z = round(-0.5 * _SLICE_THICKNESS_MM * (_SLICES - 1) + draw.normal(0.0, 3.0), 1)
    return Grid(
        origin_mm=(float(x), float(y), float(z)),
        spacing_mm=(spacing, spacing, _SLICE_THICKNESS_MM),
        shape=(_SLICES, _MATRIX, _MATRIX),
    )


def make_phantom(seed: int, patient: PatientLatents) -> Phantom:
    """Make the CT of one patient.

    The texture is one Gaussian random field of 3.5 mm correlation length in both phases, scaled to
    mean 0 and an SD of 20 HU exp(0.8 z), at most 80 HU, inside the tumour, so that its mean
    enhancement carries no risk.
    """
    draw = generator(seed, patient.number, "phantom")
    grid_draw, anatomy_draw, place_draw, texture_draw, noise_draw = draw.spawn(5)
    grid = _draw_grid(grid_draw)
    anatomy = build_anatomy(grid, anatomy_draw)
    centre = _place_tumor(grid, anatomy, patient, place_draw)
    tumor = draw_shape(place_draw, centre, patient.tumor_size_mm)
    distance = tumor.distance(grid)
    texture = _texture(grid, distance, patient.texture_z, texture_draw)
    brightness = float(texture_draw.normal(0.0, 7.0))
    hu = {}
    for phase in PHASES:
        image = _paint(anatomy, phase, grid)
        _add_tumor(image, phase, grid, distance, brightness)
        image = gaussian_filter(image, (0.0, 0.45, 0.45))
        image += texture * (1.0 if phase == "arterial" else _WASH_OUT)
        image += _NOISE_HU * correlated_noise(noise_draw, grid.shape, (0.0, 0.55, 0.55))
        hu[phase] = np.clip(np.rint(image), -1024, 3071).astype(np.int16)
    return Phantom(grid, hu, tumor)


def _place_tumor(
    grid: Grid, anatomy: Anatomy, patient: PatientLatents, draw: np.random.Generator
) -> tuple[float, float, float]:
    """Choose a voxel in the wanted part of the liver, deep enough for the tumour where possible."""
    radius = 0.5 * patient.tumor_size_mm
    x = np.broadcast_to(anatomy.axes[0], grid.shape)
    part = {"right": x < -45.0, "left": x > -12.0, "others": (x >= -45.0) & (x <= -12.0)}
    allowed = part[patient.tumor_location] & (anatomy.liver_mm < 0.0)
    heights = np.broadcast_to(grid.axes[2], grid.shape)
    margin = radius + grid.spacing_mm[2]
    allowed &= (heights > heights.min() + margin) & (heights < heights.max() - margin)
    depth = np.where(allowed, -anatomy.liver_mm, -np.inf)
    wanted = min(0.85 * radius, 0.97 * float(depth.max()))
    candidates = np.flatnonzero(depth.ravel() >= wanted)
    k, j, i = np.unravel_index(int(draw.choice(candidates)), grid.shape)
    start, step = grid.origin_mm, grid.spacing_mm
    return tuple(float(s + d * n) for s, d, n in zip(start, step, (i, j, k), strict=True))


def _paint(anatomy: Anatomy, phase: str, grid: Grid) -> np.ndarray:
    image = np.full(grid.shape, -1000.0, dtype=np.float32)
    for organ in anatomy.organs:
        value = organ.arterial_hu if phase == "arterial" else organ.portal_hu
        image += organ.share * (np.float32(value) - image)
    return image


def _add_tumor(image, phase, grid, distance, brightness) -> None:
    """Blend the tumour in: bright in the arterial phase, dark with a rim in the portal."""
    soft = 1.2 * grid.spacing_mm[0]
    liver_hu = {"arterial": 72.0, "portal": 112.0}[phase]
    value = liver_hu + _ENHANCEMENT_HU[phase] + brightness
    share = coverage(distance, soft)
    image += share * (np.float32(value) - image)
    rim = coverage(np.abs(distance - 1.0) - 1.2, soft)
    image += rim * np.float32(_CAPSULE_HU[phase])


def _texture(grid: Grid, distance, texture_z, draw) -> np.ndarray:
    sigma = tuple(_TEXTURE_LENGTH_MM / step for step in grid.spacing_mm[::-1])
    field = correlated_noise(draw, grid.shape, sigma)
    inside = distance < 0.0
    field = (field - field[inside].mean()) / field[inside].std()
    sd_hu = min(_MOST_TEXTURE_HU, _TEXTURE_HU * float(np.exp(_TEXTURE_PER_Z * texture_z)))
    return field * coverage(distance, 1.2 * grid.spacing_mm[0]) * np.float32(sd_hu)
