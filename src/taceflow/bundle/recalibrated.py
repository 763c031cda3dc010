"""A bundle of recalibrated models, which names the bundle that it was made from."""

import csv
import hashlib
import io
import json
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from taceflow.bundle.manifest import check_manifest
from taceflow.bundle.training_ranges import QUANTILES
from taceflow.errors import ConfigurationError, InputError
from taceflow.files.archive import read_bundle, sums_of, write_bundle
from taceflow.files.tables import json_text, read_json
from taceflow.wording.counts import counted
from taceflow.wording.names import model_name

HEADING = "Recalibrated"

WORDS = {
    "in_the_large": "the baseline is that of these patients, the coefficients stay",
    "slope": "coefficients and cut-off are multiplied by one slope, the baseline keeps its shape",
    "both": "coefficients and cut-off are multiplied by one slope, the baseline is that of these "
    "patients",
}
"""What a version changes."""


def write_recalibrated_bundle(
    *, parent: str, recalibrated: str, version: str, name: str, folder: str, archive: str
) -> None:
    """Write a bundle with recalibrated models; the parent stays as it is.

    All other files are the parent's: radiomics, networks, performance, ranges but those of the
    risks, which are on the new scale. A model without this version, as every network, stays as it
    is, and the card says so.

    Parameters
    ----------
    parent : str
        The bundle that was applied, zip or folder.
    recalibrated : str
        ``survival/recalibrated_models.json`` of the run that applied it.
    version : str
        ``in_the_large``, ``slope`` or ``both``.
    name : str
        Of that run.
    folder, archive : str
        To be written.

    Raises
    ------
    ConfigurationError
        If no model has this version.
    InputError
        If the parent is no bundle, or another than the one that was recalibrated.
    """
    files = read_bundle(parent)
    manifest, models = (json.loads(files[one]) for one in ("manifest.json", "models.json"))
    found = read_json(recalibrated)
    new = {model: versions[version] for model, versions in found.items() if version in versions}
    if not new:
        raise ConfigurationError(
            f"no model was recalibrated by '{version}': survival/recalibration.tsv says why. "
            "Apply the bundle as it is, or name another version"
        )
    if others := [model for model in new if not _is_of(new[model], models.get(model))]:
        raise InputError(
            f"the bundle is not the one whose models were recalibrated: {', '.join(others)} differ",
            file=parent,
            remedy="Name the bundle that the run applied",
        )
    cohort = {key: max(one["recalibrated"][key] for one in new.values()) for key in ("n", "events")}
    manifest["parent"] = {
        "name": manifest["name"],
        "sha256": hashlib.sha256(sums_of(files)).hexdigest(),
        "version": version,
        "models": sorted(new),
        **cohort,
    }
    manifest["name"] = name
    check_manifest(manifest)
    contents = {"manifest.json": manifest, "models.json": models | new}
    changed = {file: json_text(content, file).encode() for file, content in contents.items()}
    slopes = {model: one["recalibrated"]["slope"] for model, one in new.items()}
    changed["ranges.tsv"] = _on_the_new_scale(files["ranges.tsv"], slopes)
    told = _told(manifest["parent"], name, models, new)
    changed["card.md"] = files["card.md"] + _as_markdown(*told).encode()
    head, end, tail = files["card.html"].rpartition(b"</main>")
    changed["card.html"] = head + _as_html(*told).encode() + end + tail
    write_bundle(files | changed, folder, archive)


def _is_of(new: Mapping[str, Any], stored: Mapping[str, Any] | None) -> bool:
    """Say whether a recalibrated model was made from a stored one."""
    if stored is None or stored["kind"] != "cox":
        return False
    slope = new["recalibrated"]["slope"]
    scaled = {name: slope * value for name, value in stored["coefficients"].items()}
    return new["coefficients"] == scaled and new["centre"] == stored["centre"]


def _on_the_new_scale(ranges: bytes, slopes: Mapping[str, float]) -> bytes:
    """Return the training ranges with the quantiles of risks times the slopes of their models."""
    rows = list(csv.DictReader(io.StringIO(ranges.decode(), newline=""), delimiter="\t"))
    for row in rows:
        if row["kind"] == "risk" and row["name"] in slopes:
            slope = slopes[row["name"]]
            told = [end for end in QUANTILES if row[end]]
            row.update({end: f"{slope * float(row[end]):.3g}" for end in told})
    written = io.StringIO(newline="")
    writer = csv.DictWriter(written, list(rows[0]), delimiter="\t", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return written.getvalue().encode()


def _told(
    parent: Mapping[str, Any],
    name: str,
    models: Mapping[str, Any],
    new: Mapping[str, Any],
) -> tuple[str, list[str]]:
    """Return what the card says: a paragraph, and a point a model."""
    paragraph = (
        f"The run {name} recalibrated models of the bundle {parent['name']} (SHA-256 of its "
        f"SHA256SUMS {parent['sha256']}) on up to {counted(parent['n'], 'patient')} from elsewhere "
        f"with {counted(parent['events'], 'death')}: {WORDS[parent['version']]}. Everything above "
        "is the parent's: its patients, how it was fitted, its performance. Who is of high risk "
        "stays so. Intervals of predicted survival and survival of risk groups are not told of "
        "recalibrated models."
    )
    points = []
    for model in models:
        if model not in new:
            points.append(f"{model_name(model)}: as it was")
            continue
        done, baseline = new[model]["recalibrated"], new[model]["baseline"]
        months = ", ".join(f"{month:g}" for month in baseline["times_months"])
        note = f" ({done['note']})" if done["note"] else ""
        points.append(
            f"{model_name(model)}: slope {done['slope']:g}, survival at {months} months{note}; "
            f"{counted(done['n'], 'patient')}, {counted(done['events'], 'death')}"
        )
    return paragraph, points


def _as_markdown(paragraph: str, points: Sequence[str]) -> str:
    listed = "\n".join(f"- {escape(point, quote=False)}" for point in points)
    return f"\n## {HEADING}\n\n{escape(paragraph, quote=False)}\n\n{listed}\n"


def _as_html(paragraph: str, points: Sequence[str]) -> str:
    listed = "".join(f"<li>{escape(point)}</li>\n" for point in points)
    return f"<h2>{HEADING}</h2>\n<p>{escape(paragraph)}</p>\n<ul>\n{listed}</ul>\n"
