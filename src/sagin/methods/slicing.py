"""Methods of the slicing system that sagin contains."""

from functools import partial

from sagin.methods.method import Method
from sagin.planning.planner import make_plans
from sagin.policies.constants import prepare_constant_policy
from sagin.policies.set_policy.act import TEXT, allocate_with_weights
from sagin.policies.table import POLICIES
from sagin.slicing.allocation import Allocation
from sagin.slicing.rules import allow_any, build_rule_policy, pick_with_room
from sagin.slicing.scenario import Scenario
from sagin.slicing.state import State


def plan_slots(scenario: Scenario, states: State, *, respect_priority: bool) -> Allocation:
    """Return the planner's allocations of a batch of slots."""
    return make_plans(scenario, states, respect_priority=respect_priority).allocation


ADMISSION = build_rule_policy(
    "admission",
    "node with room and subcarrier of best SINR, one user after another",
    allow_any,
    pick_with_room,
)
SEARCH = "assignment, local search, power control and UAV positions for each slot"
FLOOR = "the best constant action, which ignores the observations"
ROWS = (
    *(Method(name, policy.text, policy=policy) for name, policy in POLICIES.items()),
    Method(ADMISSION.name, ADMISSION.text, policy=ADMISSION),
    Method("constant", FLOOR, prepare=prepare_constant_policy),
    Method(
        "constant-priority",
        f"{FLOOR}, within the priority's quotas",
        prepare=partial(prepare_constant_policy, respect_priority=True),
        track="priority",
    ),
    Method("planner", SEARCH, allocate=partial(plan_slots, respect_priority=False)),
    Method(
        "planner-priority",
        f"{SEARCH}, within the priority's quotas",
        allocate=partial(plan_slots, respect_priority=True),
        track="priority",
    ),
    Method("set-policy", TEXT, allocate=partial(allocate_with_weights, respect_priority=False)),
    Method(
        "set-policy-priority",
        f"{TEXT}, within the priority's quotas",
        allocate=partial(allocate_with_weights, respect_priority=True),
        track="priority",
    ),
)
