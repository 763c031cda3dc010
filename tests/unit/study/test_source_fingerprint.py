"""Digests of files and folders."""

from taceflow.study.source_fingerprint import fingerprint


def test_the_fingerprint_sees_a_changed_slice_deep_in_a_folder(tmp_path):
    deep = tmp_path / "study" / "series"
    deep.mkdir(parents=True)
    (deep / "1.dcm").write_bytes(b"one")
    before = fingerprint([str(tmp_path)])
    assert fingerprint([str(tmp_path)]) == before
    (deep / "1.dcm").write_bytes(b"two!")
    assert fingerprint([str(tmp_path)]) != before
    assert fingerprint([str(tmp_path), str(tmp_path / "nowhere")]) == ""


def test_the_fingerprint_follows_links(tmp_path):
    """An import is stale when what a link leads to has changed, or is gone."""
    (tmp_path / "disk").mkdir()
    file = tmp_path / "disk" / "1.dcm"
    file.write_bytes(b"one")
    folder = tmp_path / "patient"
    folder.mkdir()
    (folder / "S1").symlink_to(tmp_path / "disk")
    seen = {fingerprint([str(folder)])}
    file.write_bytes(b"two!")
    seen.add(fingerprint([str(folder)]))
    (folder / "2.dcm").symlink_to("nowhere")
    seen.add(fingerprint([str(folder)]))
    file.unlink()
    seen.add(fingerprint([str(folder)]))
    assert len(seen) == 4
