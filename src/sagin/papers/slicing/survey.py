"""The slicing paper's input to a search over readings: trends and orders of figures 3 to 12.

They are judged by methods without learning.
"""

from dataclasses import replace

from sagin.papers.slicing.claims import (
    BALANCING,
    LEARNERS,
    list_access_claims,
    list_load_claims,
    list_map_claims,
    list_reward_claims,
    take_rule,
)
from sagin.papers.slicing.figures import REWARDS
from sagin.papers.slicing.methods import BY_RULE, FIXED
from sagin.papers.slicing.reading_slots import (
    ALL_USERS,
    MAKE,
    PACKET_BITS,
    PACKETS,
    TABLE,
    VARIANTS,
    pad_scenario,
    split_packets,
)
from sagin.policies.table import ROWS
from sagin.slicing.scenario import Scenario
from sagin.studies.claim import Claim
from sagin.studies.definitions import GainDefinition
from sagin.studies.effort import SearchEffort
from sagin.studies.survey import DefinitionRow, Survey

AS_IT_IS = GainDefinition("", over_method=False, is_plotted=False)
"""The paper prints no gain."""
RULE = BY_RULE["two-layer MADDPG"]
"""Policy that represents the learned scheme by default."""


def list_claims() -> list[Claim]:
    """Return the trends and orders that can be judged without learning, by the default policy."""
    crossing = next(
        replace(claim, printed=10.0, text=f"{claim.text} from 30 users, K_s = 10, on")
        for claim in list_load_claims()
        if claim.method == f"{RULE}, none"
    )
    orders = [claim for claim in list_reward_claims() if claim.kind != "steady"]
    learned = [claim for claim in LEARNERS if claim.rival == FIXED]
    rules = [*orders, *BALANCING, *list_access_claims(), *list_map_claims(), *learned]
    texts = [claim.text for claim in rules]
    # claims that differ in their method alone say which
    named = [
        replace(claim, text=f"{claim.text}: {claim.method}")
        if texts.count(claim.text) > 1
        else claim
        for claim in rules
    ]
    return [*map(take_rule, named), crossing]


def _list_policies() -> list[DefinitionRow]:
    """Return the rules that decide in place of the learner, the default first."""
    rows = sorted(ROWS, key=lambda row: row.name != RULE)
    return [
        DefinitionRow(
            row.name,
            f"decided by {row.name}: {row.text}",
            {f"{RULE}{suffix}": f"{row.name}{suffix}" for suffix in VARIANTS},
        )
        for row in rows
    ]


AXES = {
    "what decides": _list_policies(),
    "benchmark 1": [
        DefinitionRow("excess", "benchmark 1 disconnects the excess, drawn from all users alike"),
        DefinitionRow(
            "uniform-all",
            "benchmark 1 disconnects all users of a full node, as printed",
            {f"{row.name}, uniform": f"{row.name}, uniform-all" for row in ROWS},
        ),
    ],
    "delay and coverage": [
        DefinitionRow("all", "delay and coverage over all users"),
        DefinitionRow(
            "sum",
            "delay and coverage as both layers' sum (36)",
            {"delay": "delay_sum", "coverage": "coverage_sum"},
        ),
    ],
    "rewards": [
        DefinitionRow("layer", "rewards over the layer's own users"),
        DefinitionRow(
            "all-users",
            "rewards over all users of the slice",
            {name: f"{name}{ALL_USERS}" for name in REWARDS},
            ("objectives.reward=all-users",),
        ),
    ],
}


def settle_fields(fields: dict[str, float | str]) -> dict[str, float | str]:
    """Return a reading's fields, with the number of packets that keeps the slot's bits."""
    if PACKET_BITS not in fields:
        return fields
    packets = split_packets(Scenario(), float(fields[PACKET_BITS]))
    table, _, length = TABLE.partition("=")
    return fields | {PACKETS: float(f"{packets:.6g}"), table: length}


SURVEY = Survey(
    claims=list_claims(),
    axes=AXES,
    at=(8.0, 12.0, 16.0),
    make=MAKE,
    pad=pad_scenario,
    definitions=(AS_IT_IS,),
    settle=settle_fields,
    efforts={
        "quick": SearchEffort(8, 2, 2, 4, 1, 8, 4, 2, 2, 2, 4, 16, 0),
        "standard": SearchEffort(128, 32, 2, 32, 3, 128, 32, 3, 24, 5, 48, 800, 0),
    },
    remarks=(
        "Methods need no learning: a claim on the learned scheme is judged by what decides in its "
        "place. The users' speed, the rewards' reference and the collision rule are open, too, but "
        "change nothing here: a slot's users are uniform, no claim is on a reward's size, and both "
        "layers never act at once.",
    ),
)
