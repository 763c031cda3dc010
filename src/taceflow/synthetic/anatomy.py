"""An upper abdomen made of simple bodies: where the organs of a synthetic patient lie.

Coordinates are in mm with x to the patient's left, y to the back and z to the head; 0 is the middle
of the body at the height of the liver's hilum. CT numbers are typical of a late arterial and a
portal venous phase.
"""

from dataclasses import dataclass

import numpy as np

from taceflow.synthetic.shapes import Grid, capsule, coverage, cylinder, ellipsoid, smooth_union

Axes = tuple[np.ndarray, np.ndarray, np.ndarray]

# portal vein and its branches, then the hepatic veins: start, end, radius at start and end
_PORTAL_TREE = (
    ((10.0, 4.0, -48.0), (-24.0, -2.0, -14.0), 7.0, 6.5),
    ((-24.0, -2.0, -14.0), (-58.0, 4.0, -4.0), 6.0, 4.5),
    ((-58.0, 4.0, -4.0), (-88.0, -22.0, 18.0), 4.0, 1.8),
    ((-58.0, 4.0, -4.0), (-96.0, 22.0, -22.0), 4.0, 1.8),
    ((-24.0, -2.0, -14.0), (-14.0, -34.0, 2.0), 5.0, 4.0),
    ((-14.0, -34.0, 2.0), (16.0, -54.0, 14.0), 3.8, 1.8),
)
_HEPATIC_VEINS = (
    ((-22.0, 14.0, 46.0), (-92.0, 6.0, 12.0), 5.0, 1.8),
    ((-22.0, 12.0, 46.0), (-52.0, -50.0, 16.0), 5.0, 1.8),
    ((-20.0, 12.0, 46.0), (14.0, -46.0, 34.0), 4.5, 1.8),
)


@dataclass(frozen=True)
class Organ:
    """One body in the picture.

    Attributes
    ----------
    share : numpy.ndarray
        Share of each voxel inside, 0 to 1; broadcasts to (slices, rows, columns).
    arterial_hu, portal_hu : float
        CT numbers in the two phases.
    """

    share: np.ndarray
    arterial_hu: float
    portal_hu: float


@dataclass(frozen=True)
class Anatomy:
    """The bodies of one patient.

    Attributes
    ----------
    organs : list of Organ
        In the order in which they are painted.
    liver_mm : numpy.ndarray, shape (slices, rows, columns)
        Signed distance to the liver's surface, negative inside.
    axes : tuple of numpy.ndarray
        x, y, z of the voxels in the anatomy's own frame.
    """

    organs: list[Organ]
    liver_mm: np.ndarray
    axes: Axes


def build_anatomy(grid: Grid, draw: np.random.Generator) -> Anatomy:
    """Draw one patient's anatomy on a CT's voxels: place (some mm), size (some %), fat, organs."""
    scale = float(np.clip(draw.normal(0.96, 0.035), 0.87, 1.01))
    shift = draw.normal(0.0, (4.0, 3.0, 5.0))
    axes = tuple(
        (a - np.float32(s)) / np.float32(scale) for a, s in zip(grid.axes, shift, strict=True)
    )
    # edges as sharp as the voxels in the plane
    soft = max(1.2 * grid.spacing_mm[0], 1.0)
    wobble = np.clip(draw.standard_normal(16), -2.0, 2.0)
    fat_mm = float(np.clip(13.0 + 4.0 * wobble[0], 7.0, 20.0))

    skin = cylinder(axes, (0.0, 0.0), (143.0, 106.0))
    wall = skin + fat_mm
    cavity = wall + 14.0
    diaphragm = ellipsoid(axes, (0.0, -6.0, -52.0), (128.0, 104.0, 132.0))
    inside = np.maximum(cavity + 0.3, diaphragm + 0.8)
    liver = _liver(axes, inside, wobble)
    spleen = _spleen(axes, inside, wobble)
    paint = [
        Organ(coverage(skin, soft), 40.0, 45.0),
        Organ(coverage(skin + 2.5, soft), -106.0, -104.0),
        Organ(coverage(wall, soft), 56.0, 64.0),
        Organ(coverage(cavity, soft), -100.0, -98.0),
        Organ(coverage(np.maximum(cavity, -diaphragm), soft), -840.0, -840.0),
        *_ribs(axes, fat_mm, soft),
        *_gut(axes, inside, wobble, soft),
        Organ(coverage(spleen, soft), 122.0 + 8.0 * wobble[1], 120.0 + 6.0 * wobble[1]),
        Organ(coverage(liver, soft), 72.0 + 5.0 * wobble[2], 112.0 + 7.0 * wobble[2]),
        *_liver_vessels(axes, liver, soft),
        *_kidneys(axes, wobble, soft),
        *_retroperitoneum(axes, soft, wobble),
        _gallbladder(axes, wobble, soft),
        Organ(coverage(_table(axes), soft), -120.0, -120.0),
    ]
    return Anatomy(paint, liver, axes)


def _vertebra(axes: Axes) -> np.ndarray:
    return cylinder(axes, (0.0, 50.0), (21.0, 17.0))


