"""Algorithms of the slicing system as table rows, and the score that selects a run's policy."""

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp

from sagin.slicing.objectives import score
from sagin.slicing.scenario import Scenario


class Algorithm(NamedTuple):
    """A learner and the grouping of the six agents, as a table row."""

    learner: str
    layers_at_once: bool
    text: str


ALGORITHMS = {
    "two-layer-maddpg": Algorithm("maddpg", False, "MADDPG, the layers in turn (proposed)"),
    "maddpg": Algorithm("maddpg", True, "MADDPG, one layer of six agents (benchmark 3)"),
    "mappo": Algorithm("mappo", True, "MAPPO, one layer of six agents (benchmark 4)"),
    "two-layer-mappo": Algorithm("mappo", False, "MAPPO, the layers in turn"),
    "reinforce": Algorithm("reinforce", False, "policy gradient, the layers in turn"),
    "one-layer-reinforce": Algorithm("reinforce", True, "policy gradient, one layer of six agents"),
    "set-policy": Algorithm("set-policy", False, "a set policy that decides for all users (ours)"),
}


def compute_validation_score(scenario: Scenario, kpis: Any) -> jax.Array:
    """Compute the validation score of each slot over all users, with equal weights.

    (R_H/reference + (1 − D/β) + coverage)/3
    """
    return score(scenario, jax.tree.map(jnp.asarray, kpis)) / 3.0
