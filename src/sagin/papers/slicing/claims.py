"""Claims of the slicing paper on its figures as rows."""

from collections.abc import Iterator
from dataclasses import replace

from sagin.papers.slicing.beyond import BEYOND_CLAIMS, OWN
from sagin.papers.slicing.figures import KPIS, REWARDS
from sagin.papers.slicing.methods import (
    BY_RULE,
    DRAWN,
    DROPPING,
    FIXED,
    GREEDY,
    NONE,
    PROPOSED,
    SINGLE,
    TO_THE_LETTER,
    UNBALANCED,
    UNIFORM,
)
from sagin.studies.claim import Claim

BETTER = {"throughput": 1, "delay": -1, "coverage": 1}
"""1 if more of a KPI is better, −1 if less."""
GROWTH = {"throughput": ("rises", 1), "delay": ("rises", 1), "coverage": ("falls", -1)}
BALANCED = {"acts": "offloaded", "acts_above": 0.01}
"""Share of moved users up to which balancing counts as idle."""


def name_id(*words: str) -> str:
    """Make an id from words.

    >>> name_id("delay", "MADDPG, drop")
    'delay-maddpg-drop'
    """
    return "-".join(words).lower().replace(",", "").replace(" ", "-")


def list_better(
    metric: str, figure: str, method: str, rival: str, text: str, **more: str | float
) -> Claim:
    """Return the claim that a method is better than its rival in a KPI."""
    source = f"Fig. {figure.split('-')[1]}"
    return Claim(
        name_id(figure, metric, method, "over", rival),
        text,
        source,
        figure,
        "exceeds",
        metric,
        method,
        rival,
        direction=BETTER[metric],
        **more,  # pyright: ignore[reportArgumentType]
    )


def list_level(metric: str, figure: str, rival: str, text: str, **more: str | float) -> Claim:
    """Return the claim that the proposed method and a rival are almost equal in a KPI."""
    claim = list_better(metric, figure, PROPOSED, rival, text, **more)
    return replace(claim, id=name_id(figure, metric, PROPOSED, "level", rival), kind="level")


def list_reward_claims() -> Iterator[Claim]:
    """Yield the paper's claims on figure 3."""
    for agent, name in REWARDS.items():
        yield Claim(
            name_id("figure-3", agent, "settles"),
            f"{name} settles by about 30000 iterations",
            "Fig. 3",
            "figure-3",
            "steady",
            agent,
            PROPOSED,
            printed=30_000.0,
            absolute=True,
        )
    for metric, sign in (("throughput", ">"), ("coverage", "<"), ("delay", "≈")):
        first, second = f"{metric}_1", f"{metric}_2"
        yield Claim(
            name_id("figure-3", metric, "layers"),
            f"{REWARDS[first]} {sign} {REWARDS[second]}",
            "Fig. 3",
            "figure-3",
            "level" if sign == "≈" else "exceeds",
            first,
            PROPOSED,
            PROPOSED,
            second,
            direction=-1 if sign == "<" else 1,
            tolerance=0.05,
            absolute=True,
            last_third=True,
        )


def list_balancing_claims() -> Iterator[Claim]:
    """Yield the paper's claims on figures 4 to 6."""
    for number, metric in enumerate(KPIS):
        figure, (word, sign) = f"figure-{4 + number}", GROWTH[metric]
        text = f"proposed balancing is better in {metric} than uniform"
        yield list_better(metric, figure, PROPOSED, UNIFORM, text, **BALANCED)
        if metric != "delay":
            text = f"proposed and uniform balancing have almost the same {metric}"
            yield list_level(metric, figure, UNIFORM, text, **BALANCED)
        for method in (PROPOSED, UNIFORM):
            text = f"no balancing is worst in {metric}"
            yield list_better(metric, figure, method, NONE, text, **BALANCED)
        for method in (PROPOSED, UNIFORM, NONE):
            yield Claim(
                name_id(figure, metric, word, method),
                f"{metric} {word} with users",
                f"Fig. {4 + number}",
                figure,
                "rises",
                metric,
                method,
                direction=sign,
            )


