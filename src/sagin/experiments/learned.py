"""The slicing study's learned methods: what each is, and a cell of the store that trains one seed of one and evaluates it."""

import dataclasses
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from sagin.experiments.store import Task, asked, digest
from sagin.experiments.training import ALGORITHMS, PLAN, POLICY, News, Plan, Seed, keep_plan, plan_of, read_plan, seed_folder
from sagin.experiments.training_evaluation import Test, actors, measured
from sagin.learning.settings import changed
from sagin.parameters import varied
from sagin.slicing.scenario import Scenario, check

SIZES = (8, 10, 12, 14, 16)
"""K_s of figures 4 to 6 and 10 to 12, the same for all slices."""
OTHERS = 10
"""Users of the slices that stand still while one is swept."""
Counts = tuple[int, int, int]


class Method(NamedTuple):
    """A learned method, as a row: how it is trained, and in what scenario."""

    name: str
    algorithm: str
    overrides: tuple[str, ...] = ()


ROWS = (
    Method("two-layer MADDPG", "two-layer-maddpg"),
    Method("uniform balancing", "two-layer-maddpg", ("balancing.rule=uniform",)),
    Method("no balancing", "two-layer-maddpg", ("balancing.rule=none",)),
    Method("fixed UAVs", "two-layer-maddpg", ("uavs.placement=fixed",)),
    Method("MADDPG", "maddpg"),
    Method("MAPPO", "mappo"),
    Method("MADDPG, drop", "maddpg", ("game.collision=drop",)),
    Method("MAPPO, drop", "mappo", ("game.collision=drop",)),
)
METHODS = {row.name: row for row in ROWS}
"""The proposed method, benchmarks 1, 2 and 5, and benchmarks 3 and 4 under either collision rule."""


@dataclasses.dataclass(frozen=True)
class Amount:
    """How much is trained and evaluated."""

    iterations: int
    seeds: int
    runs: int
    """Tests of a trained policy: other users, channels and arrivals."""
    slots: int
    """In a row, of a test."""
    settings: tuple[str, ...] = ()
    maddpg: tuple[str, ...] = ()
    """Further settings of MADDPG alone, so that a run of MAPPO doesn't depend on them."""
    each_size: bool = False
    """One network for every K_s; else one for all, trained on K_s drawn from SIZES."""


def sweeps() -> list[Counts]:
    """Return the users of H, L and C at which a policy is evaluated: all the same, then one slice swept beside OTHERS."""
    same = [(size, size, size) for size in SIZES]
    alone = [tuple(size if place == moved else OTHERS for place in range(3)) for moved in range(3) for size in SIZES]
    return list(dict.fromkeys([*same, *alone]))  # pyright: ignore[reportReturnType]


def plan(method: Method, scenario: Scenario, amount: Amount, most: int = SIZES[-1]) -> Plan:
    """Return the training run of a method, for up to `most` users a slice."""
    counts = [f"users.{name}={most}" for name in ("high_throughput", "low_delay", "wide_coverage")]
    drawn = [] if amount.each_size else [f"game.least_users={SIZES[0]}"]
    own = amount.maddpg if ALGORITHMS[method.algorithm].learner == "maddpg" else ()
    asked_for = varied(scenario, (*method.overrides, *counts, *drawn), check)
    return Plan(asked_for, method.algorithm, changed((*amount.settings, *own)), amount.iterations)


def cells(method: Method, scenario: Scenario, amount: Amount, number: int) -> list[Task]:
    """Return the cells of one seed of a method: one, or one a K_s."""
    parts = [(size, [(size, size, size)]) for size in SIZES] if amount.each_size else [(SIZES[-1], sweeps())]
    test = {"runs": amount.runs, "slots": amount.slots}
    return [
        asked("slicing-learned", plan=plan(method, scenario, amount, most).plain(), number=number, counts=[list(c) for c in counts], **test)
        for most, counts in parts
    ]


def work(task: Task) -> int:
    """Return the slots of a cell: those that it trains for."""
    return task["plan"]["iterations"]


def make(task: Task, folder: Path, advance: Callable[[int], Any], stopped: Callable[[], bool] = lambda: False) -> dict[str, Any]:
    """Train a seed, going on where it stopped, and return each KPI's mean over its tests, by counts.

    The training run stands in `folder`/learned, where `sagin evaluate` and `sagin curves` find it. KeyboardInterrupt if it was stopped;
    what it has learned is saved.
    """
    wanted, number = plan_of(task["plan"], "task"), task["number"]
    place = folder / "learned" / digest(task["plan"])[:16]
    known = read_plan(place)[1] if (place / PLAN).exists() else 0
    keep_plan(place, wanted, max(known, number + 1), resume=known > 0)
    seed = Seed(wanted, number, seed_folder(place, number))
    reached = seed.done
    advance(reached)

    def tell(news: News) -> None:
        nonlocal reached
        advance(news.done - reached)
        reached = news.done

    if not seed.go(tell, stopped):
        raise KeyboardInterrupt
    networks = actors(wanted, seed_folder(place, number) / POLICY)
    test, found = Test(task["slots"], task["runs"], 0, best=True), {}
    for counts in task["counts"]:
        samples = measured(wanted, networks, test, counts)
        found[named(counts)] = {name: float(f"{np.mean(values):.7g}") for name, values in samples.items()}
    return {"kpis": found}


def named(counts: Sequence[int]) -> str:
    """Return the name of users of H, L and C in a cell's result.

    >>> named((8, 10, 10))
    '8-10-10'
    """
    return "-".join(map(str, counts))
