"""Sessions of a cell's users under moving satellites with a number of channels each.

A new user takes a channel or is blocked. A satellite that leaves hands its users over. With *plain*
handover, the session moves to any free channel, otherwise it is dropped. With *guaranteed*
handover, it moves to a channel that was reserved for the session at its admission (Maral et al.,
IEEE Trans. Veh. Technol. 47(4), 1998). With *prioritised* handover, handovers wait for the next
free channel and new users do not (Del Re, Fantacci and Giambene, IEEE Trans. Veh. Technol. 48(1),
1999). The relaying paper names both and describes neither.
"""

import heapq
import math
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from sagin.types import Bool, Float

RULES = ("longest", "highest")
"""Rule for the serving satellite: the one that stays longest, kept until it sets, or always the
highest.
"""
SERVICES = ("plain", "guaranteed", "prioritised")
"""Service of a handover."""


class SkyPasses(NamedTuple):
    """The passes of satellites over a cell, one row per pass."""

    rise: Float[np.ndarray, " passes"]
    """Time at which the satellite comes into view, s."""
    set: Float[np.ndarray, " passes"]
    """Time at which it goes out of view, s; infinite for a satellite that stays."""
    times: Float[np.ndarray, " times"]
    """Time grid of `height_rad` and `rate`, s, in equal steps; the simulation ends with it."""
    height_rad: Float[np.ndarray, "passes times"]
    """Elevation, −∞ outside the pass."""
    rate: Float[np.ndarray, "passes times"]
    """A user's rate on a channel, bit/s, 0 outside the pass."""


class Requests(NamedTuple):
    """Requests for a channel, in the order of time."""

    start: Float[np.ndarray, " requests"]
    """Time of the request, s."""
    holding: Float[np.ndarray, " requests"]
    """Duration of the session once it is served, s."""
    is_handover: Bool[np.ndarray, " requests"]
    """Whether the session comes from a satellite outside the sky, rather than from a new user."""
    counts: Bool[np.ndarray, " requests"]
    """Whether the request counts; earlier requests only fill the channels."""


class SessionCosts(NamedTuple):
    """Costs of handover over the counted sessions."""

    blocked: float
    """Share of new users who get no channel."""
    dropped: float
    """Share of handovers that lose the session."""
    waiting: float
    """Share of handovers that wait."""
    wait: float
    """Mean wait of all handovers, s."""
    interrupted: float
    """Share of waiting in the admitted sessions' time."""
    reserved: float
    """Channels that are reserved and idle, per channel in use."""
    handovers: float
    """Handovers per admitted session."""
    rate: float
    """Mean rate of admitted sessions, bit/s, waits included."""


def draw_requests(
    rng: np.random.Generator, rate_per_s: float, holding_s: float, window: tuple[float, float]
) -> Requests:
    """Draw new users of a Poisson process with exponential holding times.

    They arrive in a window; users from time 0 on count.
    """
    number = rng.poisson(rate_per_s * (window[1] - window[0]))
    start = np.sort(rng.uniform(*window, number))
    none = np.zeros(number, dtype=bool)
    return Requests(start, rng.exponential(holding_s, number), none, start >= 0.0)


@dataclass(eq=False)
class _Session:
    left: float
    is_handover: bool
    counts: bool
    place: int = -1
    """Row of the satellite, −1 while waiting."""
    since: float = 0.0
    """Start of the present service or wait, s."""
    reserved: int = -1
    reserved_since: float = 0.0
    version: int = 0
    """Number of changes; events of earlier versions are void."""


class _Totals:
    """Sums over the counted sessions."""

    def __init__(self) -> None:
        self.requests = self.blocked = self.handovers = self.dropped = self.waiting = 0
        self.served = self.waited = self.reserved = self.bits = self.wait_of_handovers = 0.0

    def summarise(self) -> SessionCosts:
        """Return the shares and means; NaN if no session is counted."""

        def divide(part: float, whole: float) -> float:
            return float(part / whole) if whole else math.nan

        time = self.served + self.waited
        return SessionCosts(
            blocked=divide(self.blocked, self.requests),
            dropped=divide(self.dropped, self.handovers),
            waiting=divide(self.waiting, self.handovers),
            wait=divide(self.wait_of_handovers, self.handovers),
            interrupted=divide(self.waited, time),
            reserved=divide(self.reserved, self.served),
            handovers=divide(self.handovers, self.requests - self.blocked),
            rate=divide(self.bits, time),
        )


