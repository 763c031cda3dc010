"""What lies in the archive of each patient."""

from taceflow.imaging.catalogue.patient_files import patient_files


def test_lost_files_are_counted_for_the_patient_in_whose_folder_they_lie(root, build, stack):
    """A folder whose files are all lost, and one in a folder of two patients."""
    stack(root / "a" / "ct", 3)
    stack(root / "b", 2, person="0042")
    first = stack(root / "a" / "gone", 4)
    (root / "a" / "ct" / "cut").write_bytes(first[0].read_bytes()[:100])
    before = build()
    assert before["unreadable"] == 1
    digest = patient_files(build.files_file, "P1")["digest"]
    for file in first:
        file.write_bytes(b"")
    (root / "nobodys").write_bytes(b"")
    assert build()["unreadable"] == 6
    assert patient_files(build.files_file, "P1")["lost"] == 5
    first_loss = patient_files(build.files_file, "P1")["digest"]
    (root / "a" / "ct" / "cut again").write_bytes(b"")
    build()
    again = patient_files(build.files_file, "P1")["digest"]
    # an import that says what is lost is another one when more is
    assert len({digest, first_loss, again}) == 3
    assert patient_files(build.files_file, "P2")["lost"] == 0
