"""The CT that a mask must fit, and whether a DICOM object was drawn on it."""

from dataclasses import dataclass

import SimpleITK as sitk
from pydicom import Dataset

from taceflow.errors import ExclusionError
from taceflow.imaging.catalogue.header_values import referenced_series
from taceflow.imaging.dicom.series import Series
from taceflow.imaging.masks.regions import UNUSABLE


@dataclass(frozen=True)
class Target:
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
    def of(cls, image: sitk.Image, series: Series | None) -> "Target":
        """Return a CT and what the series tells that it was read from, if it was one."""
        if series is None:
            return cls(image)
        return cls(image, str(series.header.get("FrameOfReferenceUID") or ""), series.uid)

    def is_named_by(self, header: Dataset) -> bool | None:
        """Tell whether a DICOM-SEG or an RTSTRUCT refers to this CT's series.

        Parameters
        ----------
        header : pydicom.Dataset
            Of the object.

        Returns
        -------
        bool or None
            None if it names no series, or the CT's is unknown.
        """
        try:
            items = referenced_series(header)
            named = {str(item.get("SeriesInstanceUID") or "") for item in items} - {""}
        except UNUSABLE:  # broken references are none
            return None
        return self.series_uid in named if named and self.series_uid else None

    def check_frame(
        self,
        drawn_in: str | None,
        *,
        is_named: bool | None,
        fits: bool,
        where: dict[str, str],
        notes: list[str],
    ) -> None:
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
        where : dict
            Stage, patient and file for the message.
        notes : list of str
            Lengthened by what a reader must know.

        Raises
        ------
        ExclusionError
            If both frames are known and differ, and nothing else ties the mask to the CT.
        """
        if not (drawn_in and self.frame_of_reference) or drawn_in == self.frame_of_reference:
            return
        if is_named and fits:
            notes.append(
                "another frame of reference than the CT's, but the CT's series is named and the "
                "mask lies on its slices: taken"
            )
            return
        problem = "was drawn in another frame of reference than the CT's"
        if is_named:
            problem += " and lies beside its slices, though it names the CT's series"
        raise ExclusionError(
            problem,
            remedy="Bring the mask of this CT, or register the two scans and export the mask again",
            **where,
        )
