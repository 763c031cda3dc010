"""DICOM files as other programs leave them."""

import pytest


@pytest.fixture
def drop_transfer_syntax():
    """Take the one line out of group 2, as dcm2niix does."""

    def drop(file):
        content = file.read_bytes()
        at = content.index(b"\x02\x00\x10\x00UI")
        length = 8 + int.from_bytes(content[at + 6 : at + 8], "little")
        group = int.from_bytes(content[140:144], "little") - length
        content = content[:at] + content[at + length :]
        file.write_bytes(content[:140] + group.to_bytes(4, "little") + content[144:])

    return drop
