"""The real s5cmd against a store on this machine."""

import pytest

from taceflow.errors import DiskError, InputError

FILES = {f"idc-open-data/ct/{number}.dcm": bytes([number]) * 50_000 for number in range(5)}
FILES["idc-open-data/seg/1.dcm"] = b"s" * 9_000


def test_each_series_lands_in_a_folder_of_its_own(store, fetch_series, tmp_path):
    receipt = fetch_series()
    assert list(receipt["files"]) == [5, 1]
    assert list(receipt["size_bytes"]) == [250_000, 9_000]
    for name, content in FILES.items():
        uid = "1.2.3" if "/ct/" in name else "1.2.4"
        assert (tmp_path / "dicom" / uid / name.split("/")[-1]).read_bytes() == content


def test_a_second_run_fetches_only_what_is_missing_or_broken(store, fetch_series, tmp_path):
    fetch_series()
    (tmp_path / "dicom" / "1.2.3" / "2.dcm").unlink()
    (tmp_path / "dicom" / "1.2.3" / "4.dcm").write_bytes(b"half")
    store.requests.clear()
    fetch_series()
    fetched = {path for path, _ in store.fetched()}
    assert fetched == {"idc-open-data/ct/2.dcm", "idc-open-data/ct/4.dcm"}
    assert (tmp_path / "dicom" / "1.2.3" / "4.dcm").read_bytes() == bytes([4]) * 50_000


def test_a_line_that_breaks_once_is_retried(store, fetch_series):
    store.cut["idc-open-data/ct/3.dcm"] = [10_000]
    assert fetch_series()["files"].sum() == 6


def test_a_full_disk_is_told(store, fetch_series, tmp_path, small_disk):
    (tmp_path / "dicom").symlink_to(small_disk)
    with pytest.raises(DiskError, match="no space left on the disk of"):
        fetch_series()
    assert not (tmp_path / "receipt.tsv").exists()


def test_a_download_that_breaks_off_fails_and_the_next_run_finishes_it(
    store, fetch_series, tmp_path
):
    store.cut["idc-open-data/ct/3.dcm"] = [10_000] * 100
    with pytest.raises(InputError, match=r"HCC_001.*s5cmd could not fetch.*arrived is kept"):
        fetch_series()
    assert not (tmp_path / "receipt.tsv").exists()
    store.cut.clear()
    store.requests.clear()
    assert fetch_series()["files"].sum() == 6
    assert {path for path, _ in store.fetched()} == {"idc-open-data/ct/3.dcm"}


def test_an_object_that_is_shorter_than_the_index_says_is_an_error(store, fetch_series):
    store.files["idc-open-data/ct/1.dcm"] = b"x" * 49_999
    with pytest.raises(InputError, match=r"5 files of 249999 bytes.*5 of 250000"):
        fetch_series()


def test_a_missing_object_is_an_error(store, fetch_series):
    del store.files["idc-open-data/ct/1.dcm"]
    with pytest.raises(InputError, match=r"4 files of 200000 bytes"):
        fetch_series()


def test_a_series_that_is_gone_is_an_error(store, fetch_series):
    del store.files["idc-open-data/seg/1.dcm"]
    with pytest.raises(InputError, match=r"s5cmd could not fetch"):
        fetch_series()
