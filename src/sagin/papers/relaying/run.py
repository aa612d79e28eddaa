"""Points of the relaying paper's figures: what a task holds, and the drops that it runs."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jax
import numpy as np

from sagin.errors import InputError
from sagin.parameters import read, to_mapping, vary_fields
from sagin.relaying.frameworks import FRAMEWORKS
from sagin.relaying.inputs import Inputs, prepare_inputs
from sagin.relaying.monte_carlo import chunk_size, run_drops, run_drops_with_views
from sagin.relaying.sampling import Serving
from sagin.relaying.scenario import Scenario, check_scenario, replace_counts
from sagin.studies.figure import Figure, Point, Task
from sagin.studies.record import Result, make_sample
from sagin.studies.store import build_task

CHUNKS = 8
"""Chunks of drops between two movements of the progress bar; results do not depend on it."""
MAX_BLOCKS = 100
"""Blocks of drops that are stored per point; each takes the part of a seed in the records."""
METRICS = (
    "capacity",
    "printed_efficiency",
    "radiated_efficiency",
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

Advance = Callable[[int], Any]


@dataclass(frozen=True)
class Profile:
    """How much is computed."""

    drops: int
    """Monte Carlo drops per point."""
    seed: int = 0


PROFILES = {"quick": Profile(1000), "standard": Profile(10_000), "paper": Profile(10_000)}


def make_keys(seed: int, drops: int) -> jax.Array:
    """Return one key per drop."""
    return jax.random.split(jax.random.key(seed), drops)


def split_batches(scenario: Scenario, drops: int) -> Iterator[np.ndarray]:
    """Yield the numbers of the drops of each batch.

    The last batch is filled up with its last drop, so that all batches share one program.
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
    with_views: bool = False,
) -> dict[str, np.ndarray]:
    """Return per-drop metrics by name: METRICS of shape (drops, frameworks), COMMON (drops,).

    Args:
        inputs: those of that many drops.
        drops: number of drops.
        seed: of all draws.
        advance: called with the number of drops of each finished batch.
        users: how many take part, at most the scenario's; None for all of them.
        with_views: whether to run the program that a scene needs too, so that only one is compiled.
    """
    scenario, keys = inputs.scenario, make_keys(seed, drops)
    count = scenario.users.count if users is None else users
    names, batches = (*METRICS, *COMMON), []
    for numbers in split_batches(scenario, drops):
        servings = inputs.servings
        if servings is not None:
            servings = Serving(*(values[numbers] for values in servings))
        arguments = keys[numbers], scenario, count, inputs.layout, servings
        summary = run_drops_with_views(*arguments)[0] if with_views else run_drops(*arguments)
        # without the copies that fill up the last batch
        size = len(np.unique(numbers))
        batches.append({name: np.asarray(getattr(summary, name))[:size] for name in names})
        advance(size)
    return {name: np.concatenate([batch[name] for batch in batches]) for name in names}


def list_points(
    figure: Figure, scenario: Scenario, profile: Profile, methods: Sequence[str] = ()
) -> list[Point]:
    """Return the tasks of a figure's points, one per value of the swept field.

    Raises:
        InputError: the number of users, which figures sweep, would follow from cell sites; or a
            method is asked for that is none of the frameworks.
    """
    if scenario.sites.file is not None:
        raise InputError(
            "field 'sites.file': figures sweep users.count, which cell sites set by their density "
            "(allowed: none; see `sagin relay`)"
        )
    if methods:
        known = ", ".join(row.name for row in FRAMEWORKS)
        raise InputError(
            f"--method {methods[0]}: figures of relaying show the frameworks alone ({known})"
        )
    tasks = [make_task(figure, value, scenario, profile) for value in figure.values]
    return [
        Point(task, profile.drops, x=value)
        for task, value in zip(tasks, figure.values, strict=True)
    ]


def make_task(figure: Figure, value: float, scenario: Scenario, profile: Profile) -> Task:
    """Return what a worker has to compute at one value of a figure's swept field.

    Users are padded to the sweep's greatest number, so that its points share a program and drops.
    """
    scenario = vary_fields(scenario, figure.overrides, check_scenario)
    counts = {"users.count": scenario.users.count, "relay.count": scenario.relay.count}
    rows = int(max(figure.values)) if figure.sweep == "users.count" else scenario.users.count
    counts[figure.sweep] = int(value)
    padded = check_scenario(replace_counts(scenario, rows, counts["relay.count"]))
    elements = scenario.orbit.elements if scenario.satellite.source == "elements" else None
    content = None if elements is None else hashlib.sha256(Path(elements).read_bytes()).hexdigest()
    return build_task(
        "relaying",
        MAKE,
        scenario=to_mapping(padded),
        users=counts["users.count"],
        elements=content,
        drops=profile.drops,
        seed=profile.seed,
    )


def make(task: Task, advance: Advance, folder: Path) -> Result:
    """Return the result of a task."""
    del folder
    inputs = prepare_inputs(read(Scenario, task["scenario"]), task["drops"])
    return summarise(simulate(inputs, task["drops"], task["seed"], advance, task["users"]))


def count_blocks(drops: int) -> int:
    """Return the greatest number of equal blocks of drops, at most MAX_BLOCKS.

    >>> count_blocks(10_000), count_blocks(64), count_blocks(250)
    (100, 64, 50)
    """
    return max(blocks for blocks in range(1, MAX_BLOCKS + 1) if drops % blocks == 0)


def summarise(arrays: dict[str, np.ndarray]) -> Result:
    """Return the means over equal, consecutive blocks of drops.

    The blocks are independent, and in each all frameworks meet the same users and channels.
    """
    blocks = count_blocks(len(arrays[METRICS[0]]))
    means = {
        name: values.astype(np.float64).reshape(blocks, -1, *values.shape[1:]).mean(axis=1)
        for name, values in arrays.items()
    }
    choices = [
        make_sample(row.name, name, means[name][:, number])
        for name in METRICS
        for number, row in enumerate(FRAMEWORKS)
    ]
    return Result([*choices, *(make_sample(ALL, name, means[name]) for name in COMMON)])
