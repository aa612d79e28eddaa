"""External inputs of a run: cell sites and satellites, read once before anything is compiled."""

from typing import NamedTuple

from sagin.relaying.sampling import Layout, Serving
from sagin.relaying.satellites import Track, track_satellites
from sagin.relaying.scenario import Scenario, check_scenario
from sagin.relaying.sites import CellSite, apply_sites, read_sites


class Inputs(NamedTuple):
    """A scenario with the contents of its files."""

    scenario: Scenario
    """The scenario, with the values that follow from the sites."""
    layout: Layout | None
    """Positions where users gather, or None for one random hotspot."""
    track: Track | None
    """Satellites of the drops, or None for the circular pass."""
    base: CellSite | None
    """The site that is the GBS, or None."""

    @property
    def servings(self) -> Serving | None:
        """The satellites in the form that `simulate` takes."""
        return None if self.track is None else self.track.serving


def prepare_inputs(scenario: Scenario, drops: int, source: str = "scenario") -> Inputs:
    """Check a scenario and read its sites and the satellites of its drops.

    Raises:
        InputError: one line that names the error.
    """
    check_scenario(scenario, source)
    layout = base = None
    if scenario.sites.file is not None:
        scenario, layout, base = apply_sites(scenario, read_sites(scenario.sites.file))
    real = scenario.satellite.source != "circular"
    return Inputs(scenario, layout, track_satellites(scenario, drops) if real else None, base)
