"""The masks of WAW-TACE: one file a tumour in the archive, one file a patient in a study."""

import logging
import tempfile
import zipfile
from collections import defaultdict
from pathlib import Path, PurePosixPath

import pandas as pd
import SimpleITK as sitk

from taceflow.files.tables import read_table, write_table
from taceflow.files.volumes.stored import write_volume
from taceflow.public_cohorts.waw_tace import PHASES, members, patient_id, unpack

_LOG = logging.getLogger(__name__)


def write_segmentations(archive: str, patients: str, phase: str, folder: str, output: str) -> None:
    """Join each patient's tumours into one mask and write the table of segmentations.

    A patient's tumours are outlined on one phase, not always the one that the study uses. Where
    there are several, the study's phase is taken, else the first of portal, arterial, delayed and
    unenhanced.

    Parameters
    ----------
    archive : str
        The zip archive of the record: ``<patient>_<phase>_<tumour>_tumor_seg.nrrd``.
    patients : str
        The table of patients; masks of nobody in it are left where they are.
    phase : str
        The phase that the study uses.
    folder : str
        Where the masks go.
    output : str
        The table to write.
    """
    known = set(read_table(patients)["patient_id"])
    names = {code: name for name, code in PHASES.items()}
    order = list(dict.fromkeys([phase, "portal", "arterial", "delayed", "unenhanced"]))
    tumors: dict[str, dict[str, list[zipfile.ZipInfo]]] = defaultdict(lambda: defaultdict(list))
    rows = []
    with zipfile.ZipFile(archive) as opened, tempfile.TemporaryDirectory() as scratch:
        for entry, number, code in members(opened, r"\d+_tumor_seg\.nrrd"):
            tumors[patient_id(number)][names[code]].append(entry)
        for patient in sorted(known & set(tumors)):
            drawn = next(name for name in order if name in tumors[patient])
            files = []
            for entry in tumors[patient][drawn]:
                files.append(Path(scratch) / PurePosixPath(entry.filename).name)
                unpack(opened, entry, files[-1])
            mask = join_masks(files)
            for file in files:
                file.unlink()
            if mask is None:
                _LOG.warning("patient %s: the tumours' masks lie on different grids", patient)
                continue
            target = Path(folder) / f"{patient}.nrrd"
            write_volume(mask, target)
            rows.append((patient, drawn, 1, 1, str(target)))
    columns = ["patient_id", "phase", "reader", "reading", "mask"]
    write_table(pd.DataFrame(rows, columns=columns), output, "segmentations")


def join_masks(files: list[Path]) -> sitk.Image | None:
    """Return what belongs to any of the masks, of which nothing but the outside is 0.

    8-bit, 0 and 1; None if the masks do not lie on one grid.
    """
    joined = sitk.ReadImage(str(files[0])) != 0
    for file in files[1:]:  # one at a time: a scan of 1,400 slices has masks of 0.4 to 0.8 GB
        mask = sitk.ReadImage(str(file)) != 0
        if not mask.IsSameImageGeometryAs(joined):
            return None
        joined = joined | mask
    return joined
