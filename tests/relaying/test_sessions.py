"""Sessions under satellites: Erlang's formulas under a fixed sky, and small skies with known
results.
"""

import math

import numpy as np
import pytest

from sagin.errors import InputError
from sagin.orbits.passes import passes
from sagin.papers.relaying.kpis import compute_session_kpis, list_session_columns, list_session_rows
from sagin.relaying.handover import compare_handovers, observe_sky
from sagin.relaying.satellites import build_site, load_elements
from sagin.relaying.scenario import build_scenario, parse_start_time
from sagin.relaying.sessions import (
    RULES,
    SERVICES,
    Requests,
    SkyPasses,
    draw_requests,
    simulate_sessions,
)
from sagin.traffic import erlang


def stand_still(passes=2, end=1e9):
    """Satellites that never move."""
    flat = np.zeros((passes, 2))
    return SkyPasses(
        np.full(passes, -1e9), np.full(passes, np.inf), np.array([-1e9, end]), flat, flat + 1
    )


@pytest.fixture(scope="module")
def crowd():
    """6000 sessions of 60 s at 2 erlang."""
    return draw_requests(np.random.default_rng(0), 1 / 30, 60.0, (-600.0, 1.8e5))


@pytest.mark.parametrize("service", ["plain", "prioritised"])
def test_new_users_of_two_satellites_are_blocked_as_erlang_b_says(crowd, service):
    outcome = simulate_sessions(stand_still(), crowd, 2, "longest", service)
    expected = float(erlang.blocking_probability(4, 2.0))
    assert expected == pytest.approx(0.0952, abs=1e-4)
    # successive losses hang together: three times the error of independent ones
    assert outcome.blocked == pytest.approx(expected, abs=6 * (expected / 6000) ** 0.5)
    assert np.isnan(outcome.dropped)
    assert outcome.interrupted == outcome.reserved == 0.0


def test_handovers_to_two_satellites_wait_as_erlang_c_says(crowd):
    handed = crowd._replace(is_handover=np.ones_like(crowd.is_handover))
    outcome = simulate_sessions(stand_still(), handed, 2, "highest", "prioritised")
    assert outcome.dropped == 0.0
    assert outcome.waiting == pytest.approx(float(erlang.waiting_probability(4, 2.0)), rel=0.12)
    assert outcome.wait == pytest.approx(60.0 * float(erlang.waiting_time(4, 2.0)), rel=0.2)
    assert outcome.interrupted == pytest.approx(outcome.wait / (outcome.wait + 60.0), rel=0.05)


def test_both_kinds_together_are_a_birth_and_death_process(crowd):
    """Above four busy channels only handovers, a part of the load, add to those who wait."""
    mine = np.random.default_rng(1).uniform(size=crowd.start.size) < 0.3
    mixed = crowd._replace(is_handover=mine)
    outcome = simulate_sessions(stand_still(), mixed, 2, "longest", "prioritised")
    below = sum(2.0**n / math.factorial(n) for n in range(4))
    busy = 2.0**4 / math.factorial(4) / (1.0 - 0.6 / 4)
    assert outcome.blocked == pytest.approx(busy / (below + busy), rel=0.12)
    assert outcome.waiting == pytest.approx(busy / (below + busy), rel=0.12)


def fly_past():
    """Three satellites, each in view for 100 s, the next one from the middle of the one before."""
    times, rise = np.arange(0.0, 201.0, 10.0), np.array([0.0, 50.0, 100.0])
    end = np.array([100.0, 150.0, np.inf])
    inside = (rise[:, None] <= times) & (times < end[:, None])
    peak = np.minimum(rise + 50.0, 150.0)
    height = np.where(inside, 1.0 - np.abs(times - peak[:, None]) / 1000.0, -np.inf)
    return SkyPasses(rise, end, times, height, np.where(inside, 2.0, 0.0))


def ask(*sessions):
    start, holding = np.array(sessions, float).T
    no = np.zeros(len(start), dtype=bool)
    return Requests(start, holding, no, ~no)


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("service", SERVICES)
def test_one_session_is_handed_over_until_it_ends(rule, service):
    outcome = simulate_sessions(fly_past(), ask((10.0, 150.0)), 1, rule, service)
    # from 10 to 160 s without an interruption; at 100 s the third satellite stays longest
    assert outcome.handovers == {"longest": 1, "highest": 2}[rule]
    assert outcome.blocked == outcome.dropped == outcome.wait == outcome.interrupted == 0.0
    assert outcome.rate == pytest.approx(2.0, abs=0.15)
    assert (outcome.reserved > 0.0) == (service == "guaranteed")


