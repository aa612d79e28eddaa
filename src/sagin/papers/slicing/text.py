"""Text of the page about the slicing paper, besides its figures."""

from sagin.papers.paper import Text

TEXT = Text(
    title="The slicing paper, reproduced",
    introduction=(
        "Tu et al., Priority-Based Load Balancing With Multiagent DRL for SAGIN Slicing "
        "(IEEE Internet of Things Journal 11(19), 2024): our own implementation. Figures 3 "
        "to 7 and 10 to 12 show learned methods, compared with a planner, a constant action, "
        "policies without learning and, in the longer profiles, a proven bound; figures 8 "
        "and 9 show each policy. If a learned method's score is below that of the constant "
        "action, its claims are not tested. The claims of figures 4 to 6 are also judged by "
        "a rule without learning. A gain is the difference of the first method from the "
        "second, in percent of the second's mean (for a delay, less is better); p is that of "
        "a permutation test over seeds, corrected within a figure by Holm's method. Learned "
        "methods have γ = 0, so the target networks (52), (53) and line 21 of Algorithm 1 "
        "are idle."
    ),
    caption=(
        "Means over seeds, bands are 95 % intervals, the widest cut by the axis. Loads: a panel"
        " per policy. Learned: seeds of training."
    ),
    terms={
        "H, L, C": "the slices of high throughput, low delay and wide coverage",
        "K_s": "users of each slice",
        "BS, UAV, LEO": (
            "base station, unmanned aerial vehicle, low-orbit satellite; the latter two are the"
            " non-terrestrial layer (NTL)"
        ),
        "balancing": (
            "rule by which a base station with more users than its capacity C_th disconnects "
            "users: the lowest slice first (priority, the paper's), random users (uniform), "
            "or none"
        ),
        "two-layer MADDPG": (
            "the paper's proposal: agents of the base stations act first, then those of UAVs "
            "and satellites on the remaining users"
        ),
        "MADDPG, MAPPO": (
            "learners in one layer: all agents act at once, and a user may be claimed twice; "
            "then the base station serves it, or, under 'drop', no node does"
        ),
        "fixed UAVs": "two-layer MADDPG with UAVs at fixed positions",
        "score": (
            "sum of three terms over all users: throughput of H over its reference, 1 − delay of L"
            " over its limit, coverage of C"
        ),
        "constant": "the best constant action, from a search on other slots: the floor",
        "not tested": (
            "a method scores below the constant action, or the mechanism of the claim hardly acts"
        ),
        "planner": "a search that sees the slot, does not learn and respects the priority",
        "bound": (
            "upper bound of a slice for every method, whatever the other slices; proven per slot"
        ),
        "greedy": (
            "each user takes the node of best signal-to-interference-and-noise ratio, and "
            "UAVs fly to the centres of the remaining users"
        ),
        "random": "every number of the actions drawn alike",
        "holds in part": ("some of a claim's comparisons hold, or a claimed size is missed"),
        "undecided": "this number of seeds cannot tell",
    },
)
