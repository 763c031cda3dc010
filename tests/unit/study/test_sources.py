"""Places that the configuration names."""

import pytest

from taceflow.errors import ConfigurationError
from taceflow.study.plan import plan_study


@pytest.mark.parametrize(
    ("section", "key", "place"),
    [
        ("archive", "root", "~/pacs"),
        ("archive", "ids", "nowhere.tsv"),
        ("dlopctr", "backbone", "nowhere.pth"),
    ],
)
def test_a_place_of_the_configuration_that_is_not_there_is_named(own_config, section, key, place):
    own_config["archive"] = {"root": "."}
    own_config[section][key] = place
    with pytest.raises(ConfigurationError, match=rf"'{section}\.{key}': '{place}' does not exist"):
        plan_study(own_config)
