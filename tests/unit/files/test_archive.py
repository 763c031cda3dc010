"""A bundle is sealed: whatever byte changes, it is refused; the same content is the same file."""

import hashlib
import io
import subprocess
import zipfile

import numpy as np
import pytest

from taceflow.errors import InputError
from taceflow.files.archive import read_bundle, write_bundle

FILES = {
    "manifest.json": b'{"format": 1}\n',
    "dlopctr.safetensors": np.random.default_rng(1).bytes(400),
    "ranges.tsv": b"kind\tname\n" + b"feature\tx\n" * 30,
}


@pytest.fixture
def written(tmp_path):
    folder, archive = tmp_path / "demo", tmp_path / "demo.zip"
    write_bundle(FILES, str(folder), str(archive))
    return folder, archive


def test_folder_and_archive_hold_the_same(written):
    assert [read_bundle(path) for path in written] == [FILES, FILES]


def test_sums_are_those_of_sha256sum(written):
    folder, _ = written
    subprocess.run(["sha256sum", "--check", "--strict", "SHA256SUMS"], cwd=folder, check=True)
    sums = (folder / "SHA256SUMS").read_text()
    digest = hashlib.sha256(FILES["ranges.tsv"]).hexdigest()
    assert f"{digest}  ranges.tsv\n" in sums


def test_the_archive_opens_with_any_program(written):
    with zipfile.ZipFile(written[1]) as opened:
        assert opened.testzip() is None
        assert opened.read("ranges.tsv") == FILES["ranges.tsv"]


def test_the_same_content_is_the_same_file(written, tmp_path, monkeypatch):
    monkeypatch.setattr("time.time", lambda: 0.0)
    again = tmp_path / "again.zip"
    reverse = dict(reversed(FILES.items()))
    write_bundle(reverse, str(tmp_path / "again"), str(again))
    assert again.read_bytes() == written[1].read_bytes()


def test_every_changed_byte_of_the_archive_is_refused(written):
    _, archive = written
    content = archive.read_bytes()
    for place in range(len(content)):
        archive.write_bytes(content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :])
        with pytest.raises(InputError, match="Fetch it again"):
            read_bundle(archive)
    for cut in (0, 1, 100, len(content) - 1):
        archive.write_bytes(content[:cut])
        with pytest.raises(InputError, match="Fetch it again"):
            read_bundle(archive)


@pytest.mark.parametrize("name", [*FILES, "SHA256SUMS"])
def test_every_changed_byte_of_a_file_is_refused(written, name):
    file = written[0] / name
    content = file.read_bytes()
    for place in range(len(content)):
        file.write_bytes(content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :])
        with pytest.raises(InputError, match="is not what was written"):
            read_bundle(written[0])


def test_a_file_more_or_less_is_named(written):
    folder, _ = written
    (folder / "more.txt").write_text("x")
    with pytest.raises(InputError, match=r"more\.txt is none of its files .*Take that out"):
        read_bundle(folder)
    (folder / "more.txt").unlink()
    (folder / "ranges.tsv").unlink()
    with pytest.raises(InputError, match=r"ranges\.tsv changed"):
        read_bundle(folder)


def test_the_folder_around_a_bundle_is_none(written):
    folder, _ = written
    with pytest.raises(InputError, match=r"it has no SHA256SUMS .*the folder in which SHA256SUMS"):
        read_bundle(folder.parent)
    # as Macs leave it
    (folder / "__MACOSX").mkdir()
    with pytest.raises(InputError, match=r"what is no file: __MACOSX .*Take that out"):
        read_bundle(folder)