def test_two_sessions_for_one_channel_each_way():
    """The second session takes the second satellite, to which the first one shall go at 100 s."""
    asked = ask((10.0, 100.0), (60.0, 70.0))
    found = {
        service: simulate_sessions(fly_past(), asked, 1, "longest", service) for service in SERVICES
    }
    # at 100 s the third satellite rises: the first session takes its channel; the second leaves the
    # second one, which holds on to 150 s, when it ends at 130 s
    assert found["plain"].dropped == found["prioritised"].dropped == 0.0
    assert found["plain"].blocked == 0.0
    # the first session has reserved that channel, and the second finds none
    assert found["guaranteed"].blocked == 0.5
    assert found["guaranteed"].reserved == pytest.approx(90.0 / 100.0)


def test_a_handover_without_a_channel_is_dropped_or_waits():
    asked = ask((10.0, 100.0), (60.0, 120.0), (100.0, 20.0))
    sky = fly_past()._replace(rise=np.array([0.0, 50.0, 110.0]))
    plain, prioritised = (
        simulate_sessions(sky, asked, 1, "longest", service) for service in ("plain", "prioritised")
    )
    # at 100 s the first session finds the second satellite busy: it is dropped, or waits till 110 s
    # for the third, ends at 120 s, and the second session takes its channel at 150 s
    assert plain.dropped == 0.5
    assert prioritised.dropped == 0.0
    assert prioritised.wait == pytest.approx(10.0 / 2)
    assert prioritised.waiting == 0.5
    assert prioritised.interrupted == pytest.approx(10.0 / (100.0 + 120.0 + 10.0))
    # the third asks while nobody has a channel left
    assert plain.blocked == prioritised.blocked == pytest.approx(1 / 3)


SPARSE = (
    "orbit.planes=4",
    "orbit.per_plane=12",
    "orbit.duration_s=1800",
    "sessions.holding_s=100",
    "sessions.channels=2",
    "sessions.arrivals_per_s=0.05",
)


@pytest.fixture(scope="module")
def sparse():
    scenario = build_scenario("walker", SPARSE)
    return scenario, load_elements(scenario)


def test_the_sky_has_the_passes_of_the_orbits(sparse):
    scenario, elements = sparse
    sky, start = observe_sky(scenario, elements), parse_start_time(scenario)
    assert sky.times[0] == -500.0
    site, window = build_site(scenario), float(sky.times[-1])
    found = passes(elements, site, start, window, scenario.satellite.least_elevation_deg)
    exact = [[(x - start).total_seconds() for x in (p.rise, p.set)] for p in found]
    ours = np.clip(np.stack([sky.rise, sky.set], axis=1)[sky.set > 0.0], 0.0, window)
    np.testing.assert_allclose(sorted(ours.tolist()), sorted(exact), atol=0.5)
    # the rate of a satellite overhead at 1000 km with the paper's link: heavy fading, 38.4 dBW/MHz
    assert sky.rate.max() < 120e6
    assert np.all((sky.rate > 0) == np.isfinite(sky.height_rad))


def test_guaranteed_handovers_cost_blocked_users_and_plain_ones_cost_sessions(sparse):
    scenario, elements = sparse
    costs = compare_handovers(scenario, 0, elements, runs=2)
    by = {(cost.rule, cost.service): cost.runs for cost in costs}
    assert list(by) == [(rule, service) for rule in RULES for service in SERVICES]
    for rule in RULES:
        for plain, guaranteed, prioritised in zip(
            *(by[rule, service] for service in SERVICES), strict=True
        ):
            assert guaranteed.blocked > plain.blocked
            assert guaranteed.dropped < plain.dropped
            assert guaranteed.reserved > 0.1
            assert plain.reserved == plain.wait == prioritised.dropped == 0.0
            assert prioritised.wait > 0.0
    for kept, changed in zip(by["longest", "plain"], by["highest", "plain"], strict=True):
        assert changed.handovers > kept.handovers
    rows = list_session_rows({"sessions": compute_session_kpis(costs)})
    assert {len(row) for row in rows} == {len(list_session_columns())}
    assert rows[0][0] == "longest, plain"


def test_sessions_need_satellites_that_hand_over():
    with pytest.raises(InputError, match=r"sessions\.arrivals_per_s.*walker or elements"):
        build_scenario("paper", ("sessions.arrivals_per_s=1",))
