"""All claims of the relaying paper on its figures, as rows."""

from collections.abc import Mapping
from typing import NamedTuple

from sagin.papers.relaying.methods import TITLES, caption_ratio
from sagin.studies.claim import Claim

NEEDS = "aircraft"
"""Metric without which no claim on CUD can be judged: if no relay flies, CUD equals LEO-GBS, and
its gain comes from the satellite.
"""


class Account(NamedTuple):
    """A figure against users with the figure against relays, and their common metric."""

    figure: str
    relays: str
    metric: str
    advantage: str
    """The paper's verb for CUD's series, between the names of CUD and of its rival."""
    account: str = ""
    """Account of power: which powers count."""


CAPACITY = Account("figure-2", "figure-2-relays", "capacity", "gives more capacity than")
EFFICIENT = "is more energy efficient than"
EFFICIENCIES = (
    Account(
        "figure-3",
        "figure-3-relays",
        "printed_efficiency",
        EFFICIENT,
        "the powers of (30), hovering included",
    ),
    Account(
        "figure-3-radiated",
        "figure-3-relays-radiated",
        "radiated_efficiency",
        EFFICIENT,
        "transmit power alone",
    ),
    Account(
        "figure-3-link",
        "figure-3-relays-link",
        "link_efficiency",
        EFFICIENT,
        "(11) as printed, one link a relay",
    ),
    Account(
        "figure-3-site", "figure-3-relays-site", "site_efficiency", EFFICIENT, "the power drawn"
    ),
)
WITH_SATELLITE = Account(
    "figure-3-satellite", "", "printed_efficiency", "", "the powers of (30) and the satellite's"
)
CAPACITY_GAINS = {
    "gbs-only": 32.49,
    "egc": 3.65,
    "egc-equal": 3.65,
    "sc": 6.92,
    "leo-gbs": 29.59,
    "leo-gbs-half": 29.59,
}
"""Largest capacity gain of CUD that the paper prints, percent.

The paper has one EGC and one LEO-GBS; here there are two readings of each.
"""
EFFICIENCY_GAINS = {
    "gbs-only": 25.39,
    "egc": 3.65,
    "egc-equal": 3.65,
    "sc": 6.93,
    "leo-gbs": 28.54,
    "leo-gbs-half": 28.54,
}
"""Largest efficiency gain of CUD that the paper prints, percent."""


def list_gains(account: Account, printed: Mapping[str, float]) -> list[Claim]:
    """Return the claims on CUD's gains against users and relays, and their growth with relays."""
    by = f", by {account.account}" if account.account else ""
    claims = []
    for figure, across, source in (
        (account.figure, "", f"Fig. {account.figure[7]}"),
        (account.relays, ", across numbers of relays", "Section V"),
    ):
        for rival, gain in printed.items():
            claim = Claim(
                id=f"{figure}-{rival}",
                text=f"CUD {account.advantage} {TITLES[rival]}{by}{across}",
                source=source,
                figure=figure,
                kind="gain",
                metric=account.metric,
                method="cud",
                rival=rival,
                printed=gain,
                factor=caption_ratio("cud", rival),
                needs=NEEDS,
            )
            claims.append(claim)
    growth = Claim(
        id=f"{account.relays}-growth",
        text=f"CUD {account.advantage} GBS-only{by}, the more so the more relays",
        source="Section VI",
        figure=account.relays,
        kind="rises",
        metric=account.metric,
        method="cud",
        rival="gbs-only",
        factor=caption_ratio("cud", "gbs-only"),
        needs=NEEDS,
    )
    return [*claims, growth]


def make_decline(account: Account) -> Claim:
    """Return Remark 1: the satellite path loses efficiency as users grow."""
    return Claim(
        id=f"{account.figure}-decline",
        text="LEO-GBS's energy efficiency falls below GBS-only's as users grow, "
        f"by {account.account}",
        source="Remark 1",
        figure=account.figure,
        kind="rises",
        metric=account.metric,
        method="leo-gbs",
        rival="gbs-only",
        direction=-1,
        factor=caption_ratio("leo-gbs", "gbs-only"),
    )


def make_station(account: Account) -> Claim:
    """Return the claim that relays are more efficient than aerial base stations."""
    return Claim(
        id=f"{account.figure}-station",
        text="a network with relays is more energy efficient than with aerial base stations, "
        f"by {account.account}",
        source="Section I",
        figure=account.figure,
        kind="exceeds",
        metric=account.metric,
        method="cud",
        rival="uav-bs",
        needs=NEEDS,
    )


CLAIMS = (
    *list_gains(CAPACITY, CAPACITY_GAINS),
    *(claim for account in EFFICIENCIES for claim in list_gains(account, EFFICIENCY_GAINS)),
    *map(make_decline, (*EFFICIENCIES, WITH_SATELLITE)),
    *map(make_station, EFFICIENCIES),
)