def simulate_sessions(
    sky: SkyPasses, requests: Requests, channels: int, rule: str, service: str
) -> SessionCosts:
    """Simulate a cell's sessions, event by event.

    Args:
        sky: the passes.
        requests: arrivals and holding times.
        channels: number of channels of each satellite for the cell.
        rule: one of RULES. A handover only for the sake of height needs a free channel on the
            highest satellite, and is tried again at the next time of the grid.
        service: one of SERVICES. With *guaranteed*, a user is admitted if its satellite has a free
            channel, and also a satellite that will be in view when that satellite sets. Each
            handover then reserves the next channel, as soon as one is free there, before new users.
    """
    cell = _Cell(sky, channels, rule, service)
    for start, holding, is_handover, counts in zip(*requests, strict=True):
        cell.schedule(start, cell.ask, _Session(holding, bool(is_handover), bool(counts)))
    return cell.run()


class _Cell:
    """The state of a simulation: free channels, waiting sessions, and future events."""

    def __init__(self, sky: SkyPasses, channels: int, rule: str, service: str) -> None:
        self.sky, self.rule, self.service = sky, rule, service
        self.free = [channels] * len(sky.rise)
        self.queue: deque[_Session] = deque()
        self.unreserved: deque[tuple[_Session, int]] = deque()
        self.totals = _Totals()
        self.events: list[tuple[float, int, Callable[..., None], _Session | int, int]] = []
        self.number = 0
        self.rises, self.sets = sky.rise.tolist(), sky.set.tolist()
        self.origin, self.end = float(sky.times[0]), float(sky.times[-1])
        self.width = float(sky.times[1]) - self.origin
        # bits sent since the first step, by the trapezoidal rule
        steps = self.width * (sky.rate[:, 1:] + sky.rate[:, :-1]) / 2.0
        self.bits = np.pad(np.cumsum(steps, axis=1), ((0, 0), (1, 0)))
        self.highest = np.argmax(sky.height_rad, axis=0).tolist()
        self.rankings: dict[int, list[int]] = {}
        self.followers: dict[int, list[int]] = {}

    def run(self) -> SessionCosts:
        """Run to the end of the sky."""
        for row, rise in enumerate(self.rises):
            if rise > self.origin:
                self.schedule(rise, self.rise, row)
        while self.events:
            time, _, act, subject, version = heapq.heappop(self.events)
            if time > self.end:
                break
            if isinstance(subject, int) or subject.version == version:
                act(time, subject)
        return self.totals.summarise()

    def schedule(self, time: float, act: Callable[..., None], subject: _Session | int) -> None:
        """Schedule an event of a session in its present version, or of a satellite."""
        self.number += 1
        version = 0 if isinstance(subject, int) else subject.version
        heapq.heappush(self.events, (float(time), self.number, act, subject, version))

    def ask(self, time: float, session: _Session) -> None:
        """Let a session request its first channel."""
        if session.is_handover:
            self.move(time, session)
            return
        self.totals.requests += session.counts
        place = self._find_free(self._rank(time))
        follower = -1
        if place >= 0 and self.service == "guaranteed":
            later = self._list_followers(place)
            follower = self._find_free(later)
            place = -1 if later and follower < 0 else place
        if place < 0:
            self.totals.blocked += session.counts
            return
        if follower >= 0:
            self._reserve(time, session, follower)
        self.free[place] -= 1
        self._start(time, session, place)

    def move(self, time: float, session: _Session) -> None:
        """Hand a session over; do nothing if it may stay and the highest satellite is full."""
        old, kept = session.place, session.reserved
        # forced: no satellite serves any more; otherwise only the best target is tried
        is_forced = old < 0 or time >= self.sets[old]
        target = kept if is_forced else -1
        if target < 0:
            ranked = [row for row in self._rank(time) if row != old]
            target = self._find_free(ranked if is_forced else ranked[:1])
            if target < 0 and not is_forced:
                self.schedule(self._find_leaving(old, time), self.move, session)
                return
            if target >= 0:
                self.free[target] -= 1
        # the old place is given up before the new one starts
        self._end_reservation(time, session)
        self._stop(time, session)
        self.totals.handovers += session.counts
        if target >= 0:
            self._start(time, session, target)
        elif self.service == "prioritised":
            session.since = time
            self.queue.append(session)
        else:
            self.totals.dropped += session.counts
        for place in (old, -1 if is_forced else kept):
            if place >= 0:
                self._release(time, place)

    def finish(self, time: float, session: _Session) -> None:
        """End a session after its holding time."""
        place, reserved = session.place, session.reserved
        self._stop(time, session)
        self._end_reservation(time, session)
        self._release(time, place)
        if reserved >= 0:
            self._release(time, reserved)

    def rise(self, time: float, place: int) -> None:
        """Let waiting sessions take the channels of a satellite that comes into view."""
        while self.queue and self.free[place] > 0:
            self._serve_first(time, place)

    def _start(self, time: float, session: _Session, place: int) -> None:
        """Start service on a channel that was already removed from the free ones."""
        session.place, session.since, session.version = place, time, session.version + 1
        self.schedule(time + session.left, self.finish, session)
        leaving = self._find_leaving(place, time)
        if leaving < self.end:
            self.schedule(leaving, self.move, session)
        if self.service == "guaranteed" and session.reserved < 0:
            later = self._list_followers(place)
            if (follower := self._find_free(later)) >= 0:
                self._reserve(time, session, follower)
            elif later:
                self.unreserved.append((session, session.version))

    def _stop(self, time: float, session: _Session) -> None:
        """End the present service, if there is one, and count it."""
        session.version += 1
        if session.place < 0:
            return
        used, row = time - session.since, session.place
        session.left, session.place = session.left - used, -1
        if session.counts:
            self.totals.served += used
            self.totals.bits += self._count_bits(row, time) - self._count_bits(row, session.since)

    def _release(self, time: float, place: int) -> None:
        """Free a channel, or give it to the first session that waits for it."""
        self.free[place] += 1
        if self.queue and self.rises[place] <= time < self.sets[place]:
            self._serve_first(time, place)
            return
        for item in [*self.unreserved]:
            session, version = item
            if session.version != version:
                self.unreserved.remove(item)
            elif place in self._list_followers(session.place):
                self.unreserved.remove(item)
                self._reserve(time, session, place)
                return

    def _serve_first(self, time: float, place: int) -> None:
        session = self.queue.popleft()
        wait = time - session.since
        if session.counts:
            self.totals.waiting += 1
            self.totals.waited += wait
            self.totals.wait_of_handovers += wait
        self.free[place] -= 1
        self._start(time, session, place)

    def _reserve(self, time: float, session: _Session, place: int) -> None:
        self.free[place] -= 1
        session.reserved, session.reserved_since = place, time

    def _end_reservation(self, time: float, session: _Session) -> None:
        """Count a reservation that is used or given up; the caller reassigns its channel."""
        if session.reserved >= 0:
            self.totals.reserved += session.counts * (time - session.reserved_since)
            session.reserved = -1

    def _find_step(self, time: float) -> int:
        return min(int((time - self.origin) / self.width), len(self.highest) - 1)

    def _count_bits(self, place: int, time: float) -> float:
        """Return the bits that a channel would have carried since the start of the sky."""
        step = self._find_step(time)
        low, high = self.bits[place, step], self.bits[place, min(step + 1, len(self.highest) - 1)]
        return low + (high - low) * ((time - self.origin) / self.width - step)

    def _rank(self, time: float) -> list[int]:
        """Rank the satellites in view by the rule, best first; higher first among equal ones."""
        step = self._find_step(time)
        if step not in self.rankings:
            # satellites that are in view within this step, best first
            height = self.sky.height_rad[:, step]
            order = np.lexsort((-height, -self.sky.set if self.rule == "longest" else -height))
            start = self.origin + step * self.width
            near = (self.sky.rise < start + self.width) & (start < self.sky.set)
            self.rankings[step] = order[near[order]].tolist()
        return [row for row in self.rankings[step] if self.rises[row] <= time < self.sets[row]]

    def _find_free(self, rows: list[int]) -> int:
        return next((row for row in rows if self.free[row] > 0), -1)

    def _find_leaving(self, place: int, time: float) -> float:
        """Find when a session leaves a satellite: when it sets or, by the rule, is not highest."""
        if self.rule == "longest":
            return self.sets[place]
        step = self._find_step(time) + 1
        while step < len(self.highest) and self.highest[step] == place:
            step += 1
        return min(self.sets[place], self.origin + step * self.width)

    def _list_followers(self, place: int) -> list[int]:
        """List the satellites that can take over a satellite's users when it sets, best first."""
        if place not in self.followers:
            setting = self.sets[place]
            ranked = self._rank(setting) if setting < self.end else []
            self.followers[place] = [row for row in ranked if row != place]
        return self.followers[place]