def _aorta(axes: Axes) -> np.ndarray:
    return cylinder(axes, (10.0, 21.0), (10.0, 10.0))


def _cava(axes: Axes) -> np.ndarray:
    return cylinder(axes, (-21.0, 20.0), (12.0, 9.0))


def _kidney_surfaces(axes: Axes, wobble: np.ndarray) -> list[np.ndarray]:
    right = ellipsoid(axes, (-58.0, 52.0, -72.0 + 5.0 * wobble[3]), (25.0, 24.0, 54.0))
    left = ellipsoid(axes, (57.0, 52.0, -62.0 + 5.0 * wobble[4]), (25.0, 24.0, 54.0))
    return [right, left]


def _liver(axes: Axes, inside: np.ndarray, wobble: np.ndarray) -> np.ndarray:
    right = ellipsoid(
        axes, (-62.0, 2.0, -8.0), (60.0 + 2.0 * wobble[5], 74.0, 96.0 + 4.0 * wobble[6])
    )
    left = ellipsoid(
        axes, (-6.0 + 3.0 * wobble[7], -44.0, 16.0), (66.0 + 4.0 * wobble[8], 34.0, 60.0)
    )
    caudate = ellipsoid(axes, (-14.0, 0.0, 14.0), (24.0, 20.0, 28.0))
    liver = smooth_union(smooth_union(right, left, 18.0), caudate, 12.0)
    x, y, z = axes
    # a surface that is not a ruled one, 2 mm high, some cm long
    liver = liver + 1.6 * np.sin(x / 17.0 + wobble[9]) * np.sin(y / 15.0 + wobble[10]) * np.cos(
        z / 19.0
    )
    liver = np.maximum(liver, inside)
    # the falciform ligament's fissure and the hilum's fat
    liver = np.maximum(liver, -ellipsoid(axes, (-2.0, -58.0, -14.0), (2.6, 24.0, 34.0)))
    liver = np.maximum(liver, -ellipsoid(axes, (-2.0, -10.0, -36.0), (24.0, 16.0, 26.0)))
    liver = np.maximum(liver, 10.0 - _vertebra(axes))
    liver = np.maximum(liver, 11.0 - _aorta(axes))
    liver = np.maximum(liver, 0.5 - _cava(axes))
    return np.maximum(liver, 5.0 - _kidney_surfaces(axes, wobble)[0])


def _spleen(axes: Axes, inside: np.ndarray, wobble: np.ndarray) -> np.ndarray:
    whole = ellipsoid(axes, (88.0, 32.0, 14.0 + 5.0 * wobble[11]), (34.0, 46.0, 62.0))
    hilum = ellipsoid(axes, (58.0, 18.0, 6.0), (26.0, 30.0, 50.0))
    spleen = np.maximum(np.maximum(whole, inside), 2.0 - hilum)
    return np.maximum(spleen, 4.0 - _kidney_surfaces(axes, wobble)[1])


def _liver_vessels(axes: Axes, liver: np.ndarray, soft: float) -> list[Organ]:
    def tree(branches):
        distance = np.full(liver.shape, np.inf, dtype=np.float32)
        for start, end, thick, thin in branches:
            distance = np.minimum(distance, capsule(axes, start, end, thick, thin))
        return distance

    return [
        Organ(coverage(tree(_PORTAL_TREE), soft), 118.0, 176.0),
        Organ(coverage(np.maximum(tree(_HEPATIC_VEINS), liver), soft), 76.0, 168.0),
    ]


def _ribs(axes: Axes, fat_mm: float, soft: float) -> list[Organ]:
    """Ribs that run obliquely through the chest wall: each slice shows them as short dashes."""
    x, y, z = axes
    along, across = 143.0 - fat_mm - 7.0, 106.0 - fat_mm - 7.0
    angle = np.arctan2(y / across, x / along)
    ring = (np.sqrt((x / along) ** 2 + (y / across) ** 2) - 1.0) * 0.5 * (along + across)
    # sixteen ribs, symmetric about the spine, that move to the front as z falls
    from_spine = np.abs(np.angle(np.exp(1j * (angle - np.pi / 2.0)))).astype(np.float32)
    phase = (from_spine + 0.006 * z) * 8.0
    sideways = np.abs(np.arctan2(np.sin(phase), np.cos(phase))) / 8.0 * 0.5 * (along + across)
    distance = np.maximum(np.sqrt((ring / 4.0) ** 2 + (sideways / 10.0) ** 2) * 4.0 - 4.0, -100.0)
    # costal cartilage and the linea alba in front carry no bone
    distance = np.maximum(distance, (from_spine - 2.2) * 60.0)
    return [
        Organ(coverage(distance, soft), 330.0, 330.0),
        Organ(coverage(distance + 2.4, soft), 150.0, 150.0),
    ]


