"""Methods of the slicing paper as rows: learned ones, and those that need no learning."""

from typing import NamedTuple


class StandIn(NamedTuple):
    """What stands for an algorithm of the paper in its figures."""

    algorithm: str
    """A row of `sagin.training.algorithms`."""
    settings: tuple[str, ...] = ()


class Learned(NamedTuple):
    """A learned method: how it is trained, and in what scenario."""

    name: str
    learner: StandIn
    overrides: tuple[str, ...] = ()
    floor: str = "constant"
    """Row below whose score the method may not judge: the constant action in its scenario."""


class Unlearned(NamedTuple):
    """A method that needs no learning: what plays it, and in what scenario."""

    name: str
    policy: str
    overrides: tuple[str, ...] = ()


PROPOSED, UNIFORM, NONE, FIXED = (
    "two-layer MADDPG",
    "uniform balancing",
    "no balancing",
    "fixed UAVs",
)
SINGLE, DROPPING = ("MADDPG", "MAPPO"), ("MADDPG, drop", "MAPPO, drop")
SCENARIOS = {
    UNIFORM: ("uniform", "balancing.rule=uniform"),
    NONE: ("none", "balancing.rule=none"),
    FIXED: ("fixed UAVs", "uavs.placement=fixed"),
}
"""Of methods that differ from the proposed one in the scenario: its short name and the field."""

ALL_USERS, DROP = "objectives.reward=all-users", "game.collision=drop"
TWO_LAYERS = StandIn("reinforce")
ONE_LAYER = StandIn("one-layer-reinforce")
CLIPPED = StandIn(
    "mappo",
    (
        "heads.kind=categorical",
        "mappo.shared_reward=true",
        "mappo.environments=256",
        "mappo.rollout=1",
        "mappo.epochs=2",
        "mappo.entropy=0.03",
    ),
)
"""Which algorithm stands for which series: the paper's scheme, in two layers and in one, is judged
with a learner that can learn it, and MAPPO with the same heads. MADDPG as printed scores below an
action that reads nothing, which says something of MADDPG alone.
"""
LEARNED = {
    row.name: row
    for row in (
        Learned(PROPOSED, TWO_LAYERS, (ALL_USERS,)),
        *(
            Learned(name, TWO_LAYERS, (ALL_USERS, field), f"constant, {suffix}")
            for name, (suffix, field) in SCENARIOS.items()
        ),
        Learned("MADDPG", ONE_LAYER, (ALL_USERS,)),
        Learned("MAPPO", CLIPPED, (ALL_USERS,)),
        Learned("MADDPG, drop", ONE_LAYER, (ALL_USERS, DROP)),
        Learned("MAPPO, drop", CLIPPED, (ALL_USERS, DROP)),
    )
}
"""The proposed method, benchmarks 1, 2 and 5, and benchmarks 3 and 4 under either collision rule.
"""
POLICIES = ("random", "round-robin", "nearest-random", "nearest-greedy", "greedy")
"""Policies of figures 8 and 9."""
BOUND, PLANNER = "bound", "planner"
SLOT_BY_SLOT = (BOUND, PLANNER)
"""Methods of the first slot of each run alone."""
CONSTANTS = ("constant", "constant-priority")
"""The best action that reads nothing: free, and respecting the quotas of the priority."""
BASELINES = (BOUND, PLANNER, *CONSTANTS, "selfish", "greedy", "random")
"""Methods without learning that stand beside learned ones."""
OPTIONS = {
    "all capacities": ("uavs.capacity=10", "satellites.capacity=10"),
    "capacities of the sky": (
        "base_stations.capacity=1000",
        "uavs.capacity=10",
        "satellites.capacity=10",
    ),
    "queue": ("traffic.queue=carried",),
    "pilot error 0.1": ("csi.error_variance=0.1",),
    "pilot error 0.5": ("csi.error_variance=0.5",),
    "10 m/s": ("uavs.speed_m_s=10",),
}
"""The paper's future work: options by the short name of a row, and their fields."""
TO_THE_LETTER = "greedy, all disconnected"
"""The rule under benchmark 1 as the paper words it: an overloaded node disconnects all users."""
UNLEARNED = {
    row.name: row
    for row in (
        *(
            Unlearned(f"{policy}, {suffix}", policy, (field,))
            for policy in (*POLICIES, "constant")
            for suffix, field in SCENARIOS.values()
        ),
        *(
            Unlearned(f"{policy}, {suffix}", policy, fields)
            for policy in POLICIES
            for suffix, fields in OPTIONS.items()
        ),
        Unlearned(TO_THE_LETTER, "greedy", ("balancing.rule=uniform-all",)),
    )
}
"""Policies in the scenario of another method; other names are in the study's scenario."""
UNBALANCED = tuple(f"{policy}, none" for policy in POLICIES)
BY_RULE = {PROPOSED: "greedy"} | {
    name: f"greedy, {suffix}" for name, (suffix, _) in SCENARIOS.items()
}
"""The rule that learns nothing, in the scenario of each learned method of two layers."""
TITLES = {name: name for name in (*LEARNED, *BASELINES, *POLICIES, *UNLEARNED)} | {
    name: f"{name.split(',')[0]}, no balancing" for name in UNBALANCED
}
TITLES |= {
    name: name.replace("pilot error", "pilots of σ² =") for name in UNLEARNED if "pilot" in name
}
TITLES |= {
    PROPOSED: "two layers (policy gradient)",
    "MADDPG": "one layer (policy gradient)",
    "MAPPO": "one layer (clipped, as MAPPO)",
    "MADDPG, drop": "one layer (policy gradient), drop",
    "MAPPO, drop": "one layer (clipped, as MAPPO), drop",
}
"""How methods are called on figures and in tables: learned ones by what was trained."""


def find_unlearned(name: str) -> Unlearned:
    """Return the row of a method that needs no learning."""
    return UNLEARNED.get(name, Unlearned(name, name))
