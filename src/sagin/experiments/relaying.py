"""The relaying paper's figures and claims as data."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from sagin.experiments.study import Claim, Figure
from sagin.relaying.frameworks import FRAMEWORKS

USERS = tuple(float(count) for count in range(20, 201, 20))
RELAYS = (0.0, 1.0, 2.0, 3.0, 4.0, 5.0)
X_USERS, X_RELAYS = "number of users", "number of relays"
Y_CAPACITY, Y_EFFICIENCY = "network capacity (Gbit/s)", "energy efficiency (Mbit/J)"
WITH_SATELLITE = ("energy.satellite=beam",)

FIGURES = (
    Figure(
        "figure-2",
        "Fig. 2: capacity against users",
        "users.count",
        USERS,
        "capacity",
        X_USERS,
        Y_CAPACITY,
        1e-9,
    ),
    Figure(
        "figure-3",
        "Fig. 3: efficiency, powers of (30)",
        "users.count",
        USERS,
        "printed_efficiency",
        X_USERS,
        Y_EFFICIENCY,
        1e-6,
    ),
    Figure(
        "figure-3-radiated",
        "Fig. 3, transmit power alone",
        "users.count",
        USERS,
        "radiated_efficiency",
        X_USERS,
        Y_EFFICIENCY,
        1e-6,
    ),
    Figure(
        "figure-3-site",
        "Fig. 3 with the power drawn",
        "users.count",
        USERS,
        "site_efficiency",
        X_USERS,
        Y_EFFICIENCY,
        1e-6,
    ),
    Figure(
        "figure-3-satellite",
        "Fig. 3 with the satellite's power",
        "users.count",
        USERS,
        "printed_efficiency",
        X_USERS,
        Y_EFFICIENCY,
        1e-6,
        WITH_SATELLITE,
    ),
    Figure(
        "figure-2-relays",
        "Capacity against relays",
        "relay.count",
        RELAYS,
        "capacity",
        X_RELAYS,
        Y_CAPACITY,
        1e-9,
    ),
    Figure(
        "figure-3-relays",
        "Efficiency against relays, powers of (30)",
        "relay.count",
        RELAYS,
        "printed_efficiency",
        X_RELAYS,
        Y_EFFICIENCY,
        1e-6,
    ),
    Figure(
        "figure-3-relays-radiated",
        "Efficiency against relays, transmit power alone",
        "relay.count",
        RELAYS,
        "radiated_efficiency",
        X_RELAYS,
        Y_EFFICIENCY,
        1e-6,
    ),
    Figure(
        "figure-3-relays-site",
        "Efficiency against relays, power drawn",
        "relay.count",
        RELAYS,
        "site_efficiency",
        X_RELAYS,
        Y_EFFICIENCY,
        1e-6,
    ),
)
"""Figures 2 and 3 against users as the captions say, and against relays as the text says."""

CAPTION = {row.name: row.caption for row in FRAMEWORKS}
TITLES = {row.name: row.title for row in FRAMEWORKS}
CAPACITY_GAINS = {
    "gbs-only": 32.49,
    "egc": 3.65,
    "egc-equal": 3.65,
    "sc": 6.92,
    "leo-gbs": 29.59,
    "leo-gbs-half": 29.59,
}
EFFICIENCY_GAINS = {
    "gbs-only": 25.39,
    "egc": 3.65,
    "egc-equal": 3.65,
    "sc": 6.93,
    "leo-gbs": 28.54,
    "leo-gbs-half": 28.54,
}
"""Greatest gain of CUD that the paper prints, percent; it has one EGC and one LEO-GBS, of each of
which we carry both readings.
"""

ACCOUNTS = {
    "figure-3": ("printed_efficiency", "the powers of (30), hovering included"),
    "figure-3-radiated": ("radiated_efficiency", "transmit power alone"),
    "figure-3-site": ("site_efficiency", "the power drawn"),
}
AGAINST_RELAYS = {
    "figure-2": "figure-2-relays",
    "figure-3": "figure-3-relays",
    "figure-3-radiated": "figure-3-relays-radiated",
    "figure-3-site": "figure-3-relays-site",
}
"""By figure against users, the one against relays: the captions say the former, Section V of the
same gains the latter.
"""

EFFICIENCIES = dict(ACCOUNTS.values())
DECLINE = "LEO-GBS's energy efficiency falls below GBS-only's as users grow"
NEEDS = "aircraft"
"""What every claim of CUD is about: where none flies it is LEO-GBS by another name, and what it
gains there is the satellite's.
"""


def _gains(
    figure: str, metric: str, text: str, by: str, printed: Mapping[str, float]
) -> list[Claim]:
    """Return what is printed of CUD's gains in a metric, against users and against relays, and that
    it grows with relays.
    """
    claims, relays = [], AGAINST_RELAYS[figure]
    for drawn, across, source in (
        (figure, "", f"Fig. {figure[7]}"),
        (relays, ", across numbers of relays", "Section V"),
    ):
        for rival, gain in printed.items():
            said, factor = (
                f"CUD {text} than {TITLES[rival]}{by}{across}",
                CAPTION["cud"] / CAPTION[rival],
            )
            claims.append(
                Claim(
                    f"{drawn}-{rival}",
                    said,
                    source,
                    drawn,
                    metric,
                    "cud",
                    rival,
                    "gain",
                    gain,
                    factor,
                    NEEDS,
                )
            )
    said, factor = (
        f"CUD {text} than GBS-only{by}, the more so the more relays",
        CAPTION["cud"] / CAPTION["gbs-only"],
    )
    grows = Claim(
        f"{relays}-growth",
        said,
        "Section VI",
        relays,
        metric,
        "cud",
        "gbs-only",
        "rises above",
        None,
        factor,
        NEEDS,
    )
    return [*claims, grows]


def _orders() -> list[Claim]:
    declines = {
        **ACCOUNTS,
        "figure-3-satellite": ("printed_efficiency", "the powers of (30) and the satellite's"),
    }
    claims = [
        Claim(
            f"{figure}-decline",
            f"{DECLINE}, by {account}",
            "Remark 1",
            figure,
            metric,
            "leo-gbs",
            "gbs-only",
            "falls below",
            None,
            CAPTION["leo-gbs"],
        )
        for figure, (metric, account) in declines.items()
    ]
    for figure, (metric, account) in ACCOUNTS.items():
        text = f"a network with relays is more energy efficient than with aerial base stations, by {account}"
        claims.append(
            Claim(
                f"{figure}-station",
                text,
                "Section I",
                figure,
                metric,
                "cud",
                "uav-bs",
                "above",
                needs=NEEDS,
            )
        )
    return claims


CLAIMS = (
    *_gains("figure-2", "capacity", "gives more capacity", "", CAPACITY_GAINS),
    *(
        claim
        for figure, (metric, account) in ACCOUNTS.items()
        for claim in _gains(
            figure, metric, "is more energy efficient", f", by {account}", EFFICIENCY_GAINS
        )
    ),
    *_orders(),
)
"""Every claim that the paper makes of its figures."""


@dataclass(frozen=True)
class Profile:
    """How much is run."""

    drops: int
    """Monte Carlo drops a cell."""
    seed: int = 0


PROFILES = {"quick": Profile(1000), "standard": Profile(10_000), "paper": Profile(10_000)}


class Choice(NamedTuple):
    """An open choice of the model, made otherwise than by default."""

    text: str
    overrides: tuple[str, ...]


CHOICES = (
    Choice("as by default", ()),
    Choice(
        "line 5's gate ignored: all excess users within reach are relayed",
        ("algorithm.gate=ignored",),
    ),
    Choice("no hotspot, users uniform", ("users.hotspot_share=0",)),
    Choice("all users in the hotspot", ("users.hotspot_share=1",)),
    Choice("hotspot's centre anywhere in the cell", ("users.hotspot_place=anywhere",)),
    Choice("Poisson number of users", ("users.process=poisson",)),
    Choice("GBS admits at random", ("base.admission=random",)),
    Choice("GBS power shared among its users", ("base.power_rule=shared",)),
    Choice("band shared among a node's users", ("radio.band_rule=shared",)),
    Choice("satellite to users with average shadowing", ("satellite.fading_user=average",)),
    Choice("satellite to users with light shadowing", ("satellite.fading_user=light",)),
    Choice("satellite to relays with heavy shadowing", ("satellite.fading_relay=heavy",)),
    Choice("satellite at zenith", ("satellite.time=zenith",)),
    Choice("drops over the whole orbit", ("satellite.time=any",)),
    Choice("satellite 10 dB stronger", ("satellite.eirp_dbw_per_mhz=48.4",)),
    Choice("satellite 10 dB weaker", ("satellite.eirp_dbw_per_mhz=28.4",)),
    Choice("p_max for all of a relay's links together", ("power.limit=relay",)),
    Choice("powers for energy efficiency", ("power.objective=efficiency",)),
    Choice("only users whom the GBS would serve are in excess", ("algorithm.excess=no_room",)),
    Choice("relays placed by clustering", ("algorithm.placement=cluster",)),
    Choice("relays placed by gradient", ("algorithm.placement=gradient",)),
    Choice("cell of 1000 m", ("base.cell_radius_m=1000",)),
    Choice("carrier 3.5 GHz", ("radio.carrier_ghz=3.5",)),
)
"""What the paper leaves open and could turn the verdicts, one at a time."""