def _gut(axes: Axes, inside: np.ndarray, wobble: np.ndarray, soft: float) -> list[Organ]:
    """Stomach with fluid and a bubble of gas, pancreas, and loops of bowel below."""
    y = axes[1]
    stomach = ellipsoid(axes, (58.0, -26.0, 24.0 + 5.0 * wobble[12]), (44.0, 40.0, 68.0))
    stomach = np.maximum(stomach, inside)
    level = y + 44.0 + 3.0 * wobble[12]
    loops = np.full(stomach.shape, np.inf, dtype=np.float32)
    for cx, cy, cz, r in (
        (34.0, -62.0, -52.0, 20.0),
        (76.0, -30.0, -58.0, 24.0),
        (-8.0, -66.0, -66.0, 19.0),
        (40.0, -16.0, -62.0, 17.0),
        (96.0, 6.0, -60.0, 16.0),
    ):
        loops = np.minimum(loops, ellipsoid(axes, (cx, cy, cz), (r * 1.2, r, r)))
    loops = np.maximum(loops, inside)
    pancreas = capsule(axes, (2.0, -2.0, -36.0), (62.0, 14.0, -14.0), 11.0, 8.0)
    return [
        Organ(coverage(pancreas, soft), 98.0, 92.0),
        Organ(coverage(loops, soft), 62.0, 84.0),
        Organ(coverage(loops + 3.5, soft), 18.0, 18.0),
        Organ(coverage(stomach, soft), 68.0, 84.0),
        Organ(coverage(stomach + 4.0, soft), 12.0, 12.0),
        Organ(coverage(np.maximum(stomach + 4.5, level), soft), -950.0, -950.0),
    ]


def _kidneys(axes: Axes, wobble: np.ndarray, soft: float) -> list[Organ]:
    organs = []
    for surface, side in zip(_kidney_surfaces(axes, wobble), (-1.0, 1.0), strict=True):
        sinus = ellipsoid(axes, (side * 44.0, 50.0, -68.0), (15.0, 9.0, 30.0))
        organs += [
            Organ(coverage(surface, soft), 195.0, 182.0),
            Organ(coverage(surface + 7.0, soft), 105.0, 178.0),
            Organ(coverage(sinus, soft), -80.0, -75.0),
        ]
    return organs


def _retroperitoneum(axes: Axes, soft: float, wobble: np.ndarray) -> list[Organ]:
    """Spine with discs, canal and processes, muscles beside it, vena cava, crura and aorta."""
    x, y, z = axes
    vertebra = _vertebra(axes)
    # a disc of 8 mm between vertebrae of 26 mm
    from_disc = np.abs((z + 6.0 * wobble[13]) % 34.0 - 17.0)
    disc = np.maximum(vertebra, from_disc - 4.0)
    back = np.full_like(vertebra, np.inf)
    for side in (-1.0, 1.0):
        back = np.minimum(back, cylinder(axes, (side * 30.0, 76.0), (24.0, 13.0)))
    psoas = np.minimum(
        ellipsoid(axes, (-30.0, 48.0, -75.0), (14.0, 13.0, 50.0)),
        ellipsoid(axes, (30.0, 48.0, -75.0), (14.0, 13.0, 50.0)),
    )
    crus = np.minimum(
        capsule(axes, (24.0, 30.0, -90.0), (22.0, 18.0, 90.0), 4.0, 4.0),
        capsule(axes, (-8.0, 31.0, -90.0), (-6.0, 14.0, 90.0), 4.0, 4.0),
    )
    # transverse processes at the middle of each vertebra
    arch = np.minimum(
        capsule((x, y, 0.0 * z), (-13.0, 66.0, 0.0), (-31.0, 70.0, 0.0), 4.0, 3.5),
        capsule((x, y, 0.0 * z), (13.0, 66.0, 0.0), (31.0, 70.0, 0.0), 4.0, 3.5),
    )
    arch = np.maximum(arch, 11.0 - from_disc)
    arch = np.minimum(arch, cylinder(axes, (0.0, 66.0), (14.0, 10.0)))
    spinous = cylinder(axes, (0.0, 80.0), (3.5, 12.0))
    return [
        Organ(coverage(back, soft), 55.0, 62.0),
        Organ(coverage(psoas, soft), 56.0, 64.0),
        Organ(coverage(crus, soft), 58.0, 64.0),
        Organ(coverage(np.minimum(arch, spinous), soft), 340.0, 340.0),
        Organ(coverage(vertebra, soft), 380.0, 380.0),
        Organ(coverage(vertebra + 2.6, soft), 170.0, 180.0),
        Organ(coverage(disc, soft), 88.0, 92.0),
        Organ(coverage(cylinder(axes, (0.0, 67.5), (9.0, 7.0)), soft), 28.0, 30.0),
        Organ(coverage(_cava(axes), soft), 96.0, 150.0),
        Organ(coverage(_aorta(axes), soft), 305.0, 162.0),
    ]


def _gallbladder(axes: Axes, wobble: np.ndarray, soft: float) -> Organ:
    surface = ellipsoid(axes, (-42.0 + 3.0 * wobble[14], -38.0, -52.0), (14.0, 19.0, 22.0))
    return Organ(coverage(surface, soft), 8.0, 9.0)


def _table(axes: Axes) -> np.ndarray:
    """A shallow trough under the back."""
    x, y, _ = axes
    return np.abs(y - 119.0 + 2.0 * (x / 60.0) ** 2) - 2.0
