"""A reader's mask file and the CT that it must fit; whether a DICOM object was drawn on that CT."""

from dataclasses import dataclass, field

import SimpleITK as sitk
from pydicom import Dataset

from taceflow.errors import ExclusionError
from taceflow.files.locations import open_file
from taceflow.imaging.catalogue.header_values import referenced_series
from taceflow.imaging.dicom.files import read_object
from taceflow.imaging.dicom.series import Series
from taceflow.imaging.masks.regions import UNUSABLE


@dataclass(frozen=True)
class ReferenceCT:
    """A CT and what its header says of it.

    Attributes
    ----------
    image : SimpleITK.Image
        The CT.
    frame_of_reference, series_uid : str or None
        Its UIDs; None or "" if unknown, as of a NIfTI file.
    """

    image: sitk.Image
    frame_of_reference: str | None = None
    series_uid: str | None = None

    @classmethod
    def of(cls, image: sitk.Image, series: Series | None) -> "ReferenceCT":
        """Return a CT and what the series tells that it was read from, if it was one."""
        if series is None:
            return cls(image)
        return cls(image, str(series.header.get("FrameOfReferenceUID") or ""), series.uid)


ReadMask = tuple[sitk.Image, bool | None]
"""A mask on the grid of the CT, 8-bit, 0 and 1, the union of the wanted regions; and whether the
object names the CT's series, None if it or the CT does not tell."""


@dataclass(frozen=True)
class MaskFile:
    """What the readers of label images, DICOM-SEG and RTSTRUCT are given.

    Attributes
    ----------
    path : str
        A path, or ``archive.zip::name/in/it``.
    roi : str
        The wanted regions, see `regions.choose_regions`.
    ct : ReferenceCT
        Whose grid the mask is brought to.
    where : dict
        Stage, patient and file for messages.
    notes : list of str
        Lengthened by what is to be known of the mask.
    """

    path: str
    roi: str
    ct: ReferenceCT
    where: dict[str, str]
    notes: list[str] = field(default_factory=list)

    def refusal(self, problem: str, remedy: str | None = None) -> ExclusionError:
        """Return the error that excludes the mask."""
        return ExclusionError(problem, remedy=remedy, **self.where)

    def read_object(self) -> Dataset:
        """Return the DICOM object in the file."""
        with open_file(self.path) as opened:
            return read_object(opened)

    def names_ct(self, header: Dataset) -> bool | None:
        """Tell whether the object with a header refers to the CT's series.

        None if it names no series, or the CT's is unknown.
        """
        try:
            items = referenced_series(header)
            named = {str(item.get("SeriesInstanceUID") or "") for item in items} - {""}
        except UNUSABLE:  # broken references are none
            return None
        return self.ct.series_uid in named if named and self.ct.series_uid else None

    def check_frame(self, drawn_in: str | None, *, is_named: bool | None, fits: bool) -> None:
        """Refuse a mask that was drawn in another frame of reference.

        Anonymisers and converters give a CT or its mask a new frame of reference. So a mask that
        names the CT's series and lies on its slices is taken.

        Parameters
        ----------
        drawn_in : str or None
            UID of the mask's frame of reference; None or "" if unknown.
        is_named : bool or None
            Whether the mask names the CT's series.
        fits : bool
            Whether it lies on the CT's slices.

        Raises
        ------
        ExclusionError
            If both frames are known and differ, and nothing else ties the mask to the CT.
        """
        wanted = self.ct.frame_of_reference
        if not (drawn_in and wanted) or drawn_in == wanted:
            return
        if is_named and fits:
            self.notes.append(
                "another frame of reference than the CT's, but the CT's series is named and the "
                "mask lies on its slices: taken"
            )
            return
        problem = "was drawn in another frame of reference than the CT's"
        if is_named:
            problem += " and lies beside its slices, though it names the CT's series"
        raise self.refusal(
            problem,
            remedy="Bring the mask of this CT, or register the two scans and export the mask again",
        )
