"""Agents of the slicing game: names, users, and the content of observations and actions."""

import jax.numpy as jnp
import numpy as np

from sagin.game.protocol import ActionChoices
from sagin.slicing.allocation import count_quotas
from sagin.slicing.layouts import VectorLayout, count_numbers, index_parts, pack
from sagin.slicing.scenario import Scenario, sizes, slice_sizes
from sagin.types import Array, Bool, Int

AGENT_NAMES = ("throughput", "delay", "coverage")
"""Names of the agents of slices H, L and C."""


def find_layer(agent: str) -> int:
    """Return the agent's layer, 1 or 2.

    >>> find_layer("delay_2")
    2
    """
    return int(agent[-1])


def find_slice(agent: str) -> int:
    """Return the agent's slice: 0 H, 1 L, 2 C.

    >>> find_slice("delay_2")
    1
    """
    return AGENT_NAMES.index(agent[:-2])


def find_users(scenario: Scenario, agent: str) -> slice:
    """Return the indices of the agent's users."""
    rows, number = slice_sizes(scenario), find_slice(agent)
    return slice(sum(rows[:number]), sum(rows[: number + 1]))


def count_last_numbers(scenario: Scenario) -> int:
    """Return how many numbers of the UAVs' last positions are observed.

    They affect the next positions only if UAVs have a speed limit.
    """
    return 0 if scenario.uavs.speed_m_s is None else 2 * sizes(scenario).V


PRIVATE_PARTS = ("fading", "scatter", "satellite_snr")
"""Parts of an observation that only this agent sees; they come first."""


def count_private_numbers(scenario: Scenario, agent: str) -> int:
    """Return how many numbers of an observation only this agent sees."""
    layout = lay_out_observation(scenario, agent)
    return count_numbers(tuple(part for part in layout if part[0] in PRIVATE_PARTS))


def lay_out_observation(scenario: Scenario, agent: str) -> VectorLayout:
    """Return the layout of an agent's observation: (39) for layer 1, (43) for layer 2."""
    size, rows = sizes(scenario), slice_sizes(scenario)[find_slice(agent)]
    shared: VectorLayout = (
        ("arrivals", (slice_sizes(scenario)[1],)),
        ("positions", (size.K, 2)),
    )
    if find_layer(agent) == 1:
        return (("fading", (rows, size.M, size.N)), *shared)
    private: VectorLayout = (
        ("scatter", (rows, size.V, size.N, 2)),
        ("satellite_snr", (rows, size.O)),
    )
    last: VectorLayout = (("uav_positions", (size.V, 2)),) if count_last_numbers(scenario) else ()
    return (*private, *shared, ("remaining", (size.K,)), *last)


def lay_out_action(scenario: Scenario, agent: str) -> VectorLayout:
    """Return the layout of an agent's action: (41) for layer 1, (45) for layer 2.

    The layout has no UAV positions if UAVs are fixed.
    """
    size, rows = sizes(scenario), slice_sizes(scenario)[find_slice(agent)]
    nodes = size.M if find_layer(agent) == 1 else size.V + size.O
    links: VectorLayout = (
        ("association", (rows, nodes)),
        ("subcarrier", (rows, size.N)),
        ("power", (rows,)),
    )
    if find_layer(agent) == 1 or scenario.uavs.placement == "fixed":
        return links
    return (("positions", (size.V, 2)), *links)


def mask_action(
    scenario: Scenario, agent: str, present: Bool[Array, " users"]
) -> Bool[Array, " numbers"]:
    """Return the mask of an action's effective numbers: present users and UAV positions."""
    layout, rows = lay_out_action(scenario, agent), present[find_users(scenario, agent)]
    # positions always matter, users' numbers while they are present
    parts = {
        name: jnp.ones(shape, bool)
        if name == "positions"
        else jnp.broadcast_to(rows.reshape(-1, *[1] * (len(shape) - 1)), shape)
        for name, shape in layout
    }
    return pack(parts, layout)


def list_choices(scenario: Scenario, agent: str, levels: tuple[float, ...]) -> ActionChoices:
    """Return the discrete choices of an agent's action: node or none, subcarrier, power.

    The nodes of all of its users come first, then the subcarriers, then the powers. Subcarriers and
    powers have an effect only for users with a node.
    """
    parts = index_parts(lay_out_action(scenario, agent))
    node, subcarrier, power = (parts[name] for name in ("association", "subcarrier", "power"))
    rows = len(power)
    # node or none, subcarrier, and levels of power
    options = (
        (np.column_stack([node, np.full(rows, -1)]), np.ones(node.shape[1] + 1)),
        (subcarrier, np.ones(subcarrier.shape[1])),
        (np.repeat(power[:, None], len(levels), axis=1), np.asarray(levels)),
    )
    shape = len(options), rows, max(len(amounts) for _, amounts in options)
    numbers, amounts = np.full(shape, -1), np.full(shape, np.nan)
    for kind, (places, values) in enumerate(options):
        numbers[kind, :, : len(values)], amounts[kind, :, : len(values)] = places, values
    # subcarrier and power matter only if there is a node
    parents = np.concatenate([np.full(rows, -1), np.arange(rows), np.arange(rows)])
    flat = len(parents), shape[-1]
    return ActionChoices(numbers.reshape(flat), amounts.reshape(flat), parents)


def count_quota(scenario: Scenario, agent: str) -> Int[Array, ""]:
    """Return the priority's quota of users for an agent, if all users take part."""
    everybody = jnp.ones(sizes(scenario).K, bool)
    return count_quotas(scenario, everybody)[find_slice(agent), find_layer(agent) - 1]
