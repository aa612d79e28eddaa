"""Arrivals and queueing; use as `md1.waiting_time(…)`."""

from sagin.traffic import erlang, md1
from sagin.traffic.arrivals import poisson_packets

__all__ = ["erlang", "md1", "poisson_packets"]
