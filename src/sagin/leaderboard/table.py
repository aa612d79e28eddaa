"""The leaderboard's tables: entries by score, with the interval of the difference from the best."""

from collections.abc import Mapping, Sequence

import numpy as np

from sagin.leaderboard.entry import Entry, check_complete, mean_score, score_by_repeat
from sagin.leaderboard.protocol import TrackProtocol
from sagin.studies.statistics import format_signed, sample_interval


def list_columns(track: TrackProtocol) -> tuple[str, ...]:
    """Return the headings of a track's table."""
    by_value = [f"{track.x_label} = {value}" for value in track.values]
    score, *more = [label for _, label, _, _ in track.metrics]
    difference = f"{score}: difference to the best (95 %)"
    return ("method", "authors", score, difference, *by_value, *more, "ms per slot")


def list_rows(track: TrackProtocol, entries: Sequence[Entry]) -> list[tuple[str, ...]]:
    """Return one row of text per entry, best entry first.

    The difference is paired over episodes, each averaged over the track's values.
    """
    check_complete(track, entries)
    ordered = sorted(entries, key=lambda entry: -mean_score(track, entry))
    return [_make_row(track, entry, ordered[0]) for entry in ordered]


def _make_row(track: TrackProtocol, entry: Entry, best: Entry) -> tuple[str, ...]:
    name, _, scale, digits = track.metrics[0]
    scores = scale * score_by_repeat(track, entry)
    by_value = [f"{scale * _mean(entry, name, value):.{digits}f}" for value in track.values]
    more = [
        f"{factor * np.mean([_mean(entry, metric, value) for value in track.values]):.{places}f}"
        for metric, _, factor, places in track.metrics[1:]
    ]
    seconds = f"{1e3 * entry.seconds:.3g}"
    difference = "best"
    if entry is not best:
        gap = sample_interval((scores - scale * score_by_repeat(track, best)).tolist())
        ends = f"{format_signed(gap.low, digits)} to {format_signed(gap.high, digits)}"
        difference = f"{format_signed(gap.estimate, digits)} ({ends})"
    mean = f"{scores.mean():.{digits}f}"
    return (entry.method, entry.authors, mean, difference, *by_value, *more, seconds)


def _mean(entry: Entry, metric: str, value: float) -> float:
    samples = [s for s in entry.result.samples if (s.metric, s.x) == (metric, float(value))]
    return float(np.mean(samples[0].values))


def list_bounds(
    track: TrackProtocol, bounds: Mapping[float, Sequence[float]]
) -> list[tuple[str, ...]]:
    """Return the certified bound of the score at each value of the track, as rows of text."""
    rows = []
    for value in track.values:
        interval = sample_interval(list(bounds[float(value)]))
        rows.append((str(value), f"{interval.estimate:.3f}", str(len(bounds[float(value)]))))
    return rows
