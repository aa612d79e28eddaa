"""Beyond the relaying paper: estimated channels and the cost of handover, with our own claims."""

from typing import Any

from sagin.papers.relaying.methods import METHODS, TITLES
from sagin.papers.relaying.sessions import ARRIVALS
from sagin.relaying.sessions import RULES, SERVICES
from sagin.studies.claim import Claim
from sagin.studies.figure import Figure

OWN = "beyond the paper; a claim of ours"
"""Source of the claims."""
PILOTS = Figure(
    id="beyond-pilots",
    title="Capacity where decisions know channels by pilots of error variance σ²",
    sweep="csi.error_variance",
    values=(0.0, 0.01, 0.05, 0.1, 0.2, 0.5),
    metrics=("capacity",),
    methods=tuple(METHODS),
    x_label="error variance σ² of the estimates",
    y_label="network capacity (Gbit/s)",
    scale=1e-9,
)
HANDOVER = Figure(
    id="beyond-handover",
    title="What handover costs sessions of 3 min under a Walker constellation, a channel each",
    sweep=ARRIVALS,
    values=(0.05, 0.08, 0.11, 0.14),
    metrics=("blocked", "dropped", "waiting"),
    methods=tuple(f"{rule}, {service}" for rule in RULES for service in SERVICES),
    x_label="new users per second",
    y_label="share (%)",
    scale=100.0,
    overrides=("satellite.source=walker", "sessions.channels=1"),
    panels="metric",
    labels=(
        ("blocked", "new users blocked"),
        ("dropped", "handovers lost"),
        ("waiting", "handovers that wait"),
    ),
)
FIGURES = (PILOTS, HANDOVER)


def _claim_excess(
    figure: Figure, metric: str, method: str, rival: str, text: str, **more: Any
) -> Claim:
    """Return the claim that a method has more of a metric than its rival, or less."""
    name = f"{figure.id}-{metric}-{method}-{rival}".replace(", ", "-")
    return Claim(name, text, OWN, figure.id, "exceeds", metric, method, rival, **more)


CLAIMS = (
    *(
        _claim_excess(
            PILOTS,
            "capacity",
            "cud",
            rival,
            f"CUD gives more capacity than {TITLES[rival]} with estimated channels, too",
            needs="aircraft",
        )
        for rival in ("gbs-only", "leo-gbs", "sc")
    ),
    Claim(
        f"{PILOTS.id}-capacity-falls",
        "CUD's capacity falls with the error of the estimates",
        OWN,
        PILOTS.id,
        "rises",
        "capacity",
        "cud",
        direction=-1,
        needs="aircraft",
    ),
    _claim_excess(
        HANDOVER,
        "blocked",
        "longest, guaranteed",
        "longest, plain",
        "guaranteed handover blocks more new users than plain",
    ),
    _claim_excess(
        HANDOVER,
        "dropped",
        "longest, guaranteed",
        "longest, plain",
        "guaranteed handover loses fewer sessions than plain",
        direction=-1,
    ),
    _claim_excess(
        HANDOVER,
        "dropped",
        "longest, prioritised",
        "longest, plain",
        "prioritised handover loses fewer sessions than plain",
        direction=-1,
    ),
    _claim_excess(
        HANDOVER,
        "handovers",
        "longest, plain",
        "highest, plain",
        "the satellite that stays longest hands over less often than the highest",
        direction=-1,
    ),
)
"""Our expectations, written before the computation."""
