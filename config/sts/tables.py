"""Write the three tables for the soft-tissue sarcoma cases of the IBSI validation data set.

Usage: python config/sts/tables.py FOLDER OUTPUT, where FOLDER holds ``patients.tsv`` and
``dicom/STS_nnn/{image,mask/RS.dcm}``.
"""

import argparse
from pathlib import Path

import pandas as pd

DAYS_PER_MONTH = 365.25 / 12


def main() -> None:
    """Read the cases' own sheet, write ours."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="where the cases lie")
    parser.add_argument("output", type=Path, help="where the tables go")
    arguments = parser.parse_args()
    sheet = pd.read_csv(arguments.folder / "patients.tsv", sep="\t", dtype={"patient_id": str})
    sheet["sex"] = sheet["sex"].str.lower()
    sheet["time_months"] = sheet.pop("time_days") / DAYS_PER_MONTH
    cases = [arguments.folder / "dicom" / patient for patient in sheet["patient_id"]]
    place = {"patient_id": sheet["patient_id"], "phase": "arterial"}
    scans = pd.DataFrame({**place, "image": [str(case / "image") for case in cases]})
    masks = pd.DataFrame(
        {
            **place,
            "reader": 1,
            "reading": 1,
            "mask": [str(case / "mask" / "RS.dcm") for case in cases],
        }
    )
    arguments.output.mkdir(parents=True, exist_ok=True)
    for name, table in (("patients", sheet), ("scans", scans), ("segmentations", masks)):
        table.to_csv(arguments.output / f"{name}.tsv", sep="\t", index=False)


if __name__ == "__main__":
    main()