def list_literal_claims() -> Iterator[Claim]:
    """Yield the paper's claims on benchmark 1 taken literally, by the rule without learning."""
    for number, metric in enumerate(KPIS):
        text = f"proposed balancing is better in {metric} than disconnecting all users of a node"
        figure = f"figure-{4 + number}-greedy"
        yield list_better(metric, figure, BY_RULE[PROPOSED], TO_THE_LETTER, text, **BALANCED)


def list_access_claims() -> Iterator[Claim]:
    """Yield the paper's explanation of figure 5 in both readings.

    Slice L's access to the NTL is below that of the other slices, or below that under the other
    rules.
    """
    sides = [(PROPOSED, f"access_{name}", f"slice {name}") for name in "HC"]
    sides += [(rival, "", rival) for rival in (UNIFORM, NONE)]
    for rival, metric, words in sides:
        yield Claim(
            name_id("figure-5 access", words),
            f"slice L has less access to the NTL than {words if metric else 'under ' + words}",
            "Section VI",
            "figure-5",
            "exceeds",
            "access_L",
            PROPOSED,
            rival,
            metric,
            direction=-1,
            acts="offloaded",
        )


def list_map_claims() -> Iterator[Claim]:
    """Yield the paper's claims on figure 7."""
    for metric, words in (
        ("near_uav", "have more users about them"),
        ("uav_gap", "are farther from base stations"),
    ):
        yield Claim(
            name_id("figure-7", metric),
            f"learned UAVs {words} than fixed ones",
            "Fig. 7",
            "figure-7",
            "exceeds",
            metric,
            PROPOSED,
            FIXED,
        )


def list_load_claims() -> Iterator[Claim]:
    """Yield the paper's claims on figure 8, for every policy and for the learned method."""
    for method in (*UNBALANCED, NONE):
        yield Claim(
            name_id("figure-8", "BS 2", method),
            "BS 2 exceeds its capacity without load balancing",
            "Fig. 8",
            "figure-8-learned" if method == NONE else "figure-8",
            "crosses",
            "BS 2",
            method,
            printed=30.0,
            limit=10.0,
        )


def list_learner_claims() -> Iterator[Claim]:
    """Yield the paper's claims on figures 10 to 12."""
    for number, metric in enumerate(KPIS):
        figure = f"figure-{10 + number}"
        text = f"two-layer MADDPG is better in {metric}"
        for rival in (FIXED, *SINGLE):
            yield list_better(metric, figure, PROPOSED, rival, text)
        for rival in DROPPING:
            yield list_better(metric, f"{figure}-collisions", PROPOSED, rival, text)
        if metric != "delay":
            text = f"{metric} is almost that with fixed UAVs"
            yield list_level(metric, figure, FIXED, text)
    for method in SINGLE:
        yield Claim(
            name_id("collisions", method),
            "one layer has more collisions than two",
            "Figs. 10 to 12",
            "figure-10-collisions",
            "exceeds",
            "collided",
            method,
            PROPOSED,
        )


def list_weighted_claims() -> Iterator[Claim]:
    """Yield our expectations of the learner with four times the weight on slice L."""
    for number, metric in enumerate(KPIS):
        text = f"a learner that weighs slice L more passes {GREEDY} in {metric}"
        claim = list_better(metric, f"figure-{10 + number}-weighted", DRAWN, GREEDY, text)
        yield replace(claim, source=OWN)


def take_rule(claim: Claim) -> Claim:
    """Return a claim on the scheme for the rule without learning."""
    rival = BY_RULE.get(claim.rival, "")
    name, figure = f"{claim.id}-greedy", f"{claim.figure}-greedy"
    return replace(claim, id=name, figure=figure, method=BY_RULE[claim.method], rival=rival)


BALANCING = (*list_balancing_claims(),)
LEARNERS = (*list_learner_claims(),)
CLAIMS = (
    *list_reward_claims(),
    *BALANCING,
    *list_access_claims(),
    *map(take_rule, (*BALANCING, *list_access_claims())),
    *list_literal_claims(),
    *list_map_claims(),
    *list_load_claims(),
    *LEARNERS,
    *(take_rule(claim) for claim in LEARNERS if claim.rival == FIXED),
    *list_weighted_claims(),
    *BEYOND_CLAIMS,
)
"""The paper's claims, and ours on its future work; tests are corrected within a figure."""
