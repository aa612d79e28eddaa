"""Evaluate methods of any kind on common slots or drops, with one number per run."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import jax
import numpy as np

from sagin.compile_cache import PROGRAM_LIMIT
from sagin.errors import InputError
from sagin.methods.indicators import Samples, average_slots, extract_values
from sagin.methods.method import Method
from sagin.methods.play import (
    CHUNK,
    Advance,
    Slots,
    keep_traced_slot,
    make_run_keys,
    play_method,
)
from sagin.methods.table import find_method
from sagin.slicing.scenario import Scenario, slice_sizes
from sagin.slicing.trace import Trace


class Evaluation(NamedTuple):
    """The result of a method: each metric in its SI unit, per episode."""

    method: str
    metrics: dict[str, np.ndarray]

    @property
    def score(self) -> float:
        """Mean score: the sum of the three normalised terms over all users."""
        return float(np.mean(self.metrics["score"]))

    def __str__(self) -> str:
        """Return the main metrics in one line."""
        mean = {name: float(np.mean(values)) for name, values in self.metrics.items()}
        return (
            f"{self.method}: score {mean['score']:.3f}, {mean['throughput'] / 1e6:.0f} Mbit/s, "
            f"{1e3 * mean['delay']:.1f} ms, {100 * mean['coverage']:.0f} %"
        )


def evaluate(
    method: Method | str | Any,
    scenario: Scenario,
    *,
    episodes: int = 10,
    slots: int = 20,
    seed: int = 0,
) -> Evaluation:
    """Evaluate a method of the slicing system on held-out slots.

    Args:
        method: a `Method`, its name, package.module:object, a folder of `sagin train`, a `Policy`,
            or a function or object with `act`.
        scenario: a scenario of the slicing system.
        episodes: number of independent episodes; all methods with the same seed meet the same ones.
        slots: number of consecutive slots of each episode.
        seed: seed of the episodes.

    Raises:
        InputError: there is no such method, or it makes an error; the message has one line.
    """
    from sagin.methods.table import make_method

    if isinstance(method, str):
        method = find_method(method)
    elif not isinstance(method, Method):
        name = getattr(method, "name", None) or getattr(method, "__name__", type(method).__name__)
        method = make_method(method, str(name), "", "slicing")
    metrics = evaluate_slicing(method, scenario, slots=slots, seeds=episodes, seed=seed)
    return Evaluation(method.name, metrics)


def evaluate_slicing(
    method: Method,
    scenario: Scenario,
    *,
    slots: int,
    seeds: int,
    seed: int = 0,
    counts: Sequence[int] | None = None,
    advance: Advance = lambda _: None,
    check_priority: bool = False,
    watch: Callable[[Trace], Any] | None = None,
) -> Samples:
    """Return each KPI of a method for each run: means over slots, and percentiles of the delay.

    Args:
        method: a method of the slicing system. The caller first trains a method that learns.
        scenario: the scenario with all users; `counts` of them take part.
        slots: number of consecutive slots of each run.
        seeds: number of runs.
        seed: seed of the keys of the runs.
        counts: numbers of users of H, L and C who take part; None for all.
        advance: called with the number of finished slots.
        check_priority: whether to refuse a slot that violates the priority's quotas.
        watch: given the first slots of the first run, at most CHUNK.

    Raises:
        InputError: the method makes an error; one line names the method and the error.
    """
    PROGRAM_LIMIT.check()
    users = slice_sizes(scenario) if counts is None else tuple(int(count) for count in counts)
    if len(set(users)) == 1:
        method.check_users(users[0])
    meet = Slots(scenario, make_run_keys(seed, seeds), (users[0], users[1], users[2]), slots)
    if watch is None:
        played = play_method(method, meet, advance)
    else:
        played, traces = play_method(method, meet, advance, keep_traced_slot)
        watch(jax.tree.map(lambda leaf: np.asarray(leaf)[0, :CHUNK], traces))
    _check_finite(method, played.kpis)
    if check_priority and np.any(played.breaks_quotas):
        run, slot = (int(rows[0]) for rows in np.nonzero(np.asarray(played.breaks_quotas)))
        raise InputError(
            f"method {method.name!r}: run {run}, slot {slot}: more users of a slice than the "
            "priority has room for (allowed in this track: its quotas)"
        )
    kpis = jax.tree.map(np.asarray, played.kpis)
    return average_slots([extract_values(kpis, scenario, users)])


def evaluate_relaying(method: Method, scenario: Any, drops: int, seed: int = 0) -> Samples:
    """Return CUD's capacity, bit/s, and energy efficiency by (30), bit/J, of a method per drop.

    Raises:
        InputError: the method makes an error; one line names the method and the error.
    """
    from sagin.relaying.evaluation import evaluate_method, score_drops

    score = score_drops(evaluate_method(method.decide, scenario, drops, seed))
    return {"capacity": score.capacity, "printed_efficiency": score.efficiency}


def _check_finite(method: Method, kpis: Any) -> None:
    """Check that a method's slots give finite numbers, which reveals a NaN in its actions."""
    for name in ("throughput", "delay", "coverage"):
        wrong = np.argwhere(~np.isfinite(np.asarray(getattr(kpis, name))))
        if len(wrong):
            run, slot = (int(row) for row in wrong[0])
            raise InputError(
                f"method {method.name!r}: run {run}, slot {slot}: {name} is not finite "
                "(allowed: actions of finite numbers)"
            )
