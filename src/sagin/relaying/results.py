"""Results of a relaying drop: sums per framework, and the serving nodes."""

from typing import NamedTuple

import numpy as np
from jaxtyping import Array, Bool, Float, Int

from sagin.relaying.decision import Decision
from sagin.relaying.links import DropLinks

Rows = Float[Array | np.ndarray, "*drops frameworks"]
Counts = Int[Array | np.ndarray, "*drops frameworks"]
Users = Bool[Array, "users"]


class Summary(NamedTuple):
    """Sums of a drop; the framework axis is in the order of FRAMEWORKS."""

    capacity: Rows
    """C_j + C_G and the capacity of directly served users, bit/s."""
    radiated_power: Rows
    """Transmit power alone, W: P_G and all links' transmit powers (and the satellite's if the
    scenario counts it), without hovering.
    """
    link_power: Rows
    """Power by (11) as printed, W: P_G and the strongest link of each aircraft (and the satellite's
    power if the scenario counts it).
    """
    printed_power: Rows
    """Power by (30) as printed, with all links in (11), W: `radiated_power`, hovering, and an
    aerial base station's baseband and backhaul.
    """
    site_power: Rows
    """Power drawn, W: the GBS's site, hovering, baseband and backhaul, and transmit powers over the
    amplifier's efficiency.
    """
    relayed: Counts
    """Number of users served by relays or aerial base stations."""
    direct: Counts
    """Number of users whom the satellite serves directly."""
    aircraft: Counts
    """Number of relays or aerial base stations sent, whether they serve or not."""
    base_users: Int[Array, ""]
    """Number of users whom the GBS serves."""
    base_capacity: Float[Array, ""]
    """Capacity of the GBS's users C_G (29), bit/s."""
    users: Int[Array, ""]
    """Number of users present."""
    excess: Int[Array, ""]
    """Number of users in excess."""
    visible: Bool[Array, ""]
    """Number of visible satellites V (12)."""
    triggered: Bool[Array, ""]
    """Whether Algorithm 1's line 5 sends relays."""

    @property
    def served(self) -> Counts:
        """Number of served users."""
        return self.base_users[..., None] + self.relayed + self.direct

    @property
    def radiated_efficiency(self) -> Rows:
        """Capacity over transmit power alone (`radiated_power`), bit/J."""
        return self.capacity / self.radiated_power

    @property
    def link_efficiency(self) -> Rows:
        """Capacity over the power of (11) with one link per aircraft (`link_power`), bit/J."""
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
    """Serving nodes in a drop, with powers, SNRs and rates."""

    base: Users
    """Whether the GBS serves each user, δ_{i,G} (17)."""
    excess: Users
    """Mask of users in excess."""
    needy: Users
    """Mask of users in excess who may be relayed, because no direct link serves them."""
    links: DropLinks
    """All true SNRs, those of the relays' hops per watt."""
    served: Bool[Array, "frameworks users nodes"]
    """δ_{i,j}; the last node is the satellite's direct link."""
    sends: Bool[Array, "frameworks users nodes"]
    """Links that send: `served`, and links whose true SNR is below γ_th, although their known SNR
    was not.
    """
    sent: Bool[Array, "frameworks relays"]
    """Whether a relay or aerial base station is sent."""
    power: Float[Array, "frameworks users relays"]
    """Transmit powers p_{i,j}, W."""
    decision: Decision
    """Decision of the method."""
    snr: Float[Array, "frameworks users nodes"]
    """SNR of each user at each node."""
    rate: Float[Array, "frameworks users"]
    """Rate of each user served by a relay or by the satellite, bit/s."""

    @property
    def relays(self) -> Float[Array | np.ndarray, "relays 2"]:
        """Positions of the relays, m."""
        return self.decision.positions_m
