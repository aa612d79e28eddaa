"""The relaying paper's input to a search over readings: its eight gains and their definitions."""

from collections.abc import Mapping

from sagin.papers.relaying.claims import CAPACITY_GAINS, EFFICIENCY_GAINS
from sagin.papers.relaying.figures import SWEEPS
from sagin.papers.relaying.methods import TITLES, caption_ratio
from sagin.papers.relaying.reading_drops import MAKE, name_efficiency, pad_scenario
from sagin.studies.claim import Claim
from sagin.studies.definitions import DEFINITIONS
from sagin.studies.survey import DefinitionRow, OtherChoice, Survey

POWER_RULE = "base.power_rule"
SATELLITE = {
    "excluded": "the satellite's power left out, as (30) prints",
    "beam": "the satellite's power counts as one beam",
    "standing": "the satellite's power counts as one beam all the time",
    "bands": "the satellite's power counts by users that it serves",
}
ACCOUNTS = {
    "printed": "all powers of (30), hovering included",
    "link": "(11) as printed: one link a relay, no hovering",
    "radiated": "transmit power alone, all links",
    "site": "the power drawn by site and relay",
}
EFFICIENCY = "efficiency"
"""Metric of the printed efficiency gains, before an account is chosen."""


def _list_printed(metric: str, figure: int, gains: Mapping[str, float]) -> list[Claim]:
    texts = {"capacity": "capacity", EFFICIENCY: "energy efficiency"}
    return [
        Claim(
            id=f"{metric}-{rival}",
            text=f"CUD's gain in {texts[metric]} over {TITLES[rival]}",
            source=f"Fig. {figure}",
            figure=f"figure-{figure}",
            kind="gain",
            metric=metric,
            method="cud",
            rival=rival,
            printed=gains[rival],
            factor=caption_ratio("cud", rival),
        )
        for rival in ("gbs-only", "egc", "sc", "leo-gbs")
    ]


ORDERS = (
    Claim(
        id="efficiency-decline",
        text="LEO-GBS's energy efficiency falls below GBS-only's",
        source="Remark 1",
        figure="figure-3",
        kind="exceeds",
        metric=EFFICIENCY,
        method="leo-gbs",
        rival="gbs-only",
        direction=-1,
        factor=caption_ratio("leo-gbs", "gbs-only"),
    ),
    Claim(
        id="efficiency-station",
        text="a network with relays is more energy efficient than with aerial base stations",
        source="Section I",
        figure="figure-3",
        kind="exceeds",
        metric=EFFICIENCY,
        method="cud",
        rival="uav-bs",
    ),
)


def _list_accounts() -> list[DefinitionRow]:
    """Return the rows of the account of power, to which the satellite's row is added."""
    return [
        DefinitionRow(account, text, {EFFICIENCY: account}) for account, text in ACCOUNTS.items()
    ]


def _list_satellites() -> list[DefinitionRow]:
    return [
        DefinitionRow(
            name,
            text,
            {account: name_efficiency(account, name) for account in ACCOUNTS},
            () if name == "excluded" else (f"energy.satellite={name}",),
        )
        for name, text in SATELLITE.items()
    ]


AXES = {
    "account of power": _list_accounts(),
    "the satellite's power": _list_satellites(),
    "equal-gain combining": [
        DefinitionRow("forwarded", "EGC with the noise that the relay forwards"),
        DefinitionRow("equal", "EGC of the textbook, equal noise", {"egc": "egc-equal"}),
    ],
    "LEO-GBS": [
        DefinitionRow("full", "LEO-GBS on the full band"),
        DefinitionRow("half", "LEO-GBS on half the band", {"leo-gbs": "leo-gbs-half"}),
    ],
}


def settle_fields(fields: dict[str, float | str]) -> dict[str, float | str]:
    """Return a reading's fields without the base station's power rule, if that has no effect.

    It has no effect if users take turns in the station's band, each at full power.
    """
    shared = fields.get("radio.band_rule") == "shared"
    return {name: value for name, value in fields.items() if not (shared and name == POWER_RULE)}


BEFORE, PLOTTED, OVER_CUD, OVER_CUD_BEFORE = (DEFINITIONS[row] for row in (2, 0, 1, 3))
SURVEY = Survey(
    claims=[
        *_list_printed("capacity", 2, CAPACITY_GAINS),
        *_list_printed(EFFICIENCY, 3, EFFICIENCY_GAINS),
        *ORDERS,
    ],
    axes=AXES,
    at=(200.0,),
    make=MAKE,
    pad=pad_scenario,
    # verdicts leave out the captions' factors by default
    definitions=(BEFORE, PLOTTED, OVER_CUD, OVER_CUD_BEFORE),
    points=SWEEPS["users.count"].values,
    settle=settle_fields,
    others=(
        OtherChoice("Poisson number of users", "users.process=poisson"),
        OtherChoice("p_max for all of a relay's links together", "power.limit=relay"),
        OtherChoice("powers for energy efficiency", "power.objective=efficiency"),
    ),
    remarks=(
        "The ranges were set and committed before the first search. The row of a satellite whose "
        "beam counts all the time was added later, when a reading found by hand was measured.",
    ),
)
