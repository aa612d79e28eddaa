"""What a relaying drop comes to: sums for each framework, and who is served by whom."""

from typing import NamedTuple

import numpy as np
from jaxtyping import Array, Bool, Float, Int

from sagin.relaying.decision import Decision
from sagin.relaying.links import DropLinks

Rows = Float[Array | np.ndarray, "*drops frameworks"]
Counts = Int[Array | np.ndarray, "*drops frameworks"]
Users = Bool[Array, "users"]


class Summary(NamedTuple):
    """What a drop comes to; the framework axis is in the order of FRAMEWORKS."""

    capacity: Rows
    """C_j + C_G and what the satellite serves directly, bit/s."""
    radiated_power: Rows
    """Transmit power alone, W: P_G and all links' transmit powers (the satellite's if the scenario
    counts it); nothing that hovers.
    """
    link_power: Rows
    """Power as (11) prints it, W: P_G and one link of each aircraft, its strongest (and the
    satellite's if the scenario counts it).
    """
    printed_power: Rows
    """Power as (30) prints it with all links in (11), W: `radiated_power`, hovering, and an aerial
    base station's baseband and backhaul.
    """
    site_power: Rows
    """Power drawn, W: the GBS's site, hovering, baseband and backhaul, and transmit powers over the
    amplifier's efficiency.
    """
    relayed: Counts
    """Users served over relays or by aerial base stations."""
    direct: Counts
    """Users served by the satellite directly."""
    aircraft: Counts
    """Relays or aerial base stations sent, whether or not they serve anybody."""
    base_users: Int[Array, ""]
    """Users served by the GBS."""
    base_capacity: Float[Array, ""]
    """C_G (29), bit/s."""
    users: Int[Array, ""]
    """Users present."""
    excess: Int[Array, ""]
    """Users in excess."""
    visible: Bool[Array, ""]
    """V (12)."""
    triggered: Bool[Array, ""]
    """Whether Algorithm 1's line 5 lets relays go."""

    @property
    def served(self) -> Counts:
        """Users served by anyone."""
        return self.base_users[..., None] + self.relayed + self.direct

    @property
    def radiated_efficiency(self) -> Rows:
        """Capacity over transmit power alone (`radiated_power`), bit/J."""
        return self.capacity / self.radiated_power

    @property
    def link_efficiency(self) -> Rows:
        """Capacity over the power of (11) with one link an aircraft (`link_power`), bit/J."""
        return self.capacity / self.link_power

    @property
    def printed_efficiency(self) -> Rows:
        """Energy efficiency (30) with the hovering power of (11) (`printed_power`), bit/J."""
        return self.capacity / self.printed_power

    @property
    def site_efficiency(self) -> Rows:
        """Capacity over the power drawn (`site_power`), bit/J."""
        return self.capacity / self.site_power


class Detail(NamedTuple):
    """Who is served by whom in a drop, and how."""

    base: Users
    """δ_{i,G} (17)."""
    excess: Users
    """Users in excess."""
    needy: Users
    """Users in excess whom no direct link keeps from being relayed."""
    links: DropLinks
    """All true SNRs, those of the relays' hops per watt."""
    served: Bool[Array, "frameworks users nodes"]
    """δ_{i,j}; the last node is the satellite's direct link."""
    sends: Bool[Array, "frameworks users nodes"]
    """Where anything is sent: `served`, and links whose true SNR is below γ_th, unlike that by
    which they were chosen.
    """
    sent: Bool[Array, "frameworks relays"]
    """Whether a relay or aerial base station is sent."""
    power: Float[Array, "frameworks users relays"]
    """p_{i,j}, W."""
    decision: Decision
    """What the method decided."""
    snr: Float[Array, "frameworks users nodes"]
    """SNR of each user at each node."""
    rate: Float[Array, "frameworks users"]
    """Rate of each user served by a relay or by the satellite, bit/s."""

    @property
    def relays(self) -> Float[Array | np.ndarray, "relays 2"]:
        """Positions of the relays, m."""
        return self.decision.positions_m