def sealed(path, entries, method=zipfile.ZIP_STORED):
    """A zip of somebody else's with a valid seal."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", method) as opened:
        for name, content in entries:
            opened.writestr(name, content)
        opened.comment = b"0" * 64
    content = packed.getvalue()[:-64]
    path.write_bytes(content + hashlib.sha256(content).hexdigest().encode())
    return path


def test_what_is_no_plain_file_is_refused(written, tmp_path):
    folder, _ = written
    (folder / ".snakemake_timestamp").write_text("P1")
    with pytest.raises(InputError, match="snakemake_timestamp is none of its files"):
        read_bundle(folder)
    (folder / ".snakemake_timestamp").write_text("")
    assert read_bundle(folder) == FILES
    for make in (
        lambda path: path.mkdir(),
        lambda path: path.symlink_to(tmp_path / "nowhere"),
        lambda path: path.symlink_to(folder / "ranges.tsv"),
    ):
        made = folder / "more.tsv"
        make(made)
        with pytest.raises(InputError, match=r"what is no file: more\.tsv"):
            read_bundle(folder)
        made.rmdir() if made.is_dir() and not made.is_symlink() else made.unlink()
    (folder / ".patients.tsv").write_text("P1")
    with pytest.raises(InputError, match=r"\.patients\.tsv is none of its files"):
        read_bundle(folder)


def test_an_empty_list_of_files_is_none(tmp_path):
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "SHA256SUMS").touch()
    for path in (tmp_path / "b", sealed(tmp_path / "b.zip", [("SHA256SUMS", "")])):
        with pytest.raises(InputError, match="it has no SHA256SUMS"):
            read_bundle(path)


@pytest.mark.parametrize("name", ["../oops.txt", "my-card.md", "manifest"])
def test_a_name_that_could_not_be_read_is_not_written(tmp_path, name):
    with pytest.raises(ValueError, match="no names of a bundle's files"):
        write_bundle(FILES | {name: b""}, str(tmp_path / "b"), str(tmp_path / "b.zip"))
    assert list(tmp_path.iterdir()) == []


def test_somebody_elses_zip_with_a_valid_seal(tmp_path, monkeypatch):
    sums = f"{hashlib.sha256(b'x').hexdigest()}  a.json\n"
    good = [("a.json", "x"), ("SHA256SUMS", sums)]
    file = sealed(tmp_path / "b.zip", good)
    assert read_bundle(file) == {"a.json": b"x"}
    with pytest.raises(InputError, match="is no bundle"):
        read_bundle(sealed(file, good, zipfile.ZIP_DEFLATED))
    sealed(file, good)
    with pytest.warns(UserWarning, match="Duplicate"):
        sealed(file, [("a.json", "x"), *good])
    with pytest.raises(InputError, match="is no bundle"):
        read_bundle(file)
    # a wrong checksum, and a flag that says there is a password
    content = bytearray(sealed(file, good).read_bytes())
    at = content.index(b"PK\x01\x02")
    for place, value in (
        (at + 16, content[at + 16] ^ 1),
        (at + 8, content[at + 8] | 1),
        (at + 44, 200),  # a place beyond it
    ):
        changed = bytearray(content)
        changed[place] = value
        body = bytes(changed[:-64])
        file.write_bytes(body + hashlib.sha256(body).hexdigest().encode())
        with pytest.raises(InputError, match="is no bundle"):
            read_bundle(file)
    monkeypatch.setattr("taceflow.files.archive._MOST_BYTES", 20)
    with pytest.raises(InputError, match="is no bundle"):
        read_bundle(sealed(file, good))


@pytest.mark.parametrize("name", ["../evil.json", "/etc/evil.json", "a/b.json", "evil"])
def test_a_name_that_leads_elsewhere_is_refused(tmp_path, name):
    sums = f"{hashlib.sha256(b'x').hexdigest()}  {name}\n"
    file = sealed(tmp_path / "b.zip", [(name, "x"), ("SHA256SUMS", sums)])
    with pytest.raises(InputError, match="is no bundle"):
        read_bundle(file)


def test_what_is_no_bundle_says_so(tmp_path):
    (tmp_path / "notes.zip").write_text("a letter\n" * 20)
    with pytest.raises(InputError, match="the file is no bundle"):
        read_bundle(tmp_path / "notes.zip")
    with pytest.raises(InputError, match="the bundle does not exist"):
        read_bundle(tmp_path / "none.zip")
    (tmp_path / "folder").mkdir()
    with pytest.raises(InputError, match="it has no SHA256SUMS"):
        read_bundle(tmp_path / "folder")
    with pytest.raises(InputError, match="it has no SHA256SUMS"):
        read_bundle(sealed(tmp_path / "other.zip", [("a.json", "{}")]))
