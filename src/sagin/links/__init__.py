"""Links between any two nodes: loss models and antenna patterns as rows, and link budgets."""

from sagin.links.antennas import PATTERNS, Antenna, compute_gain_dbi
from sagin.links.budget import BudgetLine, LinkReport, compute_link
from sagin.links.link import LINKS, Link, build_link, check_link
from sagin.links.models import MODELS, LossModel, LossTerm, PathGeometry, compute_losses
from sagin.links.settings import Losses

__all__ = [
    "LINKS",
    "MODELS",
    "PATTERNS",
    "Antenna",
    "BudgetLine",
    "Link",
    "LinkReport",
    "LossModel",
    "LossTerm",
    "Losses",
    "PathGeometry",
    "build_link",
    "check_link",
    "compute_gain_dbi",
    "compute_link",
    "compute_losses",
]
