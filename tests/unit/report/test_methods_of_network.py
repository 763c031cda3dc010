"""The network in sentences: the study's protocol as its appendix tells it."""

from taceflow.files.configuration import default_configuration
from taceflow.report.methods_of_network import network, stops_on_validation
from taceflow.report.references import uncited


def test_the_studys_protocol_is_told_as_its_appendix_tells_it(finished):
    section = default_configuration()["dlopctr"]
    trained = finished.network | {"settings": finished.network["settings"] | {"seeds": 1}}
    described = {"network": trained, "backbone": {"source": "imagenet"}}
    study = section | {"protocol": "paper"}
    assert (stops_on_validation(section), stops_on_validation(study)) == (False, True)
    plain, said = (uncited(network(one, described)) for one in (section, study))
    for words in (
        "8 views of each, all but one augmented",
        "every image weighs the same",
        "embeddings are not standardised",
        "stopped when the loss of the validation cohort",
        "weights of the lowest training loss",
    ):
        assert words in said
        assert words not in plain
    assert "Adam (learning rate 0.0001, batch size 32, dropout 0.5, weight decay 0.0001)" in said
    assert "survival at 20 months" in said
