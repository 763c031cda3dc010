"""The real s5cmd against a store on this machine."""

import pytest

from taceflow.errors import DiskError, InputError

FILES = {f"idc-open-data/ct/{number}.dcm": bytes([number]) * 50_000 for number in range(5)}
FILES["idc-open-data/seg/1.dcm"] = b"s" * 9_000


def test_each_series_lands_in_a_folder_of_its_own(store, fetch, tmp_path):
    receipt = fetch()
    assert list(receipt["files"]) == [5, 1]
    assert list(receipt["size_bytes"]) == [250_000, 9_000]
    for name, content in FILES.items():
        uid = "1.2.3" if "/ct/" in name else "1.2.4"
        assert (tmp_path / "dicom" / uid / name.split("/")[-1]).read_bytes() == content


def test_a_second_run_fetches_only_what_is_missing_or_broken(store, fetch, tmp_path):
    fetch()
    (tmp_path / "dicom" / "1.2.3" / "2.dcm").unlink()
    (tmp_path / "dicom" / "1.2.3" / "4.dcm").write_bytes(b"half")
    store.requests.clear()
    fetch()
    fetched = {path for path, _ in store.fetched()}
    assert fetched == {"idc-open-data/ct/2.dcm", "idc-open-data/ct/4.dcm"}
    assert (tmp_path / "dicom" / "1.2.3" / "4.dcm").read_bytes() == bytes([4]) * 50_000


def test_a_line_that_breaks_once_is_retried(store, fetch):
    store.cut["idc-open-data/ct/3.dcm"] = [10_000]
    assert fetch()["files"].sum() == 6


def test_a_full_disk_is_told(store, fetch, tmp_path, small_disk):
    (tmp_path / "dicom").symlink_to(small_disk)
    with pytest.raises(DiskError, match="no space left on the disk of"):
        fetch()
    assert not (tmp_path / "receipt.tsv").exists()


def test_a_download_that_breaks_off_fails_and_the_next_run_finishes_it(store, fetch, tmp_path):
    store.cut["idc-open-data/ct/3.dcm"] = [10_000] * 100
    with pytest.raises(InputError, match=r"HCC_001.*s5cmd could not fetch.*arrived is kept"):
        fetch()
    assert not (tmp_path / "receipt.tsv").exists()
    store.cut.clear()
    store.requests.clear()
    assert fetch()["files"].sum() == 6
    assert {path for path, _ in store.fetched()} == {"idc-open-data/ct/3.dcm"}


def test_an_object_that_is_shorter_than_the_index_says_is_an_error(store, fetch):
    store.files["idc-open-data/ct/1.dcm"] = b"x" * 49_999
    with pytest.raises(InputError, match=r"5 files of 249999 bytes.*5 of 250000"):
        fetch()


def test_a_missing_object_is_an_error(store, fetch):
    del store.files["idc-open-data/ct/1.dcm"]
    with pytest.raises(InputError, match=r"4 files of 200000 bytes"):
        fetch()


def test_a_series_that_is_gone_is_an_error(store, fetch):
    del store.files["idc-open-data/seg/1.dcm"]
    with pytest.raises(InputError, match=r"s5cmd could not fetch"):
        fetch()
