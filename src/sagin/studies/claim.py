"""A paper's claims on its figures, and the verdicts on them, both as data with an id."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from sagin.errors import StoreError
from sagin.files import write_atomically
from sagin.studies.record import SCHEMA

Kind = Literal["gain", "level", "rises", "exceeds", "crosses", "steady"]
Word = Literal["holds", "holds in part", "does not hold", "undecided", "not tested"]


@dataclass(frozen=True)
class Claim:
    """A statement of a paper on one of its figures that can be tested."""

    id: str
    text: str
    source: str
    """Place in the paper, such as Fig. 2."""
    figure: str
    """Id of the figure whose records decide the claim; the family of Holm's correction."""
    kind: Kind
    """gain: the method has about the printed gain over its rival. exceeds: it is better than its
    rival. level: the two are almost equal. rises: the metric, or its gain over the rival, grows
    along the sweep. crosses: the metric exceeds `limit` from about `printed` on. steady: the metric
    has no trend over the last third of the sweep.
    """
    metric: str
    method: str
    rival: str = ""
    """Method with which it is compared; empty for a claim on one method."""
    rival_metric: str = ""
    """The rival's metric, if it differs."""
    direction: int = 1
    """1 if more of the metric is claimed, −1 if less."""
    printed: float | None = None
    """Number that the paper prints: a gain in percent, or a value of the swept parameter."""
    factor: float = 1.0
    """Factor by which a caption multiplies the method's series, relative to its rival's."""
    limit: float | None = None
    """Limit that the metric of `crosses` exceeds."""
    tolerance: float = 0.1
    """`level`: largest relative difference, or absolute with `absolute`; `steady`: largest
    change; `crosses` and `gain`: largest relative difference from the printed number.
    """
    absolute: bool = False
    """Whether differences are in the metric's unit instead of percent of the rival."""
    needs: str = ""
    """Metric of the method without which a point is no evidence on the claim, such as aircraft."""
    acts: str = ""
    """Metric of the method that shows whether the claim's mechanism acts, such as the share of
    users that balancing moves; if its mean is not above `acts_above`, the verdict is *not
    tested*.
    """
    acts_above: float = 0.01
    last_third: bool = False
    """Whether only the last third of the sweep counts, averaged."""


@dataclass(frozen=True)
class Verdict:
    """The verdict on a claim, with the number that decides it."""

    claim: str
    """Id of the claim."""
    verdict: Word
    reason: str
    estimate: float = float("nan")
    """Gain in percent, difference in the metric's unit, or value of the swept parameter."""
    low: float = float("nan")
    high: float = float("nan")
    """Ends of the interval of the estimate."""
    unit: str = "%"
    at: float | None = None
    """Value of the swept parameter at which the estimate was taken; None if it is over all values.
    """
    scaled: float | None = None
    """The same gain with the caption's factor, percent."""
    p: float | None = None
    """Two-sided p-value of the paired test."""
    p_holm: float | None = None
    """The same, corrected over the claims of the figure (Holm)."""
    seeds: int = 0


def write_verdicts(path: Path, verdicts: Sequence[Verdict], origin: dict[str, Any]) -> Path:
    """Write verdicts by the ids of their claims as JSON, with provenance, and return the path."""
    rows = {
        verdict.claim: {k: v for k, v in asdict(verdict).items() if k != "claim"}
        for verdict in verdicts
    }
    content = {"schema": SCHEMA, "provenance": origin, "verdicts": _replace_nan(rows)}
    write_atomically(path, (json.dumps(content, indent=1, ensure_ascii=False) + "\n").encode())
    return path


def read_verdicts(text: str, source: str) -> dict[str, Verdict]:
    """Return stored verdicts by the ids of their claims; StoreError if the text is invalid."""
    try:
        content = json.loads(text)
        if content["schema"] == SCHEMA:
            verdicts = {
                claim: Verdict(claim, **{k: _restore_nan(k, v) for k, v in row.items()})
                for claim, row in content["verdicts"].items()
            }
            if all(map(_is_verdict, verdicts.values())):
                return verdicts
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        pass
    raise StoreError(f"{source}: damaged, or of another version: not verdicts of schema {SCHEMA}")


def _is_verdict(verdict: Verdict) -> bool:
    """Return whether a verdict from a file has values of the right types."""
    texts = (verdict.verdict, verdict.reason, verdict.unit)
    numbers = (verdict.at, verdict.scaled, verdict.p, verdict.p_holm)
    return (
        all(isinstance(text, str) for text in texts)
        and all(number is None or type(number) in (int, float) for number in numbers)
        and type(verdict.seeds) is int
    )


def _replace_nan(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _replace_nan(item) for key, item in value.items()}
    if isinstance(value, float):
        return float(f"{value:.9g}") if abs(value) < float("inf") else str(value)
    return value


def _restore_nan(name: str, value: Any) -> Any:
    return float(value) if name in ("estimate", "low", "high") else value
