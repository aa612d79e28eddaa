"""The slicing study's learned methods: what each is, and a cell of the store that trains one seed
of one and evaluates it.
"""

import dataclasses
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from sagin.experiments.learned_movement import movement, plain
from sagin.experiments.store import Task, asked
from sagin.experiments.study import BOUND
from sagin.experiments.training_evaluation import Test, measured
from sagin.experiments.training_scene import trace
from sagin.learning.settings import make_settings
from sagin.parameters import vary_fields
from sagin.slicing.scenario import Scenario, check_scenario, resize_slices
from sagin.training.algorithms import ALGORITHMS
from sagin.training.policy import read_actors
from sagin.training.run import POLICY, TrainingRun, parse_run
from sagin.training.seed import Progress, SeedTraining

SIZES = (8, 10, 12, 14, 16)
"""K_s of figures 4 to 6 and 10 to 12, the same for all slices."""
OTHERS = 10
"""Users of the slices that stand still while one is swept."""
STUDY = "slicing-learned"
Counts = tuple[int, int, int]


class Method(NamedTuple):
    """A learned method, as a row: how it is trained, and in what scenario."""

    name: str
    algorithm: str
    overrides: tuple[str, ...] = ()


PROPOSED, UNIFORM, NONE, FIXED = (
    "two-layer MADDPG",
    "uniform balancing",
    "no balancing",
    "fixed UAVs",
)
SINGLE, DROPPING = ("MADDPG", "MAPPO"), ("MADDPG, drop", "MAPPO, drop")
ROWS = (
    Method(PROPOSED, "two-layer-maddpg"),
    Method(UNIFORM, "two-layer-maddpg", ("balancing.rule=uniform",)),
    Method(NONE, "two-layer-maddpg", ("balancing.rule=none",)),
    Method(FIXED, "two-layer-maddpg", ("uavs.placement=fixed",)),
    *(Method(name, name.lower()) for name in SINGLE),
    *(
        Method(name, name.lower().removesuffix(", drop"), ("game.collision=drop",))
        for name in DROPPING
    ),
)
METHODS = {row.name: row for row in ROWS}
"""The proposed method, benchmarks 1, 2 and 5, and benchmarks 3 and 4 under either collision rule.
"""
MOVING = (PROPOSED, FIXED)
"""Methods of which it is kept where UAVs are."""
PLACE = (OTHERS, OTHERS, OTHERS)
"""Users of H, L and C there."""


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
    methods: tuple[str, ...] = tuple(METHODS)
    alone: bool = True
    """Whether a policy is evaluated with one slice swept by itself, too."""
    layouts: int = 20
    """Runs of which it is kept where UAVs are and who has access to them."""
    beside: tuple[str, ...] = ("planner", "greedy", "random", BOUND)
    """What needs no learning and is drawn beside; of the bound, which takes seconds a slot, the
    slots of few runs.
    """
    curves: tuple[int, int] = (60_000, 5)
    """Iterations and seeds of figure 3, the paper's networks at its K_s."""


SHARED, FASTER = ("network.kind=shared",), ("maddpg.actor_rate=3e-4",)
AMOUNTS = {
    "quick": Amount(
        iterations=300,
        seeds=2,
        runs=8,
        slots=5,
        settings=SHARED,
        maddpg=FASTER,
        methods=(PROPOSED, UNIFORM, NONE, FIXED, *SINGLE),
        alone=False,
        layouts=4,
        beside=("greedy", "random"),
        curves=(1000, 1),
    ),
    "standard": Amount(15_000, 10, 50, 20, SHARED, FASTER),
    "paper": Amount(30_000, 10, 50, 20, each_size=True),
}
"""By profile: shared networks for every K_s at once, or the paper's flat ones for each."""


def sweeps(alone: bool = True) -> list[Counts]:
    """Return the users of H, L and C at which a policy is evaluated: all the same, then one slice
    swept beside OTHERS.
    """
    same = [(size, size, size) for size in SIZES]
    swept = [
        tuple(size if place == moved else OTHERS for place in range(3))
        for moved in range(3)
        for size in SIZES
    ]
    return list(dict.fromkeys([*same, *(swept if alone else [])]))  # pyright: ignore[reportReturnType]


def sized(scenario: Scenario, most: int) -> Scenario:
    """Return the scenario with rows for so many users in each slice."""
    return resize_slices(scenario, (most, most, most))


def plan(method: Method, scenario: Scenario, amount: Amount, most: int = SIZES[-1]) -> TrainingRun:
    """Return the training run of a method, for up to `most` users a slice."""
    drawn = [] if amount.each_size else [f"game.least_users={SIZES[0]}"]
    own = amount.maddpg if ALGORITHMS[method.algorithm].learner == "maddpg" else ()
    asked_for = vary_fields(sized(scenario, most), (*method.overrides, *drawn), check_scenario)
    return TrainingRun(
        asked_for, method.algorithm, make_settings((*amount.settings, *own)), amount.iterations
    )


def cells(method: Method, scenario: Scenario, amount: Amount, number: int) -> list[Task]:
    """Return the cells of one seed of a method: one, or one a K_s."""
    parts = (
        [(size, [(size, size, size)]) for size in SIZES]
        if amount.each_size
        else [(SIZES[-1], sweeps(amount.alone))]
    )
    test = {"runs": amount.runs, "slots": amount.slots}
    flying = (
        method.name in MOVING
        and scenario.uavs.count > 0
        and len(scenario.base_stations.positions_m) > 0
    )
    return [
        asked(
            STUDY,
            plan=plan(method, scenario, amount, most).to_plain(),
            number=number,
            counts=[list(c) for c in counts],
            layouts=amount.layouts if flying and PLACE in counts else 0,
            **test,
        )
        for most, counts in parts
    ]


def work(task: Task) -> int:
    """Return the slots of a cell: those that it trains for."""
    return task["plan"]["iterations"]


def make(task: Task, advance: Callable[[int], Any], folder: Path) -> dict[str, Any]:
    """Train a seed in its cell's folder, going on where it stopped, and return each KPI's mean over
    its tests, by users, the best validation, and where UAVs are.
    """
    wanted = parse_run(task["plan"], "task")
    seed = trained(wanted, task["number"], advance, folder)
    networks = read_actors(wanted, folder / POLICY)
    test, found = Test(task["slots"], task["runs"], 0, best=True), {}
    for counts in task["counts"]:
        samples = measured(wanted, networks, test, counts)
        found[named(counts)] = {
            name: float(f"{np.mean(values):.7g}") for name, values in samples.items()
        }
    traces = [
        trace(wanted, networks, number, task["slots"], PLACE) for number in range(task["layouts"])
    ]
    where = (
        {"movement": movement(wanted.scenario, traces), "trace": plain(traces[0])} if traces else {}
    )
    return {"kpis": found, "score": seed.best, **where}


def trained(
    wanted: TrainingRun, number: int, advance: Callable[[int], Any], folder: Path
) -> SeedTraining:
    """Return a seed trained to its end in a folder; `advance` is told the slots done, those before
    a restart too.

    KeyboardInterrupt of `advance` comes through once what is learned so far is saved.
    """
    seed = SeedTraining(wanted, number, folder)
    reached = seed.done
    advance(reached)

    def heard(news: Progress) -> None:
        nonlocal reached
        steps, reached = news.done - reached, news.done
        advance(steps)

    seed.train(heard)
    return seed


def named(counts: Sequence[int]) -> str:
    """Return the name of users of H, L and C in a cell's result.

    >>> named((8, 10, 10))
    '8-10-10'
    """
    return "-".join(map(str, counts))
