"""The paper's future work as rows: options compared with the same rule without them, and our
claims.

The rule does not learn; a row's name is that of the rule and the option.
"""

from typing import NamedTuple

from sagin.papers.slicing.methods import FIXED, OPTIONS, POLICIES, SCENARIOS, UNBALANCED
from sagin.studies.claim import Claim
from sagin.studies.figure import Figure

OWN = "future work; a claim of ours"
"""Source of the claims."""
RULE, RANDOM = "greedy", "random"
FULL, SKY, QUEUE, PILOTS, BAD_PILOTS, FLYING = OPTIONS
HOVERING = SCENARIOS[FIXED][0]


class OptionStudy(NamedTuple):
    """A figure of an option: methods against K_s."""

    id: str
    title: str
    metric: str
    label: str
    scale: float
    methods: tuple[str, ...]


STUDIES = (
    OptionStudy(
        "beyond-capacities",
        "Coverage with UAVs and satellites balanced by capacity, and base stations alone",
        "coverage",
        "coverage of C (%)",
        100.0,
        (RULE, f"{RULE}, {FULL}"),
    ),
    OptionStudy(
        "beyond-queue",
        "Delay with and without what overloaded slots leave over",
        "delay",
        "mean delay of L (ms)",
        1e3,
        (RULE, f"{RULE}, {QUEUE}", RANDOM, f"{RANDOM}, {QUEUE}"),
    ),
    OptionStudy(
        "beyond-energy",
        "Energy efficiency: UAVs that follow users at 10 m/s, and that hover",
        "efficiency",
        "bits of all users (kbit/J)",
        1e-3,
        (f"{RULE}, {FLYING}", f"{RULE}, {HOVERING}"),
    ),
    OptionStudy(
        "beyond-pilots",
        "Delay where decisions know channels by pilots of error variance σ²",
        "delay",
        "mean delay of L (ms)",
        1e3,
        (RULE, f"{RULE}, {PILOTS}", f"{RULE}, {BAD_PILOTS}"),
    ),
)


def list_beyond_figures(sizes: tuple[float, ...], totals: tuple[float, ...]) -> list[Figure]:
    """Return a figure of each study, and figures 8 and 9 with capacities of UAVs and satellites.

    `sizes` are values of K_s, `totals` numbers of users of all slices.
    """
    figures = [
        Figure(
            study.id,
            study.title,
            sweep="users",
            values=sizes,
            metrics=(study.metric,),
            methods=study.methods,
            x_label="users of each slice, K_s",
            y_label=study.label,
            scale=study.scale,
        )
        for study in STUDIES
    ]
    loads = [
        Figure(
            f"figure-{number}-capacities",
            f"Fig. {number} with UAVs and satellites balanced{words}",
            sweep="users",
            values=totals,
            metrics=("BS 1", "BS 2", "UAV 1", "UAV 2", "LEO 1"),
            methods=(rival, *(f"{policy}, {option}" for policy in POLICIES)),
            x_label="users of all slices",
            y_label="users served",
            panels="method",
            limit=("capacity of a node", "base_stations.capacity"),
        )
        for number, option, rival, words in (
            (8, SKY, UNBALANCED[0], ", base stations not"),
            (9, FULL, RULE, ", too"),
        )
    ]
    return [*figures, *loads]


def _list_claims() -> list[Claim]:
    """Return our expectations of each option, written before the computation."""
    rows = (
        ("capacities", "coverage", FULL, RULE, 1, "capacities of all nodes raise the coverage"),
        ("capacities", "delay", FULL, RULE, 1, "capacities of all nodes lengthen the delay"),
        ("queue", "delay", QUEUE, RULE, 1, "what slots leave over lengthens the delay"),
        ("queue", "delay", QUEUE, RANDOM, 1, "what slots leave over lengthens the delay"),
        ("energy", "power", FLYING, HOVERING, -1, "UAVs at 10 m/s need less power than in hover"),
        ("energy", "efficiency", FLYING, HOVERING, 1, "UAVs at 10 m/s send more bits per joule"),
        ("pilots", "delay", PILOTS, RULE, 1, "pilots with σ² = 0.1 lengthen the delay"),
        ("pilots", "delay", BAD_PILOTS, PILOTS, 1, "worse pilots lengthen the delay further"),
        ("pilots", "throughput", PILOTS, RULE, -1, "pilots with σ² = 0.1 lower the throughput"),
    )
    claims = []
    for study, metric, option, other, direction, text in rows:
        policy = other if other == RANDOM else RULE
        rival = other if other in (RULE, RANDOM) else f"{RULE}, {other}"
        name = f"beyond-{study}-{metric}-{policy}-{option}".replace(" ", "-").replace("/", "-per-")
        claims.append(
            Claim(
                name,
                f"{text}, by {policy}",
                OWN,
                f"beyond-{study}",
                "exceeds",
                metric,
                f"{policy}, {option}",
                rival,
                direction=direction,
            )
        )
    return claims


BEYOND_CLAIMS = (
    *_list_claims(),
    Claim(
        "figure-9-uav-1-greedy",
        "UAV 1 serves more than ten users where base stations alone are balanced, by greedy",
        OWN,
        "figure-9",
        "crosses",
        "UAV 1",
        RULE,
        printed=40.0,
        limit=10.0,
    ),
    Claim(
        "figure-8-capacities-bs-2",
        "balancing UAVs and satellites alone leaves BS 2's load as it is, by random",
        OWN,
        "figure-8-capacities",
        "level",
        "BS 2",
        f"{RANDOM}, {SKY}",
        UNBALANCED[0],
        tolerance=0.01,
    ),
    Claim(
        "figure-9-capacities-uav-1",
        "UAV 1 serves fewer users where UAVs and satellites are balanced, by greedy",
        OWN,
        "figure-9-capacities",
        "exceeds",
        "UAV 1",
        f"{RULE}, {FULL}",
        RULE,
        direction=-1,
    ),
)
"""Our claims on the paper's future work."""
