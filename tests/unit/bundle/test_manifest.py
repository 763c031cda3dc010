import copy

import pytest

from taceflow.bundle.manifest import FORMAT, check_manifest
from taceflow.errors import OwnFaultError

MANIFEST = {
    "format": FORMAT,
    "name": "demo",
    "title": None,
    "taceflow": "0.1.0",
    "code": {"imaging/resample": "0123"},
    "libraries": {"numpy": "2.1"},
    "needs_images": False,
    "models": {"albi": {"n": 52, "events": 36, "label": None}},
    "citations": [],
    "convolutions": None,
    "settings": {name: {} for name in ("imaging", "patch", "radiomics", "dlopctr", "survival")},
}


def test_a_manifest_that_breaks_its_schema_is_a_fault_of_ours():
    check_manifest(MANIFEST)
    with pytest.raises(OwnFaultError, match="format"):
        check_manifest(MANIFEST | {"format": FORMAT + 1})
    broken = copy.deepcopy(MANIFEST)
    del broken["settings"]["patch"]
    with pytest.raises(OwnFaultError, match="'patch' is a required property"):
        check_manifest(broken)
