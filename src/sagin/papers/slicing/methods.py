"""Methods of the slicing paper as rows: learned methods, and methods without learning."""

from typing import NamedTuple

from sagin.papers.slicing.ladder import STEPS, gather


class StandIn(NamedTuple):
    """The method that represents an algorithm of the paper in its figures."""

    algorithm: str
    """A row of `sagin.training.algorithms`."""
    settings: tuple[str, ...] = ()


class Learned(NamedTuple):
    """A learned method: its training and its scenario."""

    name: str
    learner: StandIn
    overrides: tuple[str, ...] = ()
    floor: str = "constant"
    """Row with whose score the method is compared before it may judge: the constant action in its
    scenario.
    """
    settings: tuple[str, ...] = ()
    """Settings of this row, applied after those of the learner and of the profile."""
    sizes: tuple[int, ...] = ()
    """Values of K_s of its trainings; empty: those of the profile."""
    iterations: int = 0
    """Number of iterations of a training; 0: that of the profile."""


class Unlearned(NamedTuple):
    """A method without learning: its policy and its scenario."""

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
"""Short name and field of methods that differ from the proposed one in the scenario."""
BLIND, PRINTED, QUOTAS = "two layers, blind", "two layers, printed rewards", "two layers, quotas"
GREEDY = "nearest-greedy"
DRAWN = "two layers, weight 4 on L, drawn"
WEIGHTED = {
    "two layers, weight 1.5 on L": ("reinforce.weights=[1,1.5,1]",),
    "two layers, weight 2 on L": ("reinforce.weights=[1,2,1]",),
    "two layers, weight 4 on L": ("reinforce.weights=[1,4,1]",),
    DRAWN: ("reinforce.weights=[1,4,1]", "network.start=drawn"),
}
"""Methods whose agents weigh the rewards of slice L more.

The last one starts from random networks, because the best policy by its score is far from the
constant. A learner with another score passes if it is better than the rule with which it is
compared.
"""

ALL_USERS, DROP = "objectives.reward=all-users", "game.collision=drop"
HEADS = (
    "network.skip=true",
    "heads.levels=[0.001,0.003,0.01,0.03,0.09,0.18,0.3,0.45,0.65,1.0]",
    "heads.start_logit=5",
)
"""Settings of all learners with categorical heads: a linear map from observations to outputs, and
power levels at equal steps in decibels.
"""
FAST = "reinforce.rate=3e-3"
TWO_LAYERS = StandIn("reinforce", (*HEADS, FAST))
ONE_LAYER = StandIn("one-layer-reinforce", (*HEADS, FAST))
CLIPPED = StandIn(
    "mappo",
    (
        *HEADS,
        "heads.kind=categorical",
        "mappo.shared_reward=true",
        "mappo.environments=64",
        "mappo.rollout=1",
        "mappo.epochs=2",
        "mappo.entropy=0.03",
    ),
)
"""The algorithms that represent the paper's series. The scheme, in two layers and in one, is judged
with a learner that can learn it, and MAPPO has the same heads. MADDPG as printed scores below a
constant action, which only concerns MADDPG.
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
        Learned(BLIND, TWO_LAYERS, (ALL_USERS,), settings=("network.blind=true",), sizes=(10,)),
        Learned(PRINTED, TWO_LAYERS, sizes=(10,)),
        Learned(
            QUOTAS,
            TWO_LAYERS,
            (ALL_USERS,),
            "constant-priority",
            ("heads.quotas=true",),
            (10,),
        ),
        *(
            Learned(
                name,
                TWO_LAYERS,
                (ALL_USERS,),
                GREEDY,
                settings,
                (8, 10, 12) if name == DRAWN else (10,),
            )
            for name, settings in WEIGHTED.items()
        ),
        *(
            Learned(
                step.name,
                StandIn("two-layer-maddpg"),
                step.overrides,
                settings=step.settings,
                sizes=(10,),
                iterations=step.iterations,
            )
            for step in map(gather, range(len(STEPS)))
        ),
    )
}
"""The proposed method, benchmarks 1, 2 and 5, and benchmarks 3 and 4 under either collision rule;
then variants of the proposed method: blind, with rewards as printed, with the priority's quotas,
and with more weight on slice L; finally MADDPG as printed, and its ladder.
"""
LADDER = tuple(gather(number).name for number in range(len(STEPS)))
POLICIES = ("random", "round-robin", "nearest-random", "nearest-greedy", "greedy")
"""Policies of figures 8 and 9."""
BOUND, PLANNER = "bound", "planner"
SLOT_BY_SLOT = (BOUND, PLANNER)
"""Methods that are evaluated only in the first slot of each run."""
CONSTANTS = ("constant", "constant-priority")
"""The best constant actions: free, and with the quotas of the priority."""
BASELINES = (BOUND, PLANNER, *CONSTANTS, "selfish", "greedy", "random")
"""Methods without learning that are shown with learned ones."""
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
"""Benchmark 1 taken literally: an overloaded node disconnects all users."""
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
"""Policies in the scenario of another method; other names use the study's scenario."""
UNBALANCED = tuple(f"{policy}, none" for policy in POLICIES)
BY_RULE = {PROPOSED: "greedy"} | {
    name: f"greedy, {suffix}" for name, (suffix, _) in SCENARIOS.items()
}
"""The rule without learning, in the scenario of each learned method of two layers."""
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
"""Names of methods on figures and in tables; learned methods are named by their training."""


def find_unlearned(name: str) -> Unlearned:
    """Return the row of a method without learning."""
    return UNLEARNED.get(name, Unlearned(name, name))
