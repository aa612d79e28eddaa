"""Monte Carlo over drops as one compiled program, in chunks of bounded memory.

A sweep over users compiles once.
"""

import math
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax.typing import ArrayLike
from jaxtyping import Array, Bool, Float, Int

from sagin.compile_cache import PROGRAM_LIMIT
from sagin.relaying.decision import DecisionRule
from sagin.relaying.frameworks import FRAMEWORKS
from sagin.relaying.links import find_cells, locate_stations
from sagin.relaying.network import evaluate_drop
from sagin.relaying.results import Detail, Summary
from sagin.relaying.sampling import Layout, Realisation, Serving, count_rows, sample_drop
from sagin.relaying.scenario import Scenario, replace_counts

CHUNK = 64
"""Largest number of drops computed at once; more drops gain nothing on a CPU."""

MEMORY = 512e6
"""Largest memory of the drops computed at once, bytes."""


def chunk_size(scenario: Scenario) -> int:
    """Return how many drops are computed at once.

    The number is at most CHUNK, and lower if the pairs of users would exceed MEMORY. A drop holds
    about four arrays over pairs of users, and forty over frameworks, users and nodes, of 4 bytes
    per number.

    >>> chunk_size(Scenario())
    64
    """
    rows = count_rows(scenario)
    numbers = 4 * rows**2 + 40 * len(FRAMEWORKS) * rows * (scenario.relay.count + 1)
    return int(min(max(MEMORY // (4 * numbers), 1), CHUNK))


class DropView(NamedTuple):
    """Positions of users and nodes in a drop, and the serving nodes under the framework CUD."""

    users: Float[Array, "*drops users 2"]
    """Positions of users, east and north of the GBS, m."""
    present: Bool[Array, "*drops users"]
    """Mask of rows that are users."""
    nodes: Float[Array, "*drops nodes 2"]
    """Positions of the GBS, the relays and further base stations, east and north of the GBS, m;
    never empty, which `lax.map` could not batch.
    """
    active: Bool[Array, "*drops nodes"]
    """Whether a relay is sent; True for base stations."""
    node: Int[Array, "*drops users"]
    """Serving node of a user: index in `nodes`, or the next number for the satellite directly; −1
    for none.
    """
    serving: Serving


def build_view(scenario: Scenario, drop: Realisation, detail: Detail) -> DropView:
    """Build the view of a drop for pictures."""
    stations = locate_stations(scenario)
    cells = find_cells(scenario, drop.users) if len(stations) > 1 else jnp.zeros_like(detail.base)
    of_cell = detail.base[:, None] & (cells[:, None] == jnp.arange(len(stations)))
    # nodes of CUD: first station, relays, further stations, satellite
    relays, direct = detail.served[0, :, :-1], detail.served[0, :, -1:]
    served = jnp.concatenate([of_cell[:, :1], relays, of_cell[:, 1:], direct], axis=1)
    # a user is served by one node at most, −1 by none
    node = jnp.where(jnp.any(served, axis=1), jnp.argmax(served, axis=1), -1)
    nodes = jnp.concatenate([stations[:1], detail.relays, stations[1:]])
    active = jnp.concatenate([jnp.ones(1, bool), detail.sent[0], jnp.ones(len(stations) - 1, bool)])
    return DropView(drop.users, drop.present, nodes, active, node, drop.serving)


def run_drop(
    key: Array,
    scenario: Scenario,
    users: ArrayLike,
    layout: Layout | None = None,
    serving: Serving | None = None,
) -> Summary:
    """Compute one drop's results for all frameworks.

    This is a pure function of key, scenario and number of users (at most the scenario's). Every
    framework meets the same users and channels.

    Args:
        key: random key of the drop.
        scenario: relaying scenario.
        users: number of users present, at most `users.count`.
        layout: positions where users gather; None: one hotspot with a random centre.
        serving: the serving satellite of a real orbit; None: the circular pass.
    """
    return evaluate_drop(scenario, sample_drop(key, scenario, users, layout, serving))[0]


@partial(jax.jit, static_argnames=("chunk", "seen", "rule"))
def _run(
    keys: Array,
    scenario: Scenario,
    users: Array,
    layout: Layout | None,
    servings: Serving | None,
    *,
    relays: ArrayLike,
    chunk: int,
    seen: bool = False,
    rule: DecisionRule | None = None,
) -> tuple[Summary, DropView | None]:
    # one number of users: all drops in chunks that fit the cache
    def at(number: Array) -> tuple[Summary, DropView | None]:
        def drop(item: tuple[Array, Serving | None]) -> tuple[Summary, DropView | None]:
            realisation = sample_drop(item[0], scenario, number, layout, item[1])
            summary, detail = evaluate_drop(scenario, realisation, rule, relays)
            return summary, build_view(scenario, realisation, detail) if seen else None

        return jax.lax.map(drop, (keys, servings), batch_size=chunk)

    return jax.lax.map(at, users)


def run_drops(
    keys: Array,
    scenario: Scenario,
    users: ArrayLike,
    layout: Layout | None = None,
    servings: Serving | None = None,
    *,
    relays: int | None = None,
    rule: DecisionRule | None = None,
) -> Summary:
    """Run the drops of some keys at one number of users.

    Args:
        keys: one per drop; a multiple of `chunk_size` avoids a second program for the remainder.
        scenario: its number of users is the number of computed rows; padding changes nothing else.
        users: number of users who take part, or its mean, at most the scenario's. It is traced, so
            runs that differ in it share a program.
        layout: positions where users gather.
        servings: satellites with a leading axis (drops,); None takes the circular pass.
        relays: largest number of relays to send, at most the scenario's; None: all. It is traced
            too.
        rule: a compiled method; None takes the scenario's.

    Returns:
        Results with a leading axis (drops,).
    """
    return _run_at(keys, scenario, users, layout, servings, relays=relays, rule=rule)[0]


def run_drops_with_views(
    keys: Array,
    scenario: Scenario,
    users: ArrayLike,
    layout: Layout | None = None,
    servings: Serving | None = None,
) -> tuple[Summary, DropView]:
    """Run drops like `run_drops`, and build a view of each; this is another compiled program."""
    summary, views = _run_at(keys, scenario, users, layout, servings, seen=True)
    assert views is not None
    return summary, views


def _run_at(
    keys: Array,
    scenario: Scenario,
    users: ArrayLike,
    layout: Layout | None,
    servings: Serving | None,
    *,
    relays: int | None = None,
    seen: bool = False,
    rule: DecisionRule | None = None,
) -> tuple[Summary, DropView | None]:
    # relays and users are padded to the most, so that one program serves all
    chunk = min(chunk_size(scenario), keys.shape[0])
    numbers = np.asarray(users, np.int32)[None]
    most = scenario.relay.count if relays is None else relays
    arguments = keys, _share_program(scenario), numbers, layout, servings
    summary = _run(*arguments, relays=most, chunk=chunk, seen=seen, rule=rule)
    return jax.tree.map(lambda values: np.asarray(values)[0], summary)


def _share_program(scenario: Scenario) -> Scenario:
    """Return a scenario with equal results whose program other scenarios share.

    If the satellite's power does not count, it is set to that of one beam of infinite antenna gain,
    which is 0.
    """
    if scenario.energy.satellite != "excluded":
        return scenario
    energy = replace(scenario.energy, satellite="beam", satellite_gain_dbi=math.inf)
    return replace(scenario, energy=energy)


def sweep_users(
    key: Array,
    scenario: Scenario,
    drops: int,
    users: Sequence[int],
    *,
    layout: Layout | None = None,
    servings: Serving | None = None,
    chunk: int | None = None,
    rule: DecisionRule | None = None,
) -> Summary:
    """Sweep the number of users with one program for all numbers.

    Drop n has the same positions and channels at every number of users, of which more or fewer take
    part. Differences between numbers of users and between frameworks are therefore paired.
    Differences between numbers of relays are paired too, but each number is a separate scenario and
    program.

    Args:
        key: key of all drops.
        scenario: its number of users is replaced.
        drops: number of drops.
        users: numbers of users, or their means.
        layout: positions where users gather, from `sites`.
        servings: satellites of the drops, with a leading axis (drops,), from `satellites`; None
            takes the circular pass.
        chunk: drops computed at once; results do not depend on it.
        rule: a compiled method; None takes the scenario's.

    Returns:
        Results with leading axes (users, drops).
    """
    PROGRAM_LIMIT.check()
    padded = replace_counts(scenario, max(users), scenario.relay.count)
    chunk = min(chunk or chunk_size(padded), drops)
    # a last chunk that is not full would compile the program a second time
    whole = np.minimum(np.arange(-(-drops // chunk) * chunk), drops - 1)
    keys = jax.random.split(key, drops)[whole]
    filled = jax.tree.map(lambda values: values[whole], servings)
    numbers = jnp.asarray(np.array(users, dtype=np.int32))
    most = padded.relay.count
    arguments = keys, _share_program(padded), numbers, layout, filled
    summary = _run(*arguments, relays=most, chunk=chunk, rule=rule)[0]
    return jax.tree.map(lambda values: values[:, :drops], summary)


def simulate(
    key: Array,
    scenario: Scenario,
    drops: int,
    *,
    layout: Layout | None = None,
    servings: Serving | None = None,
    chunk: int | None = None,
    rule: DecisionRule | None = None,
) -> Summary:
    """Simulate many drops of a scenario, with a leading axis (drops,).

    Args:
        key: key of all drops.
        scenario: relaying scenario.
        drops: number of drops.
        layout: positions where users gather, from `sites`.
        servings: satellites of the drops, with a leading axis (drops,), from `satellites`; None
            takes the circular pass.
        chunk: drops computed at once; results do not depend on it.
        rule: a compiled method; None takes the scenario's.
    """
    summary = sweep_users(
        key,
        scenario,
        drops,
        [scenario.users.count],
        layout=layout,
        servings=servings,
        chunk=chunk,
        rule=rule,
    )
    return jax.tree.map(lambda values: values[0], summary)
