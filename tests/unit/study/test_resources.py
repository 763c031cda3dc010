"""A job that comes back asks for more."""

from taceflow.study.resources import BESIDE_MB, memory_mb, minutes


def test_memory_and_minutes_grow_with_the_attempt():
    assert [memory_mb(1000)({}, attempt) for attempt in (1, 2)] == [
        1000 + BESIDE_MB,
        2 * (1000 + BESIDE_MB),
    ]
    assert [minutes(20)({}, attempt) for attempt in (1, 2)] == [20, 40]
