"""What the relaying paper leaves open and could turn the verdicts, one choice at a time."""

from typing import Any

from sagin.papers.paper import Reading
from sagin.papers.relaying.figures import FIGURES
from sagin.papers.relaying.run import Profile, list_points
from sagin.parameters import vary_fields
from sagin.studies.figure import Point

CHOICES = (
    (
        "gate-ignored",
        "line 5's gate ignored: all excess users within reach are relayed",
        "algorithm.gate=ignored",
    ),
    (
        "gate-hotspot",
        "line 5's gate looks at the hotspot user alone: all excess users, or none, are relayed",
        "algorithm.gate=hotspot",
    ),
    ("no-hotspot", "no hotspot, users uniform", "users.hotspot_share=0"),
    ("all-in-hotspot", "all users in the hotspot", "users.hotspot_share=1"),
    ("hotspot-anywhere", "hotspot's centre anywhere in the cell", "users.hotspot_place=anywhere"),
    ("poisson", "Poisson number of users", "users.process=poisson"),
    ("random-admission", "GBS admits at random", "base.admission=random"),
    ("shared-power", "GBS power shared among its users", "base.power_rule=shared"),
    ("shared-band", "band shared among a node's users", "radio.band_rule=shared"),
    (
        "average-shadowing",
        "satellite to users with average shadowing",
        "satellite.fading_user=average",
    ),
    ("light-shadowing", "satellite to users with light shadowing", "satellite.fading_user=light"),
    (
        "heavy-shadowing-relay",
        "satellite to relays with heavy shadowing",
        "satellite.fading_relay=heavy",
    ),
    ("masked-users", "10 dB more loss between satellite and users", "satellite.masking_db=10"),
    ("two-antennas", "two antennas a user", "users.antennas=2"),
    ("zenith", "satellite at zenith", "satellite.time=zenith"),
    ("whole-orbit", "drops over the whole orbit", "satellite.time=any"),
    ("stronger", "satellite 10 dB stronger", "satellite.eirp_dbw_per_mhz=48.4"),
    ("weaker", "satellite 10 dB weaker", "satellite.eirp_dbw_per_mhz=28.4"),
    ("relay-limit", "p_max for all of a relay's links together", "power.limit=relay"),
    ("efficient-powers", "powers for energy efficiency", "power.objective=efficiency"),
    ("satellite-beam", "the satellite's beam counts while it serves", "energy.satellite=beam"),
    (
        "satellite-standing",
        "the satellite's beam counts while it is in view",
        "energy.satellite=standing",
    ),
    ("link-hovering", "hovering counts in the account of (11)", "energy.link_hovering=included"),
    ("no-room", "only users whom the GBS would serve are in excess", "algorithm.excess=no_room"),
    ("clustering", "relays placed by clustering", "algorithm.placement=cluster"),
    ("gradient", "relays placed by gradient", "algorithm.placement=gradient"),
    ("larger-cell", "cell of 1000 m", "base.cell_radius_m=1000"),
    ("higher-carrier", "carrier 3.5 GHz", "radio.carrier_ghz=3.5"),
)
"""Id, what the paper leaves open, and the field that makes the choice."""
READINGS = (
    Reading("default", "as by default", ()),
    *(Reading(name, text, (field,)) for name, text, field in CHOICES),
)


def list_reading_points(reading: Reading, scenario: Any, profile: Profile) -> list[Point]:
    """Return the last point of Figure 2 under a reading."""
    from sagin.relaying.scenario import check_scenario

    varied_scenario = vary_fields(scenario, reading.overrides, check_scenario)
    return list_points(FIGURES[0], varied_scenario, profile)[-1:]
