"""The slicing paper of Tu et al. as rows of data.

Priority-Based Load Balancing With Multiagent DRL for SAGIN Slicing, IEEE Internet of Things Journal
11(19), 2024.
"""

from sagin.papers.paper import Paper
from sagin.papers.slicing.claims import CLAIMS
from sagin.papers.slicing.figures import FIGURES
from sagin.papers.slicing.floor import bar
from sagin.papers.slicing.methods import TITLES
from sagin.papers.slicing.points import MAKE, has_figure, list_points
from sagin.papers.slicing.profiles import PROFILES, describe_profile
from sagin.papers.slicing.scene import draw_map
from sagin.papers.slicing.survey import SURVEY
from sagin.papers.slicing.tables import list_tables
from sagin.papers.slicing.text import TEXT

PAPER = Paper(
    name="slicing",
    citation=(
        "Tu et al., Priority-Based Load Balancing With Multiagent DRL for SAGIN Slicing, IEEE"
        " Internet of Things Journal 11(19), 2024, doi 10.1109/JIOT.2024.3416157"
    ),
    scenario="sagin.slicing.scenario",
    text=TEXT,
    figures=FIGURES,
    claims=CLAIMS,
    profiles=PROFILES,
    describe=describe_profile,
    points=list_points,
    make=MAKE,
    titles=TITLES,
    has_figure=has_figure,
    bar=bar,
    draw={"map": draw_map},
    tables=list_tables,
    survey=SURVEY,
)
