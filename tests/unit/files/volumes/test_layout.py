"""The bytes of a stream, in whatever pieces they come."""

import gzip
import io
import zlib

import numpy as np
import pytest

from taceflow.files.volumes.layout import inflated, plain, unzipped

RANDOM = np.random.default_rng(0).bytes(3_000_001)
ZEROS = bytes(20_000_000)


@pytest.mark.parametrize("content", [b"", RANDOM, ZEROS], ids=["none", "random", "zeros"])
@pytest.mark.parametrize(
    ("chunks", "pack"), [(plain, bytes), (unzipped, gzip.compress), (inflated, zlib.compress)]
)
def test_every_byte_comes_in_pieces_of_a_megabyte(content, chunks, pack):
    """20 MB of zeros are 20 kB packed: they too may not be held at once."""
    pieces = list(chunks(io.BytesIO(pack(content))))
    assert b"".join(pieces) == content
    assert max(map(len, pieces), default=0) <= 1 << 20


def test_members_of_a_gzip_file_follow_each_other():
    packed = gzip.compress(RANDOM[:1000]) + gzip.compress(RANDOM[1000:3000])
    assert b"".join(unzipped(io.BytesIO(packed))) == RANDOM[:3000]


@pytest.mark.parametrize("lost", [1, 1000])
def test_a_gzip_file_that_is_cut_raises(lost):
    packed = gzip.compress(RANDOM)[:-lost]
    with pytest.raises(EOFError):
        list(unzipped(io.BytesIO(packed)))
