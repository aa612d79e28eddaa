"""Drops of many readings of the relaying paper in one program: numbers and choices are traced."""

from collections.abc import Mapping
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int

from sagin.choices import Choice, put_value
from sagin.papers.relaying.run import make_keys
from sagin.parameters import read
from sagin.relaying.energy import PowerAccounts
from sagin.relaying.frameworks import FRAMEWORKS
from sagin.relaying.monte_carlo import CHUNK
from sagin.relaying.network import account_powers, evaluate_drop, measure_activity
from sagin.relaying.sampling import sample_drop
from sagin.relaying.scenario import Scenario, replace_counts
from sagin.studies.engine import Advance
from sagin.studies.figure import Task
from sagin.studies.record import Result, make_sample
from sagin.studies.space import list_choices

MAKE = f"{__name__}.make"
PAIRS = 8 * CHUNK
"""Number of pairs of a reading and a drop per call, so that all calls share a program."""
ACCOUNTS = PowerAccounts._fields
SATELLITE = ("excluded", "beam", "standing", "bands")
"""Ways to count the satellite's power."""


def name_efficiency(account: str, satellite: str) -> str:
    """Return the metric of an account of power, the satellite's by a row of SATELLITE."""
    return f"{account}_efficiency, satellite {satellite}"


def pad_scenario(scenario: Scenario, users: float) -> Scenario:
    """Pad a scenario with rows for its largest number of users, of whom `users` take part."""
    del users
    return replace_counts(scenario, scenario.users.count, scenario.relay.count)


def _put_values(scenario: Scenario, values: Mapping[str, Array]) -> Scenario:
    """Return the scenario of a reading; its values may be traced."""
    choices = list_choices(Scenario)
    for name, value in values.items():
        traced = Choice(value, choices[name]) if name in choices else value
        scenario = put_value(scenario, name, traced)
    return scenario


def measure_drop(
    scenario: Scenario, key: Array, users: Array
) -> Float[Array, "metrics frameworks"]:
    """Measure a drop's capacity and its efficiency by every account, as `list_metrics` lists."""
    drop = sample_drop(key, scenario, users)
    summary, detail = evaluate_drop(scenario, drop)
    activity = measure_activity(scenario, detail, drop.serving.visible)
    rows = [summary.capacity]
    for satellite in SATELLITE:
        powers = account_powers(put_value(scenario, "energy.satellite", satellite), activity)
        rows += [summary.capacity / getattr(powers, account) for account in ACCOUNTS]
    return jnp.stack([jnp.asarray(row) for row in rows])


def list_metrics() -> list[str]:
    """Return the metrics of a drop."""
    return ["capacity", *(name_efficiency(a, s) for s in SATELLITE for a in ACCOUNTS)]


@jax.jit
def _run_pairs(
    keys: Array, scenario: Scenario, values: dict[str, Array], users: Int[Array, ""]
) -> Float[Array, "pairs metrics frameworks"]:
    def measure(pair: tuple[Array, dict[str, Array]]) -> Array:
        return measure_drop(_put_values(scenario, pair[1]), pair[0], users)

    return jax.lax.map(measure, (keys, values), batch_size=CHUNK)


def make(task: Task, advance: Advance, folder: Path) -> Result:
    """Return the means over blocks of drops of each reading of a task, with readings as seeds."""
    del folder
    scenario = read(Scenario, task["scenario"])
    choices = list_choices(Scenario)
    values = {
        name: np.asarray(column, np.int32 if name in choices else np.float32)
        for name, column in task["values"].items()
    }
    readings, drops = len(next(iter(values.values()))), task["drops"]
    pairs = readings * drops
    # pairs of a reading and a drop, drops running fastest
    rows, numbers = np.divmod(np.arange(pairs), drops)
    keys = make_keys(task["seed"], drops)
    parts = []
    for start in range(0, pairs, PAIRS):
        # the last call is filled up with its last pair
        index = np.minimum(np.arange(start, start + PAIRS), pairs - 1)
        chosen = {name: column[rows[index]] for name, column in values.items()}
        part = _run_pairs(keys[numbers[index]], scenario, chosen, np.int32(int(task["x"])))
        parts.append(np.asarray(part)[: pairs - start])
        advance(len(parts[-1]))
    means = _average(np.concatenate(parts), readings, task["blocks"])
    return Result(
        [
            make_sample(framework.name, metric, means[:, :, number, column])
            for number, metric in enumerate(list_metrics())
            for column, framework in enumerate(FRAMEWORKS)
        ]
    )


def _average(
    values: Float[np.ndarray, "pairs metrics frameworks"], readings: int, blocks: int
) -> Float[np.ndarray, "readings blocks metrics frameworks"]:
    """Return the means over equal, consecutive blocks of each reading's drops."""
    split = values.reshape(readings, blocks, -1, *values.shape[1:])
    return split.mean(axis=2, dtype=np.float64)
