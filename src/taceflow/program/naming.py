"""What the names of files and folders say: whose they are, of which phase, by which reader."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from taceflow.imaging.dicom.header_text import says
from taceflow.imaging.dicom.unused_files import IMAGE_FILES
from taceflow.wording.cell_hints import word_meant


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_OF_IMAGES = _set(
    "ct cts image images img imgs im scan scans volume volumes vol orig original dicom dicoms dcm "
    "nifti nii nrrd anat"
)
_OF_TUMORS = _set("tumor tumors tumour tumours lesion lesions mass gtv")
_OF_MASKS = _set(
    "mask masks maske masken masque masques seg segs segmentation segmentations segmentierung "
    "segmentierungen label labels lable lables labelmap roi rois gt groundtruth annotation "
    "annotations annot lb contour contours outline outlines delineation rtstruct rtss rtst"
)
_OF_ORGANS = _set(
    "liver leber foie higado spleen milz vessel vessels kidney kidneys body stomach gallbladder "
    "aorta duodenum esophagus"
)
_OF_STUDIES = _set(
    "study studies studie batch session sessions ses visit baseline bl followup fu pre post "
    "pretace posttace tace exam phase phases venous export exports data daten raw rawdata files "
    "derivatives pacs patients patienten cases all new mr pt tr ts"
)
_OF_SERIES = _set("series serie ser se srs acq acquisition")
_OF_READERS = _set(
    "reader readers rater raters observer obs radiologist rad leser annotator expert"
)
_REPEATED = _set("repeat repeated again retest second zweite intra 2nd")
_COHORTS = ("training", "validation", "external")

_READER = re.compile(rf"({'|'.join(sorted(_OF_READERS))}|r)([1-9])")
_READING = re.compile(r"(reading|repeat|lesung)([1-9])")
_WORD = re.compile(r"[^\W_]+")
_CAMEL = re.compile(r"(?<=[a-zäöü0-9])(?=[A-ZÄÖÜ][a-zäöü])")
_DAY = re.compile(
    r"(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])|"
    r"(?:19|20)\d\d\D\d\d?\D\d\d?|\d\d?\D\d\d?\D(?:19|20)\d\d"
)
_CONVERTED = re.compile(r"_(?:19|20)\d{12}(?:_\d+[a-z]?)?(?=_|$)")
"""Time and series, which dcm2niix puts behind folder and protocol."""

_PADDED = re.compile(r"0\d{2,}")
_UID = re.compile(r"(?:[A-Z]{2,3}[._-])?(?:[012](?:[._]\d+){3,}|\d+(?:\.\d+){4,}|2\.25\.\d+)")
_OF_DISCS = re.compile(r"(?i)(?:st|stu|sdy|disc|disk|cd)(?:\d+|[-_ ]\d\d?)")
"""How archives number the folders on a disc, below a patient."""

_OF_NOBODY = re.compile(
    r"(?i)(?:anonym(?:i[sz]ed|ous|isiert)?|anon|de-?identified|unknown|unbekannt|unnamed|untitled|"
    r"undefined|default|none|null|dicomobj|dicomdir|ihe_pdi|viewer|dvd|disc|disk|cd|te?mp|desktop|"
    r"downloads?|new folder|neuer ordner|nouveau dossier|nueva carpeta|新建文件夹)(?: ?\(\d+\))?"
)
"""Whole names that programs give to the folders of all patients."""
_LETTERS = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "ß": "ss"}
)
_LONGEST_ID = 64
FIRST_CHANNEL = "0000"
"""Behind the name of an image for nnU-Net."""


@dataclass(frozen=True)
class Name:
    """What the name of a file or folder says.

    Attributes
    ----------
    rest : str
        What may be a patient's id, as it is written; "" if nothing.
    words : str
        What stands around it, in small letters.
    others : str
        What was no id after all.
    is_mask : bool or None
        Whether it names a mask (True), an image (False) or neither.
    is_tumor, is_organ : bool
        Whether it names a tumour; an organ, and no tumour.
    reader, reading : int or None
        As numbers in the name say.
    cohort : str
        As the table of patients calls it, or "".
    """

    rest: str
    words: str = ""
    is_mask: bool | None = None
    is_tumor: bool = False
    is_organ: bool = False
    reader: int | None = None
    reading: int | None = None
    cohort: str = ""
    others: str = ""


def stem(file: str) -> str:
    """Return a file's name without the ending of its kind.

    >>> stem("P7.seg.nrrd"), stem("P7.v2.nii.gz"), stem("IM0001")
    ('P7.seg', 'P7.v2', 'IM0001')
    """
    endings = (".nii.gz", *IMAGE_FILES, ".dcm", ".zip")
    found = next((one for one in endings if file.lower().endswith(one)), "")
    return file[: len(file) - len(found)]


def words_of(name: str) -> list[tuple[int, int]]:
    """Return where each word of a name begins and ends; a number behind a known word is one."""
    places = []
    for run in _WORD.finditer(name):
        cuts = [run.start(), *(run.start() + cut.start() for cut in _CAMEL.finditer(run[0]))]
        for start, end in zip(cuts, [*cuts[1:], run.end()], strict=True):
            word = name[start:end].lower()
            # tumor1, case5label; reader2 is one word
            parted = re.fullmatch(r"(\D+)(\d+)", word) or re.fullmatch(r"(.*\d)(\D+)", word)
            part = parted and next((one for one in parted.groups() if _is_known(one)), None)
            if part and part not in _OF_READERS and part not in _COHORTS:
                places += [(start, start + parted.end(1)), (start + parted.end(1), end)]
            else:
                places.append((start, end))
    return places


def read_name(name: str, phase_patterns: Mapping[str, str], *, of_file: bool) -> Name:
    """Read a name, from both ends: what is known stands around the id.

    Parameters
    ----------
    name : str
        Of a folder, or of a file without its ending, such as ``HCC-012_art_mask_R2``.
    phase_patterns : mapping of str to str
        Regular expression by phase: ``imaging.phase_patterns``.
    of_file : bool
        Whether a number beside known words alone, as in ``volume-7``, is an id.

    Returns
    -------
    Name
    """
    name = unicodedata.normalize("NFC", name)
    name = _CONVERTED.sub("", name) if of_file else name
    places = words_of(name)
    words = [name[start:end].lower() for start, end in places]
    if not words or _is_nobodys(name):
        return Name("", " ".join(words))
    known = [
        _is_known(one) or (one.isalpha() and bool(named_phases(one, phase_patterns)))
        for one in words
    ]
    alone = len(words) == 1
    known = [
        is_known or (bool(_READER.fullmatch(one)) and not (alone and len(one) == 2))
        for is_known, one in zip(known, words, strict=True)
    ]
    first, last = 0, len(words)
    while last and (
        known[last - 1] or words[last - 1] == FIRST_CHANNEL or _is_index(words[:last], known[:last])
    ):
        last -= 1
    while first < last and known[first]:
        first += 1
    is_numbered = any(known) and all(
        is_known or one.isdigit() for is_known, one in zip(known, words, strict=True)
    )
    if is_numbered and of_file and _OF_SERIES.intersection(words):
        first = last = 0
    elif first == last and of_file:
        numbers = [
            place
            for place, (before, one) in enumerate(zip(["", *words], words, strict=False))
            if one.isdigit() and one != FIRST_CHANNEL and before not in _OF_READERS
        ]
        first, last = (numbers[0], numbers[0] + 1) if numbers else (0, 0)
    elif is_numbered and not of_file:
        # 004_arterial is a patient's as a rule, arterial 4 or CT 2 a series'
        first, last = 0, int(bool(_PADDED.fullmatch(words[0])) and words[0] != FIRST_CHANNEL)
    around = words[:first] + words[last:]
    return Name(
        rest=name[places[first][0] : places[last - 1][1]] if first < last else "",
        words=" ".join(around),
        is_mask=_role(around),
        is_tumor=bool({*around} & _OF_TUMORS),
        is_organ=bool({*around} & _OF_ORGANS) and not {*around} & _OF_TUMORS,
        reader=_reader(around),
        reading=_reading(around),
        cohort=next((found for one in around if (found := _cohort(one))), ""),
    )


def may_be_id(name: str) -> bool:
    """Say whether a folder may be called after a patient, and not after what all patients have."""
    words = [name[start:end].lower() for start, end in words_of(name)]
    words = [one for one in words if not one.isdigit()]
    return not _is_nobodys(name) and not (words and all(map(_is_known, words)))


def _is_nobodys(name: str) -> bool:
    return any(one.fullmatch(name) for one in (_DAY, _UID, _OF_DISCS, _OF_NOBODY))


def _is_index(words: list[str], known: list[bool]) -> bool:
    """Say whether the last word numbers the one before: a mask of several, a reader."""
    if not words[-1].isdigit() or len(words) < 2:
        return False
    return words[-2] in _OF_READERS or (known[-2] and not all(known[:-2]))


def named_phases(text: str, phase_patterns: Mapping[str, str]) -> set[str]:
    """Return the phases that a text names."""
    return {phase for phase, pattern in phase_patterns.items() if says(pattern, text)}


def id_of(name: str) -> str:
    """Return a name as an id of a study may be written, "" if nothing of it can.

    >>> id_of("Müller 3 (neu)"), id_of("患者")
    ('Mueller_3_neu', '')
    """
    text = unicodedata.normalize("NFC", name).translate(_LETTERS)
    text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^A-Za-z0-9._-]+", "_", text).strip("._-")[:_LONGEST_ID]


def _is_known(word: str) -> bool:
    return bool(
        word in _OF_IMAGES
        or word in _OF_MASKS
        or word in _OF_TUMORS
        or word in _OF_ORGANS
        or word in _OF_STUDIES
        or word in _OF_SERIES
        or word in _OF_READERS
        or word in _REPEATED
        or _READING.fullmatch(word)
        or _cohort(word)
    )


def _cohort(word: str) -> str:
    meant = word if word in _COHORTS else word_meant(word)
    return meant if meant in _COHORTS else ""


def _role(words: list[str]) -> bool | None:
    """Say whether words name a mask: "CT mask" does, "RTSTRUCT CT" may be either."""
    roles = [word in _OF_MASKS for word in words if word in _OF_MASKS or word in _OF_IMAGES]
    return (roles[-1] or (None if any(roles) else False)) if roles else None


def _reader(words: list[str]) -> int | None:
    for place, word in enumerate(words):
        if found := _READER.fullmatch(word):
            return int(found[2])
        beside = words[max(0, place - 1) : place + 2]
        if word in _OF_READERS:
            numbers = [int(one) for one in beside if re.fullmatch("0?[1-9]", one)]
            numbers += [2] if {*beside} & _REPEATED else []
            if numbers:
                return numbers[0]
    return None


def _reading(words: list[str]) -> int | None:
    for word in words:
        if found := _READING.fullmatch(word):
            return int(found[2])
    is_reader = bool({*words} & _OF_READERS)
    return 2 if {*words} & _REPEATED and not is_reader else None
