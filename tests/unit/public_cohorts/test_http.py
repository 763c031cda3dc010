"""A download that breaks is taken up where it broke, and never passes for a whole one."""

import hashlib

import pytest

from taceflow.errors import DiskError, InputError
from taceflow.public_cohorts.http import RemoteFile, download_file

CONTENT = bytes(range(256)) * 16_000  # 4 MB
MD5 = hashlib.md5(CONTENT).hexdigest()


@pytest.fixture
def source(server):
    server.files["record/a.zip"] = CONTENT
    return RemoteFile(f"{server.url}/record/a.zip", len(CONTENT), MD5)


def fetch(source, target, **options):
    download_file(source, target, wait_s=0.01, timeout_s=5, **options)


def test_a_broken_line_is_taken_up_where_it_broke(source, server, tmp_path):
    server.cut["record/a.zip"] = [1_500_000, 700_000]
    target = tmp_path / "deep" / "a.zip"
    fetch(source, target)
    assert target.read_bytes() == CONTENT
    assert [span for _, span in server.fetched()] == [None, "bytes=1500000-", "bytes=2200000-"]
    assert [file.name for file in target.parent.iterdir()] == ["a.zip"]


def test_a_later_run_goes_on_from_what_an_earlier_one_left(source, server, tmp_path):
    (tmp_path / "a.zip.part").write_bytes(CONTENT[:3_000_000])
    fetch(source, tmp_path / "a.zip")
    assert (tmp_path / "a.zip").read_bytes() == CONTENT
    assert server.fetched() == [("record/a.zip", "bytes=3000000-")]


def test_what_is_there_whole_is_not_fetched_again(source, server, tmp_path):
    (tmp_path / "a.zip").write_bytes(CONTENT)
    fetch(source, tmp_path / "a.zip")
    assert server.requests == []


def test_a_damaged_file_is_fetched_anew(source, tmp_path):
    (tmp_path / "a.zip").write_bytes(CONTENT[:-1] + b"x")
    fetch(source, tmp_path / "a.zip")
    assert (tmp_path / "a.zip").read_bytes() == CONTENT


@pytest.mark.parametrize("changed", [CONTENT[:-1], CONTENT[:-1] + b"x", CONTENT + b"x"])
def test_another_size_or_digest_is_an_error(source, server, tmp_path, changed):
    server.files["record/a.zip"] = changed
    with pytest.raises(InputError, match=r"not what the source announces"):
        fetch(source, tmp_path / "a.zip")
    assert list(tmp_path.iterdir()) == []


def test_a_longer_part_than_the_file_starts_over(source, server, tmp_path):
    (tmp_path / "a.zip.part").write_bytes(CONTENT + b"xx")
    fetch(source, tmp_path / "a.zip")
    assert (tmp_path / "a.zip").read_bytes() == CONTENT


def test_a_busy_server_is_asked_again(source, server, tmp_path):
    server.statuses["record/a.zip"] = [503, 429]
    fetch(source, tmp_path / "a.zip")
    assert (tmp_path / "a.zip").read_bytes() == CONTENT


def test_a_refusal_is_final_and_names_the_way_by_hand(source, server, tmp_path):
    server.statuses["record/a.zip"] = [403]
    with pytest.raises(InputError, match=rf"refuses it \(403\).*save the file as {tmp_path}/a.zip"):
        fetch(source, tmp_path / "a.zip")
    assert len(server.requests) == 1


def test_attempts_end_and_keep_what_has_arrived(source, server, tmp_path):
    server.cut["record/a.zip"] = [1_000_000, 0, 0, 0, 0]
    with pytest.raises(InputError, match=r"3 attempts.*what has arrived is kept"):
        fetch(source, tmp_path / "a.zip", attempts=3)
    assert (tmp_path / "a.zip.part").stat().st_size == 1_000_000


def test_a_file_of_unknown_length_comes_in_chunks(server, tmp_path):
    server.files["record.json"] = b'{"files": []}'
    server.chunked.add("record.json")
    fetch(RemoteFile(f"{server.url}/record.json"), tmp_path / "record.json")
    assert (tmp_path / "record.json").read_bytes() == b'{"files": []}'


def test_a_full_disk_is_told_at_once(source, server, small_disk):
    with pytest.raises(DiskError, match="no space left on the disk of"):
        fetch(source, small_disk / "a.zip")
    assert len(server.fetched()) == 1
    # what has arrived is kept under a name that no rule takes for the file
    assert [file.name for file in small_disk.iterdir()] == ["a.zip.part"]
