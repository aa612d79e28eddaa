"""What a policy is: a way to act in both layers."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import jax

from sagin.slicing.scenario import Scenario
from sagin.slicing.state import Actions, NonTerrestrialAction, State, TerrestrialAction
from sagin.types import Array, ArrayLike, Bool, PRNGKeyArray

Key = PRNGKeyArray | Array
Mask = Bool[Array, " users"]


class Policy(NamedTuple):
    """A way to act in both layers; layer 2 acts once it is known whom layer 1 leaves.

    Learned actors are of this form too.
    """

    name: str
    text: str
    """What it does, in one clause."""
    terrestrial: Callable[[Key, Scenario, State], TerrestrialAction]
    non_terrestrial: Callable[[Key, Scenario, State, Mask], NonTerrestrialAction]
    """The last argument is the mask of K^NT: users who take part and whom no base station serves.
    """


def build_policy(name: str, text: str, act: Callable[[Scenario, State], Actions]) -> Policy:
    """Return the policy that carries out what a function of the state decides for both layers.

    Each layer asks it, so that a slot takes up to twice the function's time.
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
