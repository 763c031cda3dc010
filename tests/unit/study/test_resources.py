"""A job that comes back asks for more."""

import re

import pytest

from taceflow.study.resources import BESIDE_MB, check_processors, memory_mb, minutes


def test_memory_and_minutes_grow_with_the_attempt():
    assert [memory_mb(1000)({}, attempt) for attempt in (1, 2)] == [
        1000 + BESIDE_MB,
        2 * (1000 + BESIDE_MB),
    ]
    assert [minutes(20)({}, attempt) for attempt in (1, 2)] == [20, 40]


@pytest.fixture
def nodes_of_4_and_16(tmp_path, monkeypatch):
    told = tmp_path / "sinfo"
    told.write_text("#!/bin/sh\necho 4\necho 16\n")
    told.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")


def test_a_job_that_would_wait_for_ever_is_told(nodes_of_4_and_16):
    check_processors({"embed": 2, "catalogue": 16})
    with pytest.raises(SystemExit, match=r"than 16 .*, and catalogue would .* --max-threads 16"):
        check_processors({"embed": 2, "catalogue": 17})


def test_no_rule_asks_for_the_same_again(root):
    rules = sorted((root / "workflow" / "rules").glob("*.smk"))
    asked = [
        line for file in rules for line in re.findall(r"(?:mem_mb|runtime)=.*", file.read_text())
    ]
    assert len(asked) > 30
    assert [
        line for line in asked if not re.match(r"mem_mb=memory_mb|runtime=(minutes|BUCKET)", line)
    ] == []
