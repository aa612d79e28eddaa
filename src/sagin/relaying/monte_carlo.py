"""Monte Carlo over drops as one compiled program, in chunks of bounded memory; a sweep over users or relays compiles once."""

from collections.abc import Sequence
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array

from sagin.relaying.network import Summary, evaluate
from sagin.relaying.sampling import Layout, Load, Serving, sample
from sagin.relaying.scenario import Scenario, with_counts

CHUNK = 64
"""Drops computed at once."""


def run_drop(key: Array, scenario: Scenario, load: Load, layout: Layout | None = None, serving: Serving | None = None) -> Summary:
    """Return one drop's results for all frameworks, a pure function of key and scenario;
    every framework meets the same users and channels.
    """
    return evaluate(scenario, sample(key, scenario, load, layout, serving))[0]


@partial(jax.jit, static_argnames=("chunk",))
def _run(keys: Array, scenario: Scenario, loads: Load, layout: Layout | None, servings: Serving | None, *, chunk: int) -> Summary:
    def at(load: Load) -> Summary:
        def drop(item: tuple[Array, Serving | None]) -> Summary:
            return run_drop(item[0], scenario, load, layout, item[1])

        return jax.lax.map(drop, (keys, servings), batch_size=chunk)

    return jax.lax.map(at, loads)


def run_drops(keys: Array, scenario: Scenario, load: Load, layout: Layout | None = None, servings: Serving | None = None) -> Summary:
    """Return the results of the drops of these keys, with a leading axis (drops,), at one load of users and relays.

    The scenario's counts are the rows that are computed, of which the load's,
    traced, take part; so runs that differ in the load share a program.
    keys: shape (drops,); a multiple of CHUNK spares a second program for the rest. servings: with a leading axis (drops,), or None.
    """
    loads = jax.tree.map(lambda number: jnp.asarray(number, jnp.int32)[None], load)
    found = _run(keys, scenario, loads, layout, servings, chunk=min(CHUNK, keys.shape[0]))
    return jax.tree.map(lambda values: values[0], found)


def sweep(
    key: Array,
    scenario: Scenario,
    drops: int,
    loads: Sequence[tuple[int, int]],
    *,
    layout: Layout | None = None,
    servings: Serving | None = None,
    chunk: int = CHUNK,
) -> Summary:
    """Return the results at each load, (users, relays), with leading axes (loads, drops): one program for all of them.

    Drop n is the same place and channels at every load, of which more or fewer users and relays take part, so differences between loads and
    between frameworks are paired. The numbers in `loads` replace the scenario's.

    servings: satellites of the drops, with a leading axis (drops,), from `satellites`; None takes the circular pass.
    layout: places where users gather, from `sites`. chunk: drops computed at once; results don't depend on it.
    """
    users, relays = (max(numbers) for numbers in zip(*loads, strict=True))
    asked = Load(*(jnp.asarray(np.array(numbers, dtype=np.int32)) for numbers in zip(*loads, strict=True)))
    chunk = min(chunk, drops)
    # a last chunk that is not full would compile the program a second time
    whole = np.minimum(np.arange(-(-drops // chunk) * chunk), drops - 1)
    keys, filled = jax.random.split(key, drops)[whole], jax.tree.map(lambda values: values[whole], servings)
    found = _run(keys, with_counts(scenario, users, relays), asked, layout, filled, chunk=chunk)
    return jax.tree.map(lambda values: values[:, :drops], found)


def simulate(
    key: Array, scenario: Scenario, drops: int, *, layout: Layout | None = None, servings: Serving | None = None, chunk: int = CHUNK
) -> Summary:
    """Return the results of many drops of a scenario, with a leading axis (drops,); see `sweep`."""
    load = [(scenario.users.count, scenario.relay.count)]
    return jax.tree.map(lambda values: values[0], sweep(key, scenario, drops, load, layout=layout, servings=servings, chunk=chunk))
