"""Mobility models as rows of a table: movement of users between slots.

Your own model enters a scenario in Python, as `dataclasses.replace(scenario.mobility,
model=MobilityModel(...))`; the built-in model is a row of the same kind.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Literal, NamedTuple

import jax
import jax.numpy as jnp

from sagin.errors import ScenarioError
from sagin.inputs.fields import accept_instances
from sagin.slicing.fading import normal_part
from sagin.slicing.state import State
from sagin.types import Array, Float

MobilityName = Literal["random-direction"]


class MobilityModel(NamedTuple):
    """A rule by which users move from one slot to the next."""

    name: str
    """Name in results and errors."""
    move: Callable[[Any, State, Float[Array, "users 2"]], Float[Array, "users 2"]]
    """Function from the scenario, the present slot, and two uniform draws in (0, 1) per user to the
    users' next positions, m. A user who leaves the area is then reflected at its border.
    """

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> Any:
        """Let pydantic accept only instances; text files name a built-in model."""
        return accept_instances(cls)

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: Any, handler: Any) -> dict[str, Any]:
        """State in the JSON Schema that no text describes an instance."""
        return {"not": {}}


def move_in_random_directions(
    scenario: Any, state: State, draws: Float[Array, "users 2"]
) -> Float[Array, "users 2"]:
    """Return the positions after a slot at the scenario's speed, in a new uniform direction, m."""
    far = jnp.asarray(scenario.mobility.speed_m_s * scenario.traffic.slot_s, float)
    # a pair of normal numbers points in a uniform direction and, unlike an angle, needs no sine; it
    # is never (0, 0)
    pair = normal_part(draws)
    return state.user_positions + far * pair * jax.lax.rsqrt(
        jnp.sum(jnp.square(pair), axis=1, keepdims=True)
    )


MODELS: Mapping[str, MobilityModel] = MappingProxyType(
    {"random-direction": MobilityModel("random-direction", move_in_random_directions)}
)
"""The built-in models by name."""


def get_mobility(model: str | MobilityModel | None) -> MobilityModel:
    """Return a scenario's model: a row by its name, the user's own, or the default row for None."""
    if isinstance(model, MobilityModel):
        return model
    if (name := model or "random-direction") not in MODELS:
        allowed = f"{', '.join(MODELS)}, or a MobilityModel"
        raise ScenarioError(f"mobility {name!r}: unknown; allowed: {allowed}")
    return MODELS[name]
