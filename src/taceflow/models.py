"""The models: what each is called and made of, in the order of tables and figures.

Light, since fits, tables and figures read it.
"""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Model:
    """A model of the study.

    Attributes
    ----------
    name : str
        In tables and names of files.
    label : str
        In print.
    kind : {'cox', 'network'}
        How risk and survival come about; a network predicts its training patients out of fold.
    made_of : tuple of str
        Of ``clinical`` (the chosen clinical variables), ``radscore`` and ``images``.
    note : str
        What ``survival/models.json`` says of a network.
    """

    name: str
    label: str
    kind: Literal["cox", "network"]
    made_of: tuple[str, ...]
    note: str = ""

    @property
    def needs_images(self) -> bool:
        """Whether no run without images has it."""
        return "images" in self.made_of


_ENTRIES = (
    Model("clinical", "Clinical", "cox", ("clinical",)),
    Model("radscore", "Radscore", "cox", ("radscore",)),
    Model("dlopctr", "DLOP-CTR", "network", ("images",), "a network over images"),
    Model("dlop_cox", "DLOP-Cox", "cox", ("images", "clinical")),
    Model(
        "dlop_combin",
        "DLOP-Combin",
        "network",
        ("images", "clinical"),
        "a network over images and clinical variables, which each fit chose itself",
    ),
)

MODELS = {model.name: model for model in _ENTRIES}
"""By name; how to add one says CONTRIBUTING.md."""

NETWORKS = tuple(model.name for model in _ENTRIES if model.kind == "network")

CLINICAL_COX = tuple(
    model.name for model in _ENTRIES if model.kind == "cox" and "clinical" in model.made_of
)
"""Cox models with clinical variables, the last of them made of most."""

FINAL = (CLINICAL_COX[-1], "radscore")
"""The model that a study ends with: with images, and from a ready table of features."""
