"""A record of Zenodo, as its interface describes it."""

from collections.abc import Mapping
from typing import Any

from taceflow.errors import InputError
from taceflow.public_cohorts.http import RemoteFile


def find_file(record: Mapping[str, Any], name: str) -> RemoteFile:
    """Return address, size and digest of a file of a record.

    Parameters
    ----------
    record : mapping
        ``GET /api/records/<id>``: ``files`` has ``key``, ``size`` (bytes), ``checksum``
        (``md5:<digits>``) and ``links.self`` of each file.
    name : str
        The file's name, its ``key``.

    Returns
    -------
    RemoteFile

    Raises
    ------
    InputError
        If the record has no such file.

    Notes
    -----
    Zenodo's REST interface, https://developers.zenodo.org, "Records".
    """
    for entry in record.get("files", []):
        if entry["key"] == name:
            kind, _, digest = entry["checksum"].partition(":")
            return RemoteFile(
                url=entry["links"]["self"],
                size_bytes=int(entry["size"]),
                md5=digest if kind == "md5" else None,
            )
    raise InputError(
        "is not in the record",
        file=name,
        remedy="Delete the record.json that was fetched, so that it is fetched again",
    )
