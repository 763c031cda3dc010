"""A record of Zenodo."""

import pytest

from taceflow.errors import InputError
from taceflow.public_cohorts.http import RemoteFile
from taceflow.public_cohorts.zenodo import find_file


def test_zenodos_record_gives_address_size_and_digest():
    record = {
        "files": [
            {
                "key": "a.zip",
                "size": 12,
                "checksum": "md5:" + "0" * 32,
                "links": {"self": "https://zenodo.org/api/records/1/files/a.zip/content"},
            }
        ]
    }
    found = find_file(record, "a.zip")
    assert found == RemoteFile(record["files"][0]["links"]["self"], 12, "0" * 32)
    with pytest.raises(InputError, match=r"b\.zip"):
        find_file(record, "b.zip")
