"""The relaying paper's figures: against users (captions) and against relays (text)."""

from typing import NamedTuple

from sagin.papers.relaying.methods import METHODS
from sagin.studies.figure import Figure


class Axis(NamedTuple):
    """An axis of figures."""

    label: str
    scale: float = 1.0
    """Factor from the metric's SI unit."""
    values: tuple[float, ...] = ()
    """Values of the swept parameter."""


SWEEPS = {
    "users.count": Axis("number of users", values=tuple(map(float, range(20, 201, 20)))),
    "relay.count": Axis("number of relays", values=(0.0, 1.0, 2.0, 3.0, 4.0, 5.0)),
}
EFFICIENCY = Axis("energy efficiency (Mbit/J)", 1e-6)
METRICS = {
    "capacity": Axis("network capacity (Gbit/s)", 1e-9),
    "printed_efficiency": EFFICIENCY,
    "link_efficiency": EFFICIENCY,
    "radiated_efficiency": EFFICIENCY,
    "site_efficiency": EFFICIENCY,
}


def make_figure(
    name: str, title: str, sweep: str, metric: str, overrides: tuple[str, ...] = ()
) -> Figure:
    """Return the figure of one metric of all frameworks against a swept field."""
    return Figure(
        id=name,
        title=title,
        sweep=sweep,
        values=SWEEPS[sweep].values,
        metrics=(metric,),
        methods=tuple(METHODS),
        x_label=SWEEPS[sweep].label,
        y_label=METRICS[metric].label,
        scale=METRICS[metric].scale,
        overrides=overrides,
    )


FIGURES = (
    make_figure("figure-2", "Fig. 2: capacity against users", "users.count", "capacity"),
    make_figure(
        "figure-3", "Fig. 3: efficiency, powers of (30)", "users.count", "printed_efficiency"
    ),
    make_figure(
        "figure-3-radiated", "Fig. 3, transmit power alone", "users.count", "radiated_efficiency"
    ),
    make_figure("figure-3-link", "Fig. 3, one link of (11)", "users.count", "link_efficiency"),
    make_figure("figure-3-site", "Fig. 3 with the power drawn", "users.count", "site_efficiency"),
    make_figure(
        "figure-3-satellite",
        "Fig. 3 with the satellite's power",
        "users.count",
        "printed_efficiency",
        ("energy.satellite=beam",),
    ),
    make_figure("figure-2-relays", "Capacity against relays", "relay.count", "capacity"),
    make_figure(
        "figure-3-relays",
        "Efficiency against relays, powers of (30)",
        "relay.count",
        "printed_efficiency",
    ),
    make_figure(
        "figure-3-relays-link",
        "Efficiency against relays, one link of (11)",
        "relay.count",
        "link_efficiency",
    ),
    make_figure(
        "figure-3-relays-radiated",
        "Efficiency against relays, transmit power alone",
        "relay.count",
        "radiated_efficiency",
    ),
    make_figure(
        "figure-3-relays-site",
        "Efficiency against relays, power drawn",
        "relay.count",
        "site_efficiency",
    ),
)
