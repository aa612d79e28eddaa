"""Methods of the relaying system that sagin contains."""

from sagin.methods.method import Method
from sagin.relaying.placement import DECISION_RULES

TEXTS = {
    "hotspot": "the paper's rule: the user with most users in need about it, one after another",
    "cluster": "centres of clusters (k-means) of the users in need",
    "gradient": "gradient ascent of the mean-channel capacity from the hotspots",
    "exhaustive": "the best point of a grid, relay by relay",
}
ROWS = tuple(
    Method(name, TEXTS.get(name, ""), "relaying", decide=rule)
    for name, rule in DECISION_RULES.items()
)
