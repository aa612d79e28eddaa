"""Possible definitions of a printed gain: relative to which method, with or without caption
factors.

A caption may say that series were multiplied before plotting. A printed gain may be taken from the
plotted series, or from those before, and relative to either of the two methods. These are four
readings; each implies a gain of the unmultiplied series.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple, TypeVar

import numpy as np

from sagin.studies.claim import Claim, Verdict
from sagin.studies.judge import SIZE_TOLERANCE

Gains = TypeVar("Gains", float, np.ndarray)


class GainDefinition(NamedTuple):
    """A definition of a method's gain over its rival's value X."""

    text: str
    over_method: bool
    """Whether the difference is divided by the method's value instead of its rival's."""
    is_plotted: bool
    """Whether the gain is taken from the plotted series, multiplied by the caption's factors."""

    def convert(self, gain: Gains, factor: float) -> Gains:
        """Convert a gain over the rival, percent, or an array of them, to this definition.

        Args:
            gain: 100·(method / rival − 1) of the unmultiplied series.
            factor: the method's caption factor over its rival's.
        """
        ratio = (1.0 + gain / 100.0) * (factor if self.is_plotted else 1.0)
        return 100.0 * (1.0 - 1.0 / ratio if self.over_method else ratio - 1.0)

    def invert(self, printed: Gains, factor: float) -> Gains:
        """Return the gain over the rival of the unmultiplied series that a printed gain implies.

        >>> round(DEFINITIONS[1].invert(32.49, 1.16), 1)
        27.7
        """
        share = printed / 100.0
        ratio = 1.0 / (1.0 - share) if self.over_method else 1.0 + share
        return 100.0 * (ratio / (factor if self.is_plotted else 1.0) - 1.0)


DEFINITIONS = (
    GainDefinition("over X, as plotted", over_method=False, is_plotted=True),
    GainDefinition("over the method, as plotted", over_method=True, is_plotted=True),
    GainDefinition("over X, before the factors", over_method=False, is_plotted=False),
    GainDefinition("over the method, before the factors", over_method=True, is_plotted=False),
)


def tabulate_definitions(
    claims: Sequence[Claim], verdicts: Mapping[str, Verdict]
) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """Return columns and rows of all claims on a printed gain with a caption factor.

    Each is judged under each definition: our gain, the gain that the series would need, and a
    verdict.
    """
    columns = ("claim", "printed", *(definition.text for definition in DEFINITIONS))
    rows = []
    for claim in claims:
        verdict = verdicts.get(claim.id)
        if claim.kind != "gain" or claim.factor == 1.0 or verdict is None:
            continue
        if verdict.verdict == "not tested":
            continue
        cells = [_describe(claim, verdict, definition) for definition in DEFINITIONS]
        rows.append((f"{claim.text} ({claim.source})", f"{claim.printed:g} %", *cells))
    return columns, rows


def judge_definition(claim: Claim, verdict: Verdict, definition: GainDefinition) -> str:
    """Return whether a claim's largest gain equals the printed one under a definition.

    It holds if our gain is within a fifth of it. A definition that needs a loss is impossible.
    """
    printed = claim.printed or 0.0
    if definition.invert(printed, claim.factor) < 0.0:
        return "needs a loss"
    ours = definition.convert(verdict.estimate, claim.factor)
    if verdict.low > 0.0 and abs(ours - printed) <= SIZE_TOLERANCE * printed:
        return "holds"
    return "undecided" if verdict.low <= 0.0 <= verdict.high else "does not hold"


def _describe(claim: Claim, verdict: Verdict, definition: GainDefinition) -> str:
    ours = definition.convert(verdict.estimate, claim.factor)
    need = definition.invert(claim.printed or 0.0, claim.factor)
    word = judge_definition(claim, verdict, definition)
    return f"{ours:+.2f} %, needs {need:+.2f} % as they are: {word}".replace("-", "−")
