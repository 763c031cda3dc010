"""Sheets under the real column names, and a server on this machine in place of the archives."""

import http.server
import re
import threading
import urllib.parse
import zipfile
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
import pytest
import SimpleITK as sitk

from taceflow.cohort.sheets import read_cohort_tables
from taceflow.files.tables import read_table, write_table
from taceflow.public_cohorts import hcc_tace_seg, waw_tace
from taceflow.public_cohorts.fetch import fetch_patient
from taceflow.public_cohorts.idc import read_index
from taceflow.public_cohorts.waw_tace_masks import write_segmentations

FILES = {f"idc-open-data/ct/{number}.dcm": bytes([number]) * 50_000 for number in range(5)}
FILES["idc-open-data/seg/1.dcm"] = b"s" * 9_000


@pytest.fixture
def store(server, monkeypatch):
    server.files |= FILES
    monkeypatch.setenv("S3_ENDPOINT_URL", server.url)
    return server


@pytest.fixture
def fetch_series(tmp_path):
    """Fetch HCC_001's two series; return the receipt."""
    plan = pd.DataFrame(
        {
            "patient_id": "HCC_001",
            "series_uid": ["1.2.3", "1.2.4"],
            "modality": ["CT", "SEG"],
            "files": [5, 1],
            "size_bytes": [250_000, 9_000],
            "url": ["s3://idc-open-data/ct/*", "s3://idc-open-data/seg/*"],
        }
    )
    write_table(plan, tmp_path / "series.tsv", "idc_series")

    def run(patient="HCC_001"):
        receipt = tmp_path / "receipt.tsv"
        receipt.unlink(missing_ok=True)
        fetch_patient(str(tmp_path / "series.tsv"), patient, str(tmp_path / "dicom"), str(receipt))
        return read_table(receipt, "receipt")

    return run


@pytest.fixture(scope="module")
def hcc_index():
    return read_index("hcc_tace_seg")


@pytest.fixture
def hcc_table(tmp_path):
    """Write a sheet as the real workbook holds it, and turn it into the table."""

    def run(sheet):
        path = tmp_path / hcc_tace_seg.SHEET
        with pd.ExcelWriter(path) as book:
            pd.DataFrame({"Variable": ["OS"], "Unit": ["weeks"]}).to_excel(
                book, sheet_name="glossary"
            )
            sheet.to_excel(book, sheet_name="data table", index=False)
        hcc_tace_seg.write_patients(str(path), str(tmp_path / "patients.tsv"))
        return read_table(tmp_path / "patients.tsv", "patients")

    return run


@pytest.fixture
def record(waw_archives, tmp_path):
    """The folder with the archives of the record, and a table of three of their patients."""
    waw_archives(tmp_path)
    patients = pd.DataFrame(
        {"patient_id": ["WAW_007", "WAW_012", "WAW_040"], "time_months": 9.0, "event": 1}
    )
    patients.to_csv(tmp_path / "patients.tsv", sep="\t", index=False)
    return tmp_path


@pytest.fixture
def unpack_all():
    def unpack_all(record, phase="arterial"):
        patients = str(record / "patients.tsv")
        archives = [str(record / name) for name in waw_tace.SCANS]
        waw_tace.write_scans(
            archives, patients, phase, str(record / "images"), str(record / "scans.tsv")
        )
        write_segmentations(
            str(record / waw_tace.MASKS),
            patients,
            phase,
            str(record / "masks"),
            str(record / "segmentations.tsv"),
        )
        return read_cohort_tables(
            **{name: str(record / f"{name}.tsv") for name in ("patients", "scans", "segmentations")}
        )

    return unpack_all


@dataclass
class Server:
    """A web server, and an S3 store, that can break off an answer.

    Attributes
    ----------
    files : dict
        Path, or ``bucket/key``, to content.
    cut : dict
        Path to the bytes after which an answer to it breaks off, one entry an answer.
    statuses : dict
        Path to the status of an answer without content, one entry an answer.
    chunked : set
        Paths whose answers come without their length.
    requests : list
        ``(method, path, range)`` of everything that was asked for, lists of objects apart.
    """

    port: int = 0
    files: dict[str, bytes] = field(default_factory=dict)
    cut: dict[str, list[int]] = field(default_factory=dict)
    statuses: dict[str, list[int]] = field(default_factory=dict)
    chunked: set[str] = field(default_factory=set)
    requests: list[tuple[str, str, str | None]] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def fetched(self) -> list[tuple[str, str | None]]:
        """What was fetched: path and range."""
        return [(path, span) for method, path, span in self.requests if method == "GET"]


