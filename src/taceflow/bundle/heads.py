"""The network's heads that predict new patients: of each seed the one fitted to all."""

from collections.abc import Mapping

from taceflow.dlopctr.head.fitted_head import load_heads, save_heads
from taceflow.files.tables import read_json


def keep_final_heads(heads: Mapping[str, tuple[str, str]], written: Mapping[str, str]) -> None:
    """Write each network's heads of the final fits, without those that a fold was left out of.

    Parameters
    ----------
    heads : mapping of str to (str, str)
        File of heads and its description, by network.
    written : mapping of str to str
        Files to write, by network.
    """
    for network, (weights, description) in heads.items():
        described = read_json(description)
        intervals = len(described["breaks_months"]) - 1
        final = {
            name: head
            for name, head in load_heads(weights, intervals=intervals).items()
            if name.endswith(".final")
        }
        save_heads(final, written[network], {"code": described["code"]})
