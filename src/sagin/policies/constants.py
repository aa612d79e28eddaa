"""Constants by scenario: those of the paper are stored, any other one is searched on demand."""

import dataclasses
import functools
import json
from collections.abc import Callable
from importlib import resources
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from sagin.policies.constant import (
    DEFAULT,
    Constant,
    ConstantEffort,
    build_constant_policy,
    search_constant,
)
from sagin.slicing.policy import Policy
from sagin.slicing.scenario import (
    Scenario,
    build_scenario,
    number_choices,
    resize_slices,
    slice_sizes,
)

SEED = 0
"""Seed of every search; its slots have another seed."""
SHORT, BUCKET = 10_000, 16
"""Number of slots of all trials below which compilation takes longer than padding the slices to a
multiple of the bucket.
"""


def find_constant(
    scenario: Scenario,
    respect_priority: bool = False,
    effort: ConstantEffort = DEFAULT,
    announce: Callable[[str], Any] = lambda _: None,
) -> Constant:
    """Return the best constant action for all users of a scenario.

    It is stored for the scenario `paper` with 8, 10, 12, 14 or 16 users per slice and the default
    effort. Any other constant is searched, which takes minutes, once per process.

    Args:
        scenario: without padding: all of its users take part.
        respect_priority: whether the quotas of the priority hold.
        effort: effort of a search.
        announce: called with one line when a search begins.
    """
    # the fields of the game do not affect the constant
    scenario = dataclasses.replace(scenario, game=type(scenario.game)())
    stored = _find_stored(scenario, respect_priority) if effort == DEFAULT else None
    if stored is not None:
        return stored
    key = scenario, respect_priority, effort
    if key not in _searched:
        users = ", ".join(map(str, slice_sizes(scenario)))
        announce(f"constant: a search for {users} users of slices H, L, C; this takes minutes")
        _searched[key] = _search(scenario, respect_priority, effort)
    return _searched[key]


def _search(scenario: Scenario, respect_priority: bool, effort: ConstantEffort) -> Constant:
    """Search in a program that all choices share, and all sizes too if the search is short."""
    counts = slice_sizes(scenario)
    rows, short = max(counts), effort.slots * effort.trials < SHORT
    # sizes are rounded up, so that one program serves many of them
    padded = resize_slices(scenario, [-(-rows // BUCKET) * BUCKET] * 3) if short else scenario
    constant, _ = search_constant(
        jax.random.key(SEED),
        number_choices(padded, "balancing.rule", "uavs.placement", "game.collision"),
        respect_priority=respect_priority,
        effort=effort,
        counts=np.asarray(counts),
    )
    node, subcarrier, power = (part[:, :rows] for part in constant[:3])
    return Constant(node, subcarrier, power, constant.positions)


_searched: dict[tuple[Scenario, bool, ConstantEffort], Constant] = {}


@functools.lru_cache(maxsize=64)
def prepare_constant_policy(scenario: Scenario, *, respect_priority: bool = False) -> Policy:
    """Return the policy of a scenario's constant; the same object for equal scenarios."""
    name = "constant-priority" if respect_priority else "constant"
    return build_constant_policy(find_constant(scenario, respect_priority), name)


def _find_stored(scenario: Scenario, respect_priority: bool) -> Constant | None:
    rows = slice_sizes(scenario)
    row = read_constants().get(f"{rows[0]} {'priority' if respect_priority else 'free'}")
    if row is None or scenario != resize_slices(build_scenario("paper"), (rows[0],) * 3):
        return None
    return Constant(*(jnp.asarray(row[name]) for name in Constant._fields))


@functools.cache
def read_constants() -> dict[str, Any]:
    """Return the stored constants as plain data, by "K_s rule"."""
    text = resources.files("sagin.policies").joinpath("constants.json").read_text("utf-8")
    return json.loads(text)["constants"]
