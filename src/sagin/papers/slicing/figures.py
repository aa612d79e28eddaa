"""Figures 3 to 12 of the slicing paper as rows."""

from dataclasses import replace

from sagin.papers.slicing.beyond import list_beyond_figures
from sagin.papers.slicing.methods import (
    BASELINES,
    BLIND,
    BY_RULE,
    CONSTANTS,
    DROPPING,
    FIXED,
    GREEDY,
    LADDER,
    NONE,
    PLANNER,
    POLICIES,
    PRINTED,
    PROPOSED,
    QUOTAS,
    SINGLE,
    TO_THE_LETTER,
    UNBALANCED,
    UNIFORM,
    WEIGHTED,
)
from sagin.studies.figure import Figure

SIZES = (8, 10, 12, 14, 16)
"""K_s of figures 4 to 6 and 10 to 12, the same for all slices."""
STANDARD_SIZE = 10
"""Users of the slices that are not swept, and K_s of figures 3 and 7."""
TOTALS = tuple(float(3 * size) for size in range(4, 21, 2))
"""Users of all slices together, equally divided: from 12, in steps of 6, to 60."""
NODES = ("BS 1", "BS 2", "UAV 1", "UAV 2", "LEO 1")
"""Loads of the paper's nodes, by name, as metrics."""
KPIS = {
    "throughput": ("throughput of slice H", "throughput of H (Mbit/s)", 1e-6),
    "delay": ("delay of slice L", "mean delay of L (ms)", 1e3),
    "coverage": ("coverage of slice C", "coverage of C (%)", 100.0),
}
"""Objective of each slice: words, axis, and the axis' unit in SI units."""
REWARDS = {
    f"{kind}_{layer}": f"r_{layer},{name}"
    for layer in (1, 2)
    for kind, name in zip(KPIS, "HLC", strict=True)
}
"""Agents and the paper's symbols of their rewards."""
SUMMED = (5, 6)
"""Figures that also show the layers' sum (36), because the paper's figures may show it."""
X_SAME, ALONE = "users of each slice, K_s", "alone"
LOADS = {"figure-8": (UNBALANCED, NONE), "figure-9": (POLICIES, PROPOSED)}
"""Figures of loads: policies, and the learned method that stands for them."""


def _list_kpi_figures(
    first: int, suffix: str, title: str, methods: tuple[str, ...], baselines: tuple[str, ...]
) -> list[Figure]:
    """Return three figures of KPIs against K_s, the same for all slices."""
    return [
        Figure(
            id=f"figure-{first + number}{suffix}",
            title=f"Fig. {first + number}{title.format(words)}",
            sweep="users",
            values=tuple(map(float, SIZES)),
            metrics=(metric, *(f"{metric}_sum",) * (first + number in SUMMED)),
            methods=methods,
            x_label=X_SAME,
            y_label=label,
            scale=scale,
            panels="metric" if first + number in SUMMED else "",
            labels=((metric, "over all users"), (f"{metric}_sum", "both layers' added (36)")),
            baselines=baselines,
        )
        for number, (metric, (words, label, scale)) in enumerate(KPIS.items())
    ]


def _list_alone_figures() -> list[Figure]:
    """Return figures 4 to 6 with one slice swept and the others at STANDARD_SIZE."""
    return [
        Figure(
            id=f"figure-{4 + number}-alone",
            title=f"Fig. {4 + number}, one slice swept: {words} by balancing rule",
            sweep=ALONE,
            values=tuple(map(float, SIZES)),
            metrics=(f"{metric}_alone",),
            methods=(PROPOSED, UNIFORM, NONE),
            x_label=f"users of slice {'HLC'[number]}, {STANDARD_SIZE} in the others",
            y_label=label,
            scale=scale,
        )
        for number, (metric, (words, label, scale)) in enumerate(KPIS.items())
    ]


def _list_load_figures() -> list[Figure]:
    """Return figures 8 and 9 of policies, and their counterparts of the learned method."""
    rows = []
    for name, (policies, learned) in LOADS.items():
        words = "without" if name == "figure-8" else "with priority-based"
        title = f"Fig. {name[-1]}: loads {words} load balancing"
        values = tuple(3.0 * size for size in SIZES)
        for suffix, methods, totals in (("", policies, TOTALS), ("-learned", (learned,), values)):
            rows.append(
                Figure(
                    f"{name}{suffix}",
                    f"{title}{suffix.replace('-', ', ')}",
                    sweep="users",
                    values=totals,
                    metrics=NODES,
                    methods=methods,
                    x_label="users of all slices",
                    y_label="users served",
                    panels="method",
                    limit=("capacity of a BS", "base_stations.capacity"),
                )
            )
    return rows


CURVES = Figure(
    "figure-3",
    "Fig. 3: rewards against iterations",
    sweep="iteration",
    values=(),
    metrics=tuple(REWARDS),
    methods=(PROPOSED,),
    x_label="slots played",
    y_label="reward",
    panels="method",
    labels=tuple(REWARDS.items()),
)
MAP = Figure(
    "figure-7",
    "Fig. 7: users, and UAVs where they were learned to be and fixed",
    sweep="users",
    values=(float(STANDARD_SIZE),),
    metrics=("near_uav", "uav_gap", "uav_hop"),
    methods=(PROPOSED, FIXED),
    x_label="x (km)",
    y_label="y (km)",
    drawing="map",
)
CHECKS = Figure(
    "checks",
    "What reading the state, rewards as printed and quotas are worth",
    sweep="users",
    values=(float(STANDARD_SIZE),),
    metrics=("score",),
    methods=(PROPOSED, BLIND, PRINTED, QUOTAS),
    x_label=X_SAME,
    y_label="score, sum of three terms",
    baselines=(PLANNER, *CONSTANTS),
)
STEPWISE = replace(
    CHECKS,
    id="ladder",
    title="MADDPG as printed, and what each change to it is worth",
    methods=LADDER,
    baselines=("constant", GREEDY, "random"),
)
BALANCING, LEARNERS = (PROPOSED, UNIFORM, NONE), (PROPOSED, FIXED, *SINGLE)
RULES = (*(BY_RULE[method] for method in BALANCING), TO_THE_LETTER)
FIGURES = (
    CURVES,
    *_list_kpi_figures(4, "", ": {} by balancing rule", BALANCING, BASELINES),
    *_list_alone_figures(),
    *_list_kpi_figures(4, "-greedy", ", by greedy: {} by balancing rule", RULES, ()),
    MAP,
    *_list_load_figures(),
    *_list_kpi_figures(10, "", ": {} by method", LEARNERS, BASELINES),
    *_list_kpi_figures(
        10, "-collisions", ", both collision rules: {}", (PROPOSED, *SINGLE, *DROPPING), BASELINES
    ),
    *_list_kpi_figures(
        10, "-greedy", ", by greedy: {}", tuple(BY_RULE[m] for m in (PROPOSED, FIXED)), ()
    ),
    *_list_kpi_figures(
        10, "-weighted", ", by the weight of slice L: {}", (PROPOSED, *WEIGHTED, GREEDY), ()
    ),
    CHECKS,
    STEPWISE,
    *list_beyond_figures(tuple(map(float, SIZES)), TOTALS),
)
