"""Settings of a head: the configuration's, or those of its protocol."""

from taceflow.dlopctr.head.settings import PROTOCOLS, head_settings, protocol_value


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