def handler_of(state: Server) -> type[http.server.BaseHTTPRequestHandler]:
    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_):
            pass

        def do_HEAD(self):
            self.do_GET()

        def do_GET(self):
            address = urllib.parse.urlsplit(self.path)
            query = urllib.parse.parse_qs(address.query)
            path = address.path.lstrip("/")
            if "list-type" in query:
                return self.send(200, listing(state, path, query["prefix"][0]))
            state.requests.append((self.command, path, self.headers.get("Range")))
            if state.statuses.get(path):
                return self.send(state.statuses[path].pop(0), b"")
            if path not in state.files:
                # s5cmd asks for the bucket's region first
                found = any(name.startswith(f"{path}/") for name in state.files)
                return self.send(200 if found else 404, b"")
            content = state.files[path]
            span = re.match(r"bytes=(\d+)-(\d*)", self.headers.get("Range", ""))
            if span is None:
                return self.send(200, content)
            start = int(span[1])
            if start >= len(content):
                return self.send(416, b"", {"Content-Range": f"bytes */{len(content)}"})
            end = min(int(span[2] or len(content)), len(content) - 1)
            place = {"Content-Range": f"bytes {start}-{end}/{len(content)}"}
            return self.send(206, content[start : end + 1], place)

        def send(self, status, body, headers=()):
            path = urllib.parse.urlsplit(self.path).path.lstrip("/")
            self.send_response(status)
            headers = dict(headers) | {"Last-Modified": "Mon, 01 Jan 2024 00:00:00 GMT"}
            for name, value in headers.items():
                self.send_header(name, value)
            if path in state.chunked:
                self.send_header("Transfer-Encoding", "chunked")
                self.end_headers()
                self.wfile.write(b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body))
                return
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if self.command == "HEAD":
                return
            if state.cut.get(path) and body:
                body = body[: state.cut[path].pop(0)]
                self.close_connection = True
            self.wfile.write(body)

    return Handler


def listing(state: Server, bucket: str, prefix: str) -> bytes:
    """The answer to ListObjectsV2."""
    start = f"{bucket.rstrip('/')}/"
    keys = {name.removeprefix(start): body for name, body in state.files.items()}
    rows = "".join(
        f"<Contents><Key>{key}</Key><LastModified>2024-01-01T00:00:00.000Z</LastModified>"
        f"<ETag>x</ETag><Size>{len(body)}</Size><StorageClass>STANDARD</StorageClass></Contents>"
        for key, body in keys.items()
        if key.startswith(prefix)
    )
    return (
        '<?xml version="1.0"?><ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'
        f"<Name>{bucket}</Name><Prefix>{prefix}</Prefix><MaxKeys>1000</MaxKeys>"
        f"<IsTruncated>false</IsTruncated>{rows}</ListBucketResult>"
    ).encode()


@pytest.fixture
def server():
    """A server on the loopback that ends with the test."""
    state = Server()
    listening = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler_of(state))
    state.port = listening.server_address[1]
    thread = threading.Thread(target=listening.serve_forever, daemon=True)
    thread.start()
    yield state
    listening.shutdown()
    listening.server_close()
    thread.join()


@pytest.fixture
def hcc_sheet() -> pd.DataFrame:
    """105 patients with 93 deaths under the column names of the real sheet."""
    rng = np.random.default_rng(5)
    n = 105
    return pd.DataFrame(
        {
            "TCIA_ID": [f"HCC_{number:03d}" for number in range(1, n + 1)],
            "age": rng.integers(40, 80, n),
            "Sex": rng.choice([1, 2], n),
            "hepatitis": rng.choice(["No virus", "HBV only", "HCV only", "HCV and HBV"], n),
            "Diabetes": rng.choice([0, 1], n),
            "Evidence_of_cirh": rng.choice([0, 1], n),
            "CPS": rng.choice(["A", "B", "C"], n),
            "AFP": rng.lognormal(4, 2, n),
            "tumor_nodul": rng.choice(["uninodular", "multinodular"], n),
            "Tr_Size": rng.uniform(1, 15, n),
            "Vascular invasion": rng.choice([0, 1], n),
            "Portal Vein Thrombosis": rng.choice([0, 1], n),
            "BCLC": rng.choice([f"Stage-{name}" for name in "ABCD"], n),
            "1_mRECIST": rng.choice([1, 2, 3, 4], n),
            "2_mRECIST": rng.choice([1, 2, 3, 4], n),
            "3_mRECIST": rng.choice([1, 2, 3, 4], n),
            "TTP": rng.uniform(2, 60, n),
            "Censored_0_progressed_1": rng.choice([0, 1], n),
            "OS": rng.uniform(4, 400, n),
            "Death_1_StillAliveorLostToFU_0": [1] * 93 + [0] * 12,
        }
    )


