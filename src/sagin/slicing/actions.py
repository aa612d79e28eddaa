"""Actions at the public interface: checks, random actions, and the executed part of an action."""

import jax
import jax.numpy as jnp
import numpy as np

from sagin.errors import InputError
from sagin.slicing.draws import FIRST_AGENT, uniforms, user_rows
from sagin.slicing.scenario import Scenario, sizes
from sagin.slicing.state import Actions, Layer, NonTerrestrialAction, State, TerrestrialAction
from sagin.types import Array, PRNGKeyArray

AGENTS = 3
"""Number of agents per layer, one per slice; each of them proposes UAV positions."""


def make_blank(scenario: Scenario) -> Actions:
    """Return actions of the scenario's shapes, all 0."""
    size = sizes(scenario)
    users, nodes = (size.K, size.N), size.V + size.O
    return Actions(
        TerrestrialAction(jnp.zeros((size.K, size.M)), jnp.zeros(users), jnp.zeros(size.K)),
        NonTerrestrialAction(
            jnp.zeros((AGENTS, size.V, 2)),
            jnp.zeros((size.K, nodes)),
            jnp.zeros(users),
            jnp.zeros(size.K),
        ),
    )


def draw_actions(key: PRNGKeyArray | Array, scenario: Scenario) -> Actions:
    """Draw actions of independent uniform numbers, from one draw."""
    size = sizes(scenario)
    # one row per user: both layers' associations, subcarriers and powers; one row per agent
    ends = np.cumsum([size.M, size.N, 1, size.V + size.O, size.N, 1])
    rows = np.concatenate([user_rows(scenario), FIRST_AGENT + np.arange(AGENTS, dtype=np.uint32)])
    numbers = uniforms(key, rows, max(int(ends[-1]), 2 * size.V))
    base, channel, power, node, other_channel, other_power = jnp.split(
        numbers[: size.K, : ends[-1]], ends[:-1], axis=1
    )
    proposals = numbers[size.K :, : 2 * size.V].reshape(AGENTS, size.V, 2)
    return Actions(
        TerrestrialAction(base, channel, power[:, 0]),
        NonTerrestrialAction(proposals, node, other_channel, other_power[:, 0]),
    )


def check_actions(actions: Actions, scenario: Scenario | None = None) -> Actions:
    """Return the actions if all their numbers are in [0, 1]; otherwise raise InputError.

    With a scenario, shapes are checked too. The error's one line names the first wrong number. This
    function is for input from outside compiled code; batch axes may lead.
    """
    # shapes without computing anything
    shapes = None if scenario is None else jax.eval_shape(lambda: make_blank(scenario))
    for layer in Actions._fields:
        for name, value in getattr(actions, layer)._asdict().items():
            shape = None if shapes is None else getattr(getattr(shapes, layer), name).shape
            _check(f"{layer}.{name}", np.asarray(value), shape)
    return actions


def _check(name: str, value: np.ndarray, shape: tuple[int, ...] | None) -> None:
    if shape is not None and value.shape[value.ndim - len(shape) :] != shape:
        raise InputError(
            f"action '{name}': shape {value.shape} is not allowed (allowed: {shape}, after "
            "any axes of a batch)"
        )
    # a NaN fails this comparison
    wrong = ~((value >= 0.0) & (value <= 1.0))
    if wrong.any():
        index = tuple(int(axis[0]) for axis in np.nonzero(wrong))
        raise InputError(
            f"action '{name}{list(index)}': {value[index]} is not allowed (allowed: 0 to 1)"
        )


def mask_terrestrial(action: TerrestrialAction, first: Layer) -> TerrestrialAction:
    """Return layer 1's action with the associations that were not carried out set to 0 (line 9)."""
    linked = ~(first.refused | first.collided)
    return action._replace(association=jnp.where(linked[:, None], action.association, 0.0))


def mask_executed(state: State, actions: Actions, first: Layer, second: Layer) -> Actions:
    """Return the actions with the associations that were not carried out set to 0 (line 9).

    They belong to users who were disconnected, who collided, or whom layer 2 may not serve.

    Args:
        state: state at the start of the slot.
        actions: actions of both layers.
        first: links of layer 1 in the slot.
        second: links of layer 2 in the slot.
    """
    # links that were neither refused nor collided are executed
    second_linked = state.active & ~first.served & ~(second.refused | second.collided)
    terrestrial, non_terrestrial = actions
    return Actions(
        mask_terrestrial(terrestrial, first),
        non_terrestrial._replace(
            association=jnp.where(second_linked[:, None], non_terrestrial.association, 0.0)
        ),
    )
