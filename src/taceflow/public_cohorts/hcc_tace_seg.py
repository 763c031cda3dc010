"""HCC-TACE-Seg: 105 patients of one centre, CT before and after TACE (DOI 10.7937/TCIA.5FNA-0924).

Where each fact below comes from stands in docs/public_cohorts.md.
"""

import pandas as pd

from taceflow.errors import InputError
from taceflow.files.tables import write_table
from taceflow.public_cohorts.clinical_columns import (
    check_columns,
    check_count,
    codes,
    months,
    numbers,
    positive,
    read_published,
)
from taceflow.public_cohorts.http import RemoteFile

PATIENTS = tuple(f"HCC_{number:03d}" for number in range(1, 106))
DEATHS = 93

SHEET = "HCC-TACE-Seg_clinical_data-V2.xlsx"
SHEET_SOURCE = RemoteFile(
    url=f"https://www.cancerimagingarchive.net/wp-content/uploads/{SHEET}",
    size_bytes=128_507,
    md5="63af6363b9d0fe453c48e75402e9082c",
)
SHEET_TAB = "data table"

SEX = {1: "male", 2: "female"}
HEPATITIS = {"No virus": 0, "HBV only": 1, "HCV only": 1, "HCV and HBV": 1}
BINARY = {0: 0, 1: 1}
READERS = ("1_mRECIST", "2_mRECIST", "3_mRECIST")
PARTIAL_RESPONSE = 2
"""mRECIST at the first follow-up: 1 complete, 2 partial response, 3 stable, 4 progressive."""

_COLUMNS = [
    *("TCIA_ID", "OS", "Death_1_StillAliveorLostToFU_0", "age", "Sex", "Diabetes"),
    *("Evidence_of_cirh", "hepatitis", "CPS", "AFP", "tumor_nodul", "Tr_Size"),
    *("Vascular invasion", "Portal Vein Thrombosis", "BCLC", *READERS),
]
_WHOLE_NUMBERS = ("event", "diabetes", "cirrhosis", "hepatitis", "mvi", "portal_vein_thrombosis")


def plan_series(index: pd.DataFrame) -> pd.DataFrame:
    """Choose what is fetched: each patient's expert segmentation and the CT of the same study.

    Parameters
    ----------
    index : pandas.DataFrame
        Rows of the collection in the index of the Imaging Data Commons, one row a series.

    Returns
    -------
    pandas.DataFrame
        ``patient_id``, ``series_uid``, ``modality``, ``files``, ``size_bytes``, ``url``, sorted by
        patient.

    Raises
    ------
    InputError
        If not each of the 105 patients has one expert segmentation, drawn on the earliest study.
    """
    is_expert = (index["Modality"] == "SEG") & (index["SeriesDescription"] == "Segmentation")
    experts = index[is_expert & index["analysis_result_id"].isna()].set_index("PatientID")
    if sorted(experts.index) != list(PATIENTS):
        raise InputError(
            f"the index has {len(experts)} expert segmentations, not one for each of "
            f"{len(PATIENTS)} patients",
            remedy="Install the version of idc-index-data that envs/download.yaml names",
        )
    is_ct = index["Modality"] == "CT"
    earliest = index[is_ct].groupby("PatientID")["StudyDate"].min()
    for patient, date in experts["StudyDate"].items():
        if date != earliest.get(patient):
            raise InputError("the segmentation is not of the earliest study", patient=patient)
    study = index["PatientID"].map(experts["StudyInstanceUID"])
    is_wanted = (is_ct & (index["StudyInstanceUID"] == study)) | index["SeriesInstanceUID"].isin(
        experts["SeriesInstanceUID"]
    )
    wanted = index[is_wanted]
    return (
        pd.DataFrame(
            {
                "patient_id": wanted["PatientID"],
                "series_uid": wanted["SeriesInstanceUID"],
                "modality": wanted["Modality"],
                "files": wanted["instanceCount"].astype(int),
                # The index divides the bytes by a million; nothing is lost
                "size_bytes": (wanted["series_size_MB"] * 1e6).round().astype(int),
                "url": wanted["series_aws_url"],
            }
        )
        .sort_values(["patient_id", "modality", "series_uid"])
        .reset_index(drop=True)
    )


def write_patients(sheet: str, output: str) -> None:
    """Turn the clinical sheet into the table of patients.

    Parameters
    ----------
    sheet : str
        ``HCC-TACE-Seg_clinical_data-V2.xlsx``.
    output : str
        The table to write, see ``workflow/schemas/patients.schema.yaml``.

    Raises
    ------
    InputError
        If the sheet is not the published one: its columns, its patients or its 93 deaths.
    """
    table = read_published(sheet, SHEET_TAB)
    check_columns(table, _COLUMNS, sheet)
    table = table[table["TCIA_ID"].isin(PATIENTS)].reset_index(drop=True)
    check_count(len(table), len(PATIENTS), "patients", sheet)
    patients = patients_of(table)
    check_count(int(patients["event"].sum()), DEATHS, "deaths", sheet)
    write_table(patients, output, "patients")


def patients_of(table: pd.DataFrame) -> pd.DataFrame:
    """Return the sheet, one row a patient, under this project's names and units.

    Survival is in weeks; the death is in a column of its own, ``Censored_0_progressed_1`` is about
    progression and not used. The Child-Pugh class, the number of nodules (one or several),
    thrombosis of the portal vein and the BCLC stage have no column of the same meaning and keep
    names of their own.
    """
    return pd.DataFrame(
        {
            "patient_id": table["TCIA_ID"],
            "time_months": months(table["OS"], days_per_unit=7),
            "event": codes(table["Death_1_StillAliveorLostToFU_0"], BINARY),
            "age_years": numbers(table["age"]),
            "sex": codes(table["Sex"], SEX),
            "diabetes": codes(table["Diabetes"], BINARY),
            "cirrhosis": codes(table["Evidence_of_cirh"], BINARY),
            "hepatitis": codes(table["hepatitis"], HEPATITIS),
            "child_pugh_class": codes(table["CPS"], {name: name for name in "ABC"}),
            "afp_ng_ml": numbers(table["AFP"]),
            "tumor_nodules": codes(
                table["tumor_nodul"], {"uninodular": "one", "multinodular": "several"}
            ),
            "tumor_size_cm": positive(table["Tr_Size"]),
            "mvi": codes(table["Vascular invasion"], BINARY),
            "portal_vein_thrombosis": codes(table["Portal Vein Thrombosis"], BINARY),
            "bclc_stage": codes(table["BCLC"], {f"Stage-{name}": name for name in "ABCD"}),
            "treatment_response": objective_response(table[list(READERS)]),
        }
    ).astype(dict.fromkeys(_WHOLE_NUMBERS, "Int64"))


def objective_response(readings: pd.DataFrame) -> pd.Series:
    """Return 1 where most readers saw a complete or partial response, 0 where most saw none.

    mRECIST categories, one column a reader; empty where fewer than two readers agree.
    """
    categories = readings.apply(numbers)
    responses = (categories <= PARTIAL_RESPONSE).sum(axis=1)
    others = (categories > PARTIAL_RESPONSE).sum(axis=1)
    agreed = (responses >= 2) | (others >= 2)
    return (responses >= 2).astype("Int64").where(agreed)
