"""The type of a policy: one function per layer that returns the layer's action."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import jax

from sagin.slicing.scenario import Scenario
from sagin.slicing.state import Actions, NonTerrestrialAction, State, TerrestrialAction
from sagin.types import Array, ArrayLike, Bool, PRNGKeyArray

Key = PRNGKeyArray | Array
Mask = Bool[Array, " users"]


class Policy(NamedTuple):
    """A way to act in both layers; layer 2 acts on the users whom layer 1 leaves.

    Learned actors have this form too.
    """

    name: str
    text: str
    """What the policy does, in one clause."""
    terrestrial: Callable[[Key, Scenario, State], TerrestrialAction]
    non_terrestrial: Callable[[Key, Scenario, State, Mask], NonTerrestrialAction]
    """Layer 2's function. Its last argument is the mask of K^NT: users who take part and whom no
    base station serves.
    """


def build_policy(name: str, text: str, act: Callable[[Scenario, State], Actions]) -> Policy:
    """Build the policy that carries out a function's decisions for both layers.

    Each layer calls the function, so a slot takes up to twice the function's time.
    """

    def terrestrial(key: Key, scenario: Scenario, state: State) -> TerrestrialAction:
        del key
        return act(scenario, state).terrestrial

    def non_terrestrial(
        key: Key, scenario: Scenario, state: State, remaining: Mask
    ) -> NonTerrestrialAction:
        del key, remaining
        return act(scenario, state).non_terrestrial

    return Policy(name, text, terrestrial, non_terrestrial)


def switch_policies(policies: Sequence[Policy], index: ArrayLike) -> Policy:
    """Return the policy at an index that may be traced.

    Many policies then share one program, in which the network is compiled once.
    """
    if len(policies) == 1:
        return policies[0]

    # a switch per layer, so that the index may be traced
    def switch(layer: str) -> Callable[..., Any]:
        return lambda *arguments: jax.lax.switch(
            index, [getattr(policy, layer) for policy in policies], *arguments
        )

    return Policy(
        "one of several",
        "the policy at a traced place",
        switch("terrestrial"),
        switch("non_terrestrial"),
    )
