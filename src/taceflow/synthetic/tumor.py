"""The shape of a synthetic tumour, and of the outlines that readers draw around it."""

from dataclasses import dataclass, replace

import numpy as np

from taceflow.synthetic.latent import PatientLatents, generator
from taceflow.synthetic.shapes import Grid, Point

_WAVES = 9


@dataclass(frozen=True)
class TumorShape:
    """A star-shaped body: the radius is a smooth function of the direction.

    r(u) = radius_mm (1 + sum_k amplitude_k cos(frequency_k . u + phase_k)) for unit vectors u.

    Attributes
    ----------
    centre_mm : tuple of float
        (x, y, z) in patient coordinates.
    radius_mm : float
        Mean radius.
    amplitudes, phases : numpy.ndarray, shape (k,)
        Relative height and phase of the waves.
    frequencies : numpy.ndarray, shape (k, 3)
        Wave vectors.
    """

    centre_mm: Point
    radius_mm: float
    amplitudes: np.ndarray
    frequencies: np.ndarray
    phases: np.ndarray

    def distance(self, grid: Grid) -> np.ndarray:
        """Return r(point) - r(direction) in mm: negative inside, +inf far away."""
        out = np.full(grid.shape, np.inf, dtype=np.float32)
        box = self._box(grid)
        x, y, z = grid.axes
        x = x[:, :, box[2]] - np.float32(self.centre_mm[0])
        y = y[:, box[1], :] - np.float32(self.centre_mm[1])
        z = z[box[0], :, :] - np.float32(self.centre_mm[2])
        length = np.sqrt(x**2 + y**2 + z**2)
        away = np.maximum(length, 1e-3)
        out[box] = length - self.radius_mm * (1.0 + self._relief(x / away, y / away, z / away))
        return out

    def mask(self, grid: Grid) -> np.ndarray:
        """Return the voxels whose centre is inside, as uint8 of shape (slices, rows, columns)."""
        return (self.distance(grid) < 0.0).astype(np.uint8)

    def _relief(self, x, y, z):
        return sum(
            amplitude * np.cos(kx * x + ky * y + kz * z + phase)
            for amplitude, (kx, ky, kz), phase in zip(
                self.amplitudes, self.frequencies, self.phases, strict=True
            )
        )

    def _box(self, grid: Grid) -> tuple[slice, slice, slice]:
        reach = self.radius_mm * (1.0 + float(np.abs(self.amplitudes).sum())) + 6.0
        slices = []
        for centre, start, step, count in zip(
            self.centre_mm, grid.origin_mm, grid.spacing_mm, grid.shape[::-1], strict=True
        ):
            low = int(np.floor((centre - reach - start) / step))
            high = int(np.ceil((centre + reach - start) / step)) + 1
            slices.append(slice(max(low, 0), min(high, count)))
        return slices[2], slices[1], slices[0]


def _waves(draw: np.random.Generator, relative_sd: float, sharpness: float):
    """Draw waves whose sum over the sphere has about the SD `relative_sd`."""
    frequencies = draw.normal(0.0, sharpness, (_WAVES, 3))
    phases = draw.uniform(0.0, 2.0 * np.pi, _WAVES)
    amplitudes = np.full(_WAVES, relative_sd * np.sqrt(2.0 / _WAVES))
    return amplitudes, frequencies, phases


def draw_shape(draw: np.random.Generator, centre_mm: Point, diameter_mm: float) -> TumorShape:
    """Draw a tumour whose longest chord through its centre, of 600, is `diameter_mm`."""
    amplitudes, frequencies, phases = _waves(draw, 0.07, 1.6)
    unit = TumorShape(centre_mm, 1.0, amplitudes, frequencies, phases)
    directions = draw.standard_normal((3, 600))
    directions /= np.linalg.norm(directions, axis=0)
    chord = 2.0 + unit._relief(*directions) + unit._relief(*-directions)
    return replace(unit, radius_mm=diameter_mm / float(chord.max()))


def outline(shape: TumorShape, seed: int, patient: PatientLatents, reader: int, reading: int):
    """Return the shape that a reader draws.

    Reader 1's first reading is the tumour itself. A repeat moves it by about 0.5 mm and its border
    by about 0.7 mm, another reader by about 0.9 mm and 1.2 mm, less for a small tumour; no reader
    draws the whole border further out by more than a few per cent.
    """
    if (reader, reading) == (1, 1):
        return shape
    draw = generator(seed, patient.number, "readings")
    draw = draw.spawn(8)[2 * (reader - 1) + reading - 1]
    shift_mm, border_mm = (0.5, 0.7) if reader == 1 else (0.9, 1.2)
    scale = min(1.0, shape.radius_mm / 15.0)
    amplitudes, frequencies, phases = _waves(draw, border_mm * scale / shape.radius_mm, 2.5)
    moved = np.add(shape.centre_mm, draw.normal(0.0, shift_mm * scale, 3))
    return TumorShape(
        centre_mm=tuple(float(value) for value in moved),
        radius_mm=shape.radius_mm * (1.0 + float(np.clip(draw.normal(0.0, 0.015), -0.03, 0.03))),
        amplitudes=np.concatenate([shape.amplitudes, amplitudes]),
        frequencies=np.concatenate([shape.frequencies, frequencies]),
        phases=np.concatenate([shape.phases, phases]),
    )
