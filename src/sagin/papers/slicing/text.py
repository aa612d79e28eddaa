"""Text of the page about the slicing paper, besides its figures."""

from sagin.papers.paper import Text

TEXT = Text(
    title="The slicing paper, reproduced",
    introduction=(
        "Tu et al., Priority-Based Load Balancing With Multiagent DRL for SAGIN Slicing (IEEE"
        " Internet of Things Journal 11(19), 2024): our own implementation. Figures 3 to 7 and 10"
        " to 12 are of learned methods, beside a planner, a constant action, policies that need no"
        " learning and, in the longer profiles, a proven bound; figures 8 and 9 are of each policy."
        " Where a learned method's score is below that of the constant action, its claims are not"
        " tested. The claims of figures 4 to 6 are also judged by a rule that learns nothing. A"
        " gain is how much more of the metric the first method has than the second, in percent of"
        " the second's mean (of a delay, less is better); p is of a permutation test over seeds,"
        " corrected within a figure by Holm's method. Learned methods have γ = 0, which leaves the"
        " target networks (52), (53) and line 21 of Algorithm 1 idle."
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
            "whom a base station with more users than its capacity C_th disconnects: the lowest"
            " slice first (priority, the paper's), anyone alike (uniform), nobody (none)"
        ),
        "two-layer MADDPG": (
            "the paper's proposal: agents of the base stations act first, those of UAVs and"
            " satellites on whom these leave"
        ),
        "MADDPG, MAPPO": (
            "learners in one layer: all agents act at once, and a user may be claimed twice; then a"
            " base station serves, or, under 'drop', nobody"
        ),
        "fixed UAVs": "two-layer MADDPG with UAVs that stay at given places",
        "score": (
            "sum of three terms over all users: throughput of H over its reference, 1 − delay of L"
            " over its limit, coverage of C"
        ),
        "constant": "the best action that reads nothing, from a search on other slots: the floor",
        "not tested": (
            "a method scores below the constant action, or the mechanism of the claim hardly acts"
        ),
        "planner": "a search that sees the slot, learns nothing and respects the priority",
        "bound": (
            "what no method can pass in a slice, whatever becomes of the others; proven per slot"
        ),
        "greedy": (
            "each user takes the node of best signal-to-interference-and-noise ratio, UAVs fly to"
            " the centres of the users that remain"
        ),
        "random": "every number of the actions drawn alike",
        "holds in part": (
            "of several comparisons that a claim makes some hold, or a claimed size is missed"
        ),
        "undecided": "this number of seeds cannot tell",
    },
)
