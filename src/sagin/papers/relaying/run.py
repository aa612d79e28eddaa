"""Points of the relaying paper's figures: tasks, and the drops that they run."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jax
import numpy as np

from sagin.errors import InputError
from sagin.inputs import hash_file
from sagin.papers.relaying.sessions import ARRIVALS, SESSION_RUNS, evaluate_sessions
from sagin.parameters import read, to_mapping, vary_fields
from sagin.pool import load_function
from sagin.relaying.evaluation import evaluate_method
from sagin.relaying.frameworks import FRAMEWORKS, find_framework
from sagin.relaying.inputs import Inputs, prepare_inputs
from sagin.relaying.monte_carlo import chunk_size, run_drops, run_drops_with_views
from sagin.relaying.scenario import Scenario, check_scenario, replace_counts
from sagin.studies.digest import digest_method
from sagin.studies.engine import find_same_method
from sagin.studies.figure import Figure, Point, Task
from sagin.studies.record import Result, make_sample
from sagin.studies.store import build_task

CHUNKS = 8
"""Number of chunks of drops between two updates of the progress bar; results do not depend on it.
"""
RELAYS = (1, 5)
"""Numbers of relays with a common program; larger numbers have their own."""
MAX_BLOCKS = 100
"""Largest number of blocks of drops stored per point; each block has the place of a seed in the
records.
"""
METRICS = (
    "capacity",
    "printed_efficiency",
    "radiated_efficiency",
    "link_efficiency",
    "site_efficiency",
    "relayed",
    "direct",
    "aircraft",
    "served",
)
"""Per framework and drop."""
COMMON = ("users", "base_users", "excess", "triggered", "visible")
"""Per drop, the same for all frameworks."""
MAKE = f"{__name__}.make"
ALL = "all"
"""Method of the records of COMMON."""
COUNTS = ("users.count", "relay.count")
"""Swept fields that are traced; for any other field, each point has its own scenario."""
SESSIONS = "sessions"
"""Kind of tasks on sessions instead of drops."""

Advance = Callable[[int], Any]


@dataclass(frozen=True)
class Profile:
    """Amount of computation."""

    drops: int
    """Number of Monte Carlo drops per point."""
    seed: int = 0


PROFILES = {"quick": Profile(1000), "standard": Profile(10_000), "paper": Profile(10_000)}


def make_keys(seed: int, drops: int) -> jax.Array:
    """Return one key per drop."""
    return jax.random.split(jax.random.key(seed), drops)


def split_batches(scenario: Scenario, drops: int) -> Iterator[np.ndarray]:
    """Yield the indices of the drops of each batch.

    The last batch is padded with its last drop, so that all batches share one program.
    """
    chunk = min(chunk_size(scenario), drops)
    size = min(CHUNKS, -(-drops // chunk)) * chunk
    for start in range(0, drops, size):
        yield np.minimum(start + np.arange(size), drops - 1)


def simulate(
    inputs: Inputs,
    drops: int,
    seed: int,
    advance: Advance,
    users: int | None = None,
    *,
    relays: int | None = None,
    with_views: bool = False,
) -> dict[str, np.ndarray]:
    """Return per-drop metrics by name: METRICS of shape (drops, frameworks), COMMON (drops,).

    Args:
        inputs: inputs for this number of drops.
        drops: number of drops.
        seed: seed of all draws.
        advance: called with the number of drops of each finished batch.
        users: number of users who take part, at most the scenario's; None for all of them.
        relays: largest number of relays to send, at most the scenario's; None for all of them.
        with_views: whether to run the program that a scene needs too, so that only one is compiled.
    """
    scenario, keys = inputs.scenario, make_keys(seed, drops)
    count = scenario.users.count if users is None else users
    names, batches = (*METRICS, *COMMON), []
    for numbers in split_batches(scenario, drops):
        servings = inputs.servings
        if servings is not None:
            servings = jax.tree.map(lambda leaf, n=numbers: np.asarray(leaf)[n], servings)
        arguments = keys[numbers], scenario, count, inputs.layout, servings
        if with_views:
            summary = run_drops_with_views(*arguments)[0]
        else:
            summary = run_drops(*arguments, relays=relays)
        # without the copies that fill up the last batch
        size = len(np.unique(numbers))
        batches.append({name: np.asarray(getattr(summary, name))[:size] for name in names})
        advance(size)
    return {name: np.concatenate([batch[name] for batch in batches]) for name in names}


def list_points(
    figure: Figure, scenario: Scenario, profile: Profile, methods: Sequence[str] = ()
) -> list[Point]:
    """Return the tasks of a figure's points, one per value of the swept field.

    Each further method has one more task per value, on the same drops.

    Raises:
        InputError: the number of users, which figures sweep, would follow from cell sites; or a
            method does not exist.
    """
    if scenario.sites.file is not None:
        raise InputError(
            "field 'sites.file': figures sweep users.count, which cell sites set by their density "
            "(allowed: none; see `sagin relay`)"
        )
    tasks = [make_task(figure, value, scenario, profile) for value in figure.values]
    rows = list(zip(tasks, figure.values, strict=True))
    if figure.sweep == ARRIVALS:
        return [Point(task, SESSION_RUNS, x=value) for task, value in rows]
    for method in select_methods(methods):
        fields = {"method": method.name, "place": method.place, "source": digest_method(method)}
        rows += [
            ({**task, **fields}, value) for task, value in zip(tasks, figure.values, strict=True)
        ]
    return [Point(task, profile.drops, task.get("place", ""), x=value) for task, value in rows]


def select_methods(names: Sequence[str]) -> list[Any]:
    """Return the named methods.

    Raises:
        InputError: a method does not exist, or has the name of a framework.
    """
    methods = load_function("sagin.methods.table.find_methods")(names, "relaying") if names else []
    known = [row.name for row in FRAMEWORKS]
    for method in methods:
        if method.name in known:
            raise InputError(
                f"method {method.source!r}: {method.name!r} is a framework of the paper (allowed: "
                "a name of its own)"
            )
    return methods


def make_task(figure: Figure, value: float, scenario: Scenario, profile: Profile) -> Task:
    """Return the input of a worker for one value of a figure's swept field.

    Users are padded to the sweep's largest number, so its points share a program and drops.
    """
    swept = () if figure.sweep in COUNTS else (f"{figure.sweep}={value}",)
    scenario = vary_fields(scenario, (*figure.overrides, *swept), check_scenario)
    counts: dict[str, int] = dict(
        zip(COUNTS, (scenario.users.count, scenario.relay.count), strict=True)
    )
    rows = int(max(figure.values)) if figure.sweep == "users.count" else scenario.users.count
    if not swept:
        counts[figure.sweep] = int(value)
    padded = check_scenario(replace_counts(scenario, rows, counts["relay.count"]))
    elements = scenario.orbit.elements if scenario.satellite.source == "elements" else None
    content = None if elements is None else hash_file(elements)
    kind = {"kind": SESSIONS} if figure.sweep == ARRIVALS else {}
    if scenario.sites.file is not None:
        kind["sites"] = hash_file(scenario.sites.file)
    return build_task(
        "relaying",
        MAKE,
        **kind,
        scenario=to_mapping(padded),
        users=counts["users.count"],
        elements=content,
        drops=profile.drops,
        seed=profile.seed,
    )


def make(task: Task, advance: Advance, folder: Path) -> Result:
    """Compute the result of a task.

    A task is of all frameworks, of a method (which decides for CUD), or of sessions under
    satellites.
    """
    del folder
    if task.get("kind") == SESSIONS:
        result = evaluate_sessions(read(Scenario, task["scenario"]), task["seed"])
        advance(SESSION_RUNS)
        return result
    if "method" in task:
        return evaluate_own(task, advance)
    scenario = read(Scenario, task["scenario"])
    inputs, relays = prepare_inputs(pad_relays(scenario), task["drops"]), scenario.relay.count
    arguments = inputs, task["drops"], task["seed"], advance, task["users"]
    return summarise(simulate(*arguments, relays=relays))


def pad_relays(scenario: Scenario) -> Scenario:
    """Return a scenario with more relays, as many as other scenarios have, to share a program.

    If a rule places one relay after another, relays that are not sent change no digit of a result.
    """
    one_by_one = scenario.algorithm.placement == "hotspot"
    if not one_by_one or scenario.power.objective != "capacity":
        return scenario
    count = scenario.relay.count
    padded = next((bucket for bucket in RELAYS if bucket >= count), count)
    return replace_counts(scenario, scenario.users.count, padded)


def evaluate_own(task: Task, advance: Advance) -> Result:
    """Return CUD's results if a user's method decides, on the drops of the frameworks.

    Users are not padded: the method sees those who take part.
    """
    method = find_same_method(task["place"], "relaying", task["source"])
    padded = read(Scenario, task["scenario"])
    scenario = replace_counts(padded, task["users"], padded.relay.count)
    summary = evaluate_method(method.decide, scenario, task["drops"], task["seed"])
    advance(task["drops"])
    row = find_framework("cud")
    values = {name: getattr(summary, name)[:, row] for name in METRICS}
    means = average_blocks(values)
    return Result([make_sample(task["method"], name, means[name]) for name in METRICS])


def count_blocks(drops: int) -> int:
    """Return the largest number of equal blocks of drops, at most MAX_BLOCKS.

    >>> count_blocks(10_000), count_blocks(64), count_blocks(250)
    (100, 64, 50)
    """
    return max(blocks for blocks in range(1, MAX_BLOCKS + 1) if drops % blocks == 0)


def summarise(arrays: dict[str, np.ndarray]) -> Result:
    """Return the means over equal, consecutive blocks of drops.

    The blocks are independent, and in each all frameworks meet the same users and channels.
    """
    means = average_blocks(arrays)
    choices = [
        make_sample(row.name, name, means[name][:, number])
        for name in METRICS
        for number, row in enumerate(FRAMEWORKS)
    ]
    return Result([*choices, *(make_sample(ALL, name, means[name]) for name in COMMON)])


def average_blocks(arrays: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Return the means over blocks of drops, blocks leading."""
    blocks = count_blocks(len(arrays[METRICS[0]]))
    return {
        name: values.astype(np.float64).reshape(blocks, -1, *values.shape[1:]).mean(axis=1)
        for name, values in arrays.items()
    }
