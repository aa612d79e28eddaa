"""Describe the effect of relaxed actions in smooth numbers, as input of a critic."""

from typing import TYPE_CHECKING

import jax.numpy as jnp
import numpy as np

from sagin.game.protocol import Vectors
from sagin.slicing import links
from sagin.slicing.agents import find_layer, find_slice, find_users
from sagin.slicing.allocation import node_powers
from sagin.slicing.layouts import unpack
from sagin.slicing.scenario import Scenario, sizes, slice_sizes
from sagin.slicing.state import NonTerrestrialAction, TerrestrialAction
from sagin.types import Array, Float

if TYPE_CHECKING:
    from sagin.slicing.game import SlicingGame

FEATURES = 4
"""Numbers per user: signal and interference over noise, load of its node, whether it is served."""
DECADES = 6.0
"""Power over the noise, in decades, that is shown as 1."""


def count_features(scenario: Scenario, agent: str) -> int:
    """Return the length of the description of an agent's users."""
    return FEATURES * slice_sizes(scenario)[find_slice(agent)]


def describe_stage(
    game: "SlicingGame", stage: tuple[str, ...], seen: Vectors, actions: Vectors
) -> Vectors:
    """Describe the effect of a stage's relaxed actions on the users of each of its agents.

    `seen` are the observations of the stage's agents, from which the gains are read.
    """
    features = {}
    for layer in sorted({find_layer(agent) for agent in stage}):
        agents = [agent for agent in stage if find_layer(agent) == layer]
        action = (game.to_terrestrial, game.to_non_terrestrial)[layer - 1](actions)
        parts = [unpack(seen[agent], game.observation_layout(agent)) for agent in agents]
        described = describe_links(
            game.scenario, _read_gains(game.scenario, parts, action), action, layer
        )
        for agent in agents:
            features[agent] = described[find_users(game.scenario, agent)].reshape(-1)
    return features


def _read_gains(
    scenario: Scenario, parts: list[Vectors], action: TerrestrialAction | NonTerrestrialAction
) -> Float[Array, "users nodes subcarriers"]:
    """Return the gains of a layer's nodes, from the observations and the proposed UAV positions."""
    side = scenario.area.side_m
    # positions and fading are scaled back from −1 to 1
    users = 0.5 * (parts[0]["positions"] + 1.0) * side
    if isinstance(action, TerrestrialAction):
        power = links.base_fading(
            scenario, 0.5 * (1.0 - jnp.concatenate([part["fading"] for part in parts]))
        )
        return links.base_path_gain(scenario, users)[..., None] * power
    scatter = jnp.concatenate([part["scatter"] for part in parts])
    # UAVs are where the mean proposal puts them
    places = jnp.mean(action.positions, axis=0) * side
    path = links.uav_path_gain(scenario, users, places)[..., None]
    uavs = path * links.uav_fading(scenario, 0.5 * (scatter + 1.0))
    satellites = jnp.repeat(links.satellite_gains(scenario)[..., None], sizes(scenario).N, axis=2)
    return jnp.concatenate([uavs, satellites], axis=1)


def describe_links(
    scenario: Scenario,
    gain: Float[Array, "users nodes subcarriers"],
    action: TerrestrialAction | NonTerrestrialAction,
    layer: int,
) -> Float[Array, "users features"]:
    """Describe the effect of each user's relaxed choices among those of all users of a layer.

    A product of numbers represents the choice of node and subcarrier. For one-hot choices it is
    exact, except for the division of a node's power.
    """
    size, noise = sizes(scenario), links.noise_power(scenario)
    nodes = slice(0, size.M) if layer == 1 else slice(size.M, None)
    kind = np.repeat([0, 1, 2], [size.M, size.V, size.O])[nodes]
    alike = jnp.asarray(kind == np.unique(kind)[:, None], float)
    association, subcarrier = action.association, action.subcarrier
    chosen = association[..., None] * subcarrier[:, None]
    sent = chosen * action.power[:, None, None] * node_powers(scenario)[nodes][:, None]
    signal = jnp.sum(sent * gain, axis=(1, 2))
    # power received from all nodes of a type on the user's subcarriers, minus its own signal
    others = jnp.sum(sent, axis=0) - sent
    heard = jnp.einsum("kin,kin,ti->ktn", gain, others, alike)
    listens = jnp.einsum("ki,ti,kn->ktn", association, alike, subcarrier)
    interference = jnp.sum(heard * listens, axis=(1, 2))
    load = association @ jnp.sum(association, axis=0) / max(size.K, 1)
    powers = [jnp.log10(1.0 + part / noise) / DECADES for part in (signal, interference)]
    return jnp.stack([*powers, load, jnp.sum(chosen, axis=(1, 2))], axis=1)
