"""The slicing paper's figures and claims as data."""

from dataclasses import dataclass

from sagin.experiments.study import Figure

TOTALS = tuple(float(3 * users) for users in range(4, 21, 2))
"""Users of all slices together, the same number in each: from 12, in steps of 6, to 60."""
RULES = ("priority", "uniform", "none")
"""Load balancing: the proposed rule, benchmark 1, benchmark 2."""
X_USERS, Y_LOAD = "users of all slices", "users served"

FIGURES = (
    Figure(
        "figure-8",
        "Fig. 8: loads without load balancing",
        "users",
        TOTALS,
        "loads",
        X_USERS,
        Y_LOAD,
        overrides=("balancing.rule=none",),
    ),
    Figure(
        "figure-9",
        "Fig. 9: loads with priority-based load balancing",
        "users",
        TOTALS,
        "loads",
        X_USERS,
        Y_LOAD,
        overrides=("balancing.rule=priority",),
    ),
)
"""Loads of every node against users, a panel for each policy."""


@dataclass(frozen=True)
class Excess:
    """The claim that the load of a node exceeds a limit from some number of users on."""

    text: str
    source: str
    figure: str
    """Name of the figure whose cells decide it."""
    node: str
    """Name of the node's load among the metrics."""
    printed: float
    """Users from which on, as the paper prints it."""


CLAIMS = (
    Excess("BS 2 exceeds its capacity without load balancing", "Fig. 8", "figure-8", "BS 2", 30.0),
)
"""What the paper says of these figures; judged for every policy."""


@dataclass(frozen=True)
class Profile:
    """How much is run."""

    slots: int
    """In a row, for one seed."""
    seeds: int
    """Independent runs: other users, channels and arrivals. The paper has 5."""
    seed: int = 0
    learned: str = ""
    """How much the methods of figures 3 to 7 and 10 to 12 are trained, a name in `learned.AMOUNTS`;
    empty: these figures are left out.
    """


PROFILES = {
    "quick": Profile(20, 20, learned="quick"),
    "standard": Profile(50, 50, learned="standard"),
    "paper": Profile(50, 50, learned="paper"),
}