@pytest.fixture
def waw_sheet() -> pd.DataFrame:
    """233 patients under the column names of the real sheet."""
    rng = np.random.default_rng(6)
    n = 233
    return pd.DataFrame(
        {
            "PATPRI": [7, 12, 40, *rng.permutation(np.arange(101, 544))[: n - 3]],
            "age": rng.integers(40, 80, n),
            "gender_woman": rng.choice([0, 1], n),
            "death": rng.choice([0, 1], n),
            "survival_time": rng.integers(30, 2500, n),
            "lab_albumin": rng.normal(3.7, 0.4, n).round(1),
            "lab_bilirubin": rng.lognormal(0, 0.5, n).round(2),
            "lab_afp": rng.lognormal(4, 2, n).round(1),
            "lab_alt": rng.integers(10, 200, n),
            "lesions_number": rng.integers(1, 6, n),
            "lesion1_diameter": rng.integers(10, 120, n),
            "lesion2_diameter": np.where(rng.random(n) < 0.5, np.nan, 30),
            "lesion3_diameter": np.nan,
        }
    )


def image_of(values, spacing=(1.0, 1.0, 2.5)):
    made = sitk.GetImageFromArray(np.asarray(values, dtype=np.uint8))
    made.SetSpacing(spacing)
    made.SetOrigin((-10.0, 20.0, 5.0))
    return made


def box_of(start, stop, shape=(6, 8, 8)):
    values = np.zeros(shape, dtype=np.uint8)
    values[start:stop, 2:5, 3:6] = 1
    return values


@pytest.fixture
def waw_image():
    """Make an image on the grid of the stand-in scans."""
    return image_of


@pytest.fixture
def box():
    """Make an array with a box in some slices."""
    return box_of


@pytest.fixture
def waw_archives():
    """Write the archives of the record into a folder, small, for patients 7, 12, 40 and 99."""

    def write(folder):
        scratch = folder / "scratch"
        scratch.mkdir(parents=True)
        masks = {
            "7_1_1_tumor_seg.nrrd": image_of(box_of(0, 2)),
            "7_1_2_tumor_seg.nrrd": image_of(box_of(3, 5)),
            "7_2_1_tumor_seg.nrrd": image_of(box_of(1, 6)),
            "12_2_1_tumor_seg.nrrd": image_of(box_of(1, 3)),
            "40_1_1_tumor_seg.nrrd": image_of(box_of(1, 3)),
            "40_1_2_tumor_seg.nrrd": image_of(box_of(1, 3), spacing=(1.0, 1.0, 5.0)),
            "99_1_1_tumor_seg.nrrd": image_of(box_of(1, 3)),
        }
        with zipfile.ZipFile(folder / waw_tace.MASKS, "w") as archive:
            for name, mask in masks.items():
                sitk.WriteImage(mask, str(scratch / name))
                place = f"tumor_masks_wawtace_v1_08_05_2024/{name.split('_')[0]}/{name}"
                archive.write(scratch / name, place)
        scan = sitk.Cast(image_of(box_of(0, 6)), sitk.sitkInt16)
        sitk.WriteImage(scan, str(scratch / "scan.nii.gz"))
        for part, names in enumerate((["7_0", "7_1", "7_2"], ["12_1", "99_1"], ["40_1"], [])):
            with zipfile.ZipFile(folder / waw_tace.SCANS[part], "w") as archive:
                for name in names:
                    archive.write(
                        scratch / "scan.nii.gz", f"{name.split('_')[0]}/{name}_scan.nii.gz"
                    )
                    archive.writestr(f"__MACOSX/._{name}_scan.nii.gz", b"x")

    return write
