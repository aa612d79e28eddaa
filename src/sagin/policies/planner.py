"""The planner as a policy."""

import jax

from sagin.planning.goals import Goal, build_goal
from sagin.planning.planner import choose_search, search_plan
from sagin.slicing.allocation import to_actions
from sagin.slicing.policy import Policy, build_policy
from sagin.slicing.scenario import Scenario
from sagin.slicing.state import Actions, State


def build_planner_policy(
    respect_priority: bool = True, goal: Goal | None = None, restarts: int | None = None
) -> Policy:
    """Build the policy that carries out the plan of each slot.

    Its actions depend only on the state.
    """

    def act(scenario: Scenario, state: State) -> Actions:
        key = jax.random.fold_in(jax.random.key(0), state.slot)
        method = choose_search(scenario, respect_priority, restarts)
        plan = search_plan(
            key, scenario, state, build_goal() if goal is None else goal, None, method
        )
        return to_actions(scenario, plan.allocation)

    name = "planner" if respect_priority else "planner-free"
    text = "assignment, local search, power control and UAV positions for each slot"
    return build_policy(name, text, act)
