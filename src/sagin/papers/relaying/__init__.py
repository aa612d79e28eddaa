"""Bhola et al., VTC 2024-Fall, reproduced: figures, claims and open definitions as rows."""

from sagin.papers.paper import Paper, Text
from sagin.papers.relaying import beyond
from sagin.papers.relaying.claims import CLAIMS
from sagin.papers.relaying.figures import FIGURES
from sagin.papers.relaying.methods import TITLES
from sagin.papers.relaying.optimum import write_optimum
from sagin.papers.relaying.run import MAKE, PROFILES, list_points
from sagin.papers.relaying.survey import SURVEY

TEXT = Text(
    title="The relaying paper, reproduced",
    introduction=(
        "Bhola et al., Cooperative UAV-Relay based Satellite Aerial Ground Integrated Networks "
        "(VTC 2024-Fall): the figures from our own implementation, with a verdict on each claim. "
        "Gains are paired over the same drops. The paper's captions say that its series were "
        "multiplied before plotting; each gain is given without and with these factors."
    ),
    caption="Means over drops; bands are 95 % intervals. A seed is a block of drops.",
    terms={
        "GBS, LEO, relay": (
            "ground base station, satellite in a low Earth orbit, UAV that amplifies and "
            "forwards the satellite's signal"
        ),
        "CUD": "the paper's proposal: users in excess combine the satellite's and the relay's "
        "signal by maximum ratio",
        "EGC-SAGIN": (
            "equal-gain combining instead; the relay forwards its noise too, or (equal noise) "
            "both signals have equal noise"
        ),
        "SC-SAGIN": "selection combining instead: the stronger signal alone",
        "LEO-GBS": (
            "no relay: only the satellite serves users in excess, on the whole band or on half "
            "of it, like relayed users"
        ),
        "GBS-only": "users in excess are not served",
        "UAV-BS": "an aerial base station with its own transmitter and backhaul, no relay",
        "holds in part": (
            "a significant gain of another size than printed, or a gain that changes sign along "
            "the sweep"
        ),
    },
)
PAPER = Paper(
    name="relaying",
    citation="Bhola et al., VTC 2024-Fall, arXiv:2410.06880",
    scenario="sagin.relaying.scenario",
    text=TEXT,
    figures=(*FIGURES, *beyond.FIGURES),
    claims=(*CLAIMS, *beyond.CLAIMS),
    profiles=PROFILES,
    describe=lambda profile: f"{profile.drops} drops per point",
    points=list_points,
    make=MAKE,
    titles=TITLES,
    survey=SURVEY,
    optimum=write_optimum,
)
