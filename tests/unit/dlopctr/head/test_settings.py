"""Settings of a head: the configuration's, or those of its protocol."""

import pandas as pd

from taceflow.dlopctr.head.settings import PROTOCOLS, head_settings, protocol_value, with_choice


def test_settings_come_from_the_configuration(settings):
    assert head_settings(settings | {"seed": 1, "views": 2}) == settings
    left = dict.fromkeys(("stop_on", "keep_weights", "weigh", "standardise", "seeds"))
    assert head_settings(settings | left)["seeds"] == 5
    studys = head_settings(settings | left | {"protocol": "paper", "seeds": 3})
    assert {name: studys[name] for name in left} == {
        "stop_on": "validation",
        "keep_weights": "training",
        "weigh": "images",
        "standardise": False,
        "seeds": 3,
    }
    assert [protocol_value({"protocol": name, "views": None}, "views") for name in PROTOCOLS] == [
        1,
        8,
    ]
    assert protocol_value({"protocol": "paper", "views": 2}, "views") == 2


def test_what_is_left_to_the_pre_experiment_agrees_with_what_is_fixed(settings):
    rows = [(1e-3, 16, 0.3, 2.0), (1e-4, 16, 0.5, 1.9), (1e-3, 16, 0.5, 1.9), (1e-3, 32, 0.5, 1.5)]
    table = pd.DataFrame(rows, columns=["learning_rate", "batch_size", "dropout", "loss"])
    left = settings | {"learning_rate": "pre_experiment", "dropout": "pre_experiment"}
    # the lowest among those with the batch size that is fixed; ties to the smaller rate
    among = with_choice(left | {"batch_size": 16}, table)
    assert (among.learning_rate, among.dropout, among.batch_size) == (1e-4, 0.5, 16)
    # a batch size that was not tried
    assert with_choice(left | {"batch_size": 64}, table).learning_rate == 1e-3
    assert with_choice(settings, None).learning_rate == settings["learning_rate"]
