"""The measurement protocol: tracks, held-out episodes that all methods share, and stored numbers.

The tests use the keys `keys_of(0, n)`. Training and validation use separate key spaces, and a
learner receives no other keys.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from sagin.errors import InputError
from sagin.methods import Method, evaluate_relaying, evaluate_slicing
from sagin.studies.record import Result, Sample, make_sample

Advance = Callable[[int], Any]


@dataclass(frozen=True)
class TrackProtocol:
    """Requirements on the entries of one table."""

    name: str
    text: str
    system: str
    x_label: str
    values: tuple[int, ...]
    """Values of K_s, or numbers of relays."""
    repeats: int
    """Number of held-out episodes or drops at each value."""
    slots: int
    """Number of consecutive slots of an episode; 1 for drops."""
    metrics: tuple[tuple[str, str, float, int], ...]
    """Name, label, factor from the SI unit and digits; the first metric is the score."""
    priority: bool = False
    """Whether an entry is invalid if a slot violates the priority's quotas."""


SLICING_METRICS = (
    ("score", "score", 1.0, 3),
    ("throughput", "H, Mbit/s", 1e-6, 0),
    ("delay", "L, ms", 1e3, 1),
    ("coverage", "C, %", 100.0, 1),
)
RELAYING_METRICS = (
    ("capacity", "capacity, Gbit/s", 1e-9, 3),
    ("printed_efficiency", "efficiency (30), Mbit/J", 1e-6, 2),
)
SIZES = (8, 10, 12, 14, 16)
FREE = TrackProtocol(
    name="slicing-free",
    text="Slicing, any allocation",
    system="slicing",
    x_label="K_s",
    values=SIZES,
    repeats=50,
    slots=20,
    metrics=SLICING_METRICS,
)
PRIORITY = replace(
    FREE,
    name="slicing-priority",
    text="Slicing, the priority's quotas kept in every slot",
    priority=True,
)
RELAYING = TrackProtocol(
    name="relaying",
    text="Relaying: positions and powers of the relays, CUD",
    system="relaying",
    x_label="relays",
    values=(1, 2, 3),
    repeats=500,
    slots=1,
    metrics=RELAYING_METRICS,
)
TRACKS = {track.name: track for track in (FREE, PRIORITY, RELAYING)}


def find_track(name: str) -> TrackProtocol:
    """Return the track of a name; InputError with the existing names if there is none."""
    if name not in TRACKS:
        raise InputError(f"track {name!r}: unknown; allowed: {', '.join(TRACKS)}")
    return TRACKS[name]


def list_tracks() -> list[TrackProtocol]:
    """Return all tracks."""
    return list(TRACKS.values())


def measure(track: TrackProtocol, method: Method, advance: Advance) -> tuple[Result, float]:
    """Return a method's result on the track's tests, and the seconds per slot or drop.

    Args:
        track: values, repeats and metrics.
        method: a method of the track's system.
        advance: called with the number of finished slots or drops.

    Raises:
        InputError: the method belongs to another system or violates a rule of the track.
    """
    if method.system != track.system:
        raise InputError(f"method {method.name!r}: of {method.system} (allowed: {track.system})")
    run = _measure_slicing if track.system == "slicing" else _measure_relaying
    samples, started = [], time.perf_counter()
    for value in track.values:
        samples += run(track, method, value)
        advance(track.repeats * track.slots)
    seconds = time.perf_counter() - started
    return Result(samples), seconds / (len(track.values) * track.repeats * track.slots)


def _measure_slicing(track: TrackProtocol, method: Method, users: int) -> list[Sample]:
    from sagin.slicing.scenario import build_scenario, resize_slices

    scenario = resize_slices(build_scenario("paper"), (users, users, users))
    played = evaluate_slicing(
        method.check_users(users),
        scenario,
        slots=track.slots,
        seeds=track.repeats,
        check_priority=track.priority,
    )
    return _collect(track, method, users, played)


def _measure_relaying(track: TrackProtocol, method: Method, relays: int) -> list[Sample]:
    from sagin.relaying.scenario import build_scenario

    scenario = build_scenario("paper", (f"relay.count={relays}",))
    return _collect(track, method, relays, evaluate_relaying(method, scenario, track.repeats))


def _collect(track: TrackProtocol, method: Method, x: int, values: Any) -> list[Sample]:
    return [
        make_sample(method.name, name, np.asarray(values[name], float), x=float(x))
        for name, *_ in track.metrics
    ]


def count_steps(tracks: Sequence[TrackProtocol]) -> int:
    """Return the number of slots and drops in the tests of the tracks."""
    return sum(len(track.values) * track.repeats * track.slots for track in tracks)
