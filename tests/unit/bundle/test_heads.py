import json

import numpy as np

from taceflow.bundle.heads import keep_final_heads
from taceflow.dlopctr.head.fitted_head import Head, load_heads, save_heads


def test_heads_that_a_fold_was_left_out_of_stay(tmp_path):
    draw = np.random.default_rng(2)
    names = [f"seed{seed}.{fit}" for seed in (1, 2) for fit in ("final", "fold1", "fold2")]
    heads = {
        name: Head(draw.normal(size=(3, 8)), draw.normal(size=3), np.zeros(8), np.ones(8))
        for name in names
    }
    all_heads, kept = str(tmp_path / "model.safetensors"), str(tmp_path / "final.safetensors")
    save_heads(heads, all_heads, {"code": "abc"})
    described = tmp_path / "model.json"
    described.write_text(json.dumps({"breaks_months": [0, 10, 20, 30], "code": "abc"}))
    keep_final_heads({"dlopctr": (all_heads, str(described))}, {"dlopctr": kept})
    found = load_heads(kept, features=8, intervals=3)
    assert list(found) == ["seed1.final", "seed2.final"]
    vectors = draw.normal(size=(5, 8)).astype(np.float32)
    for name, head in found.items():
        np.testing.assert_array_equal(head.curves(vectors), heads[name].curves(vectors))
