"""The relaying paper as data: figures, claims and readings agree, and stored blocks keep the means
over drops.
"""

from collections import Counter

import jax
import numpy as np
import pytest

from sagin.errors import InputError
from sagin.files import compute_digest
from sagin.orbits import write_tle
from sagin.papers import find_paper
from sagin.papers.relaying import PAPER, run
from sagin.papers.relaying.beyond import OWN
from sagin.papers.relaying.figures import FIGURES
from sagin.papers.relaying.methods import METHODS
from sagin.papers.relaying.optimum import COLUMNS, compare_placements, list_rows
from sagin.parameters import to_mapping
from sagin.relaying.frameworks import FRAMEWORKS
from sagin.relaying.inputs import prepare_inputs
from sagin.relaying.monte_carlo import sweep_users
from sagin.relaying.placement import DECISION_RULES
from sagin.relaying.satellites import load_elements
from sagin.relaying.scenario import build_scenario
from sagin.studies.judge import judge
from sagin.studies.record import Table, from_plain, to_plain

DROPS = 120
PROFILE = run.Profile(DROPS, 3)
AT = 5
"""Index of the point that is computed: 120 users, of whom 20 are in excess."""


@pytest.fixture(scope="module")
def points():
    return PAPER.points(PAPER.figures[0], build_scenario("paper"), PROFILE, ())


@pytest.fixture(scope="module")
def result(points, tmp_path_factory):
    steps = []
    result = run.make(points[AT].task, steps.append, tmp_path_factory.mktemp("task"))
    assert sum(steps) == points[AT].steps == DROPS
    return result


def read_block_means(result, method, metric):
    table = Table([sample._replace(x=1.0) for sample in result.samples])
    return np.array([values[0] for _, values in sorted(table.values(method, metric, 1.0).items())])


@pytest.mark.slow
def test_blocks_have_the_means_of_the_drops(result):
    """Against the drops of `sweep_users`, another program, up to rounding of single precision."""
    scenario = build_scenario("paper")
    summary = sweep_users(jax.random.key(PROFILE.seed), scenario, DROPS, [120, 200])
    for metric in (*run.METRICS, *run.COMMON):
        drops = np.asarray(getattr(summary, metric), np.float64)[0]
        columns = (
            {run.ALL: drops} if metric in run.COMMON else dict(zip(METHODS, drops.T, strict=True))
        )
        for method, column in columns.items():
            blocks = read_block_means(result, method, metric)
            assert blocks.shape == (60,)
            np.testing.assert_allclose(blocks, column.reshape(60, 2).mean(axis=1), rtol=2e-5)
            np.testing.assert_allclose(blocks.mean(), column.mean(), rtol=1e-5)


def test_blocks_of_known_drops():
    arrays = {name: np.ones((10, len(FRAMEWORKS))) for name in run.METRICS}
    arrays |= {name: np.zeros(10) for name in run.COMMON}
    arrays["capacity"] = np.arange(10.0)[:, None] * np.ones(len(FRAMEWORKS))
    arrays["users"] = np.arange(10)
    result = run.summarise(arrays)
    np.testing.assert_array_equal(read_block_means(result, "sc", "capacity"), np.arange(10.0))
    np.testing.assert_array_equal(read_block_means(result, run.ALL, "users"), np.arange(10.0))
    assert len(result.samples) == len(run.METRICS) * len(FRAMEWORKS) + len(run.COMMON)


@pytest.mark.parametrize("drops", [2, 64, 97, 101, 250, 1000, 10_000])
def test_blocks_are_equal_and_as_many_as_can_be(drops):
    blocks = run.count_blocks(drops)
    assert drops % blocks == 0
    assert not any(drops % more == 0 for more in range(blocks + 1, run.MAX_BLOCKS + 1))


def test_a_result_is_stored_and_judged(points, result):
    stored = from_plain(to_plain(result), "a task")
    table = Table([sample._replace(x=points[AT].x) for sample in stored.samples])
    claims = [claim for claim in PAPER.claims if claim.figure == "figure-2"]
    verdicts = {verdict.claim: verdict for verdict in judge(claims, table)}
    assert set(verdicts) == {claim.id for claim in claims}
    gain = verdicts["figure-2-gbs-only"]
    ours, theirs = (
        read_block_means(result, method, "capacity").mean() for method in ("cud", "gbs-only")
    )
    assert gain.estimate == pytest.approx(100 * (ours / theirs - 1), rel=1e-6)
    assert gain.scaled == pytest.approx(100 * (1.16 * ours / theirs - 1), rel=1e-6)
    assert (gain.at, gain.seeds) == (120.0, 60)


def test_points_of_figures_share_their_tasks(points):
    scenario = build_scenario("paper")
    tasks = [
        repr(point.task)
        for figure in PAPER.figures
        for point in PAPER.points(figure, scenario, PROFILE, ())
    ]
    # 10 numbers of users, 10 with the satellite's power, 6 of relays and 6 of pilots, each with one
    # that is the paper's, and 4 numbers of sessions
    assert len(set(tasks)) == 34
    assert [point.x for point in points] == [20.0 * number for number in range(1, 11)]
    assert {point.task["scenario"]["users"]["count"] for point in points} == {200}
    assert [point.task["users"] for point in points] == [point.x for point in points]


def test_points_refuse_sites_and_unknown_methods(tmp_path):
    (tmp_path / "sites.csv").write_text("cell,lon,lat,range,samples\n1,10.75,59.91,1000,30\n")
    scenario = build_scenario("paper", (f"sites.file={tmp_path / 'sites.csv'}",))
    with pytest.raises(InputError, match=r"sites\.file"):
        PAPER.points(PAPER.figures[0], scenario, PROFILE, ())
    with pytest.raises(InputError, match=r"method .mine.: unknown; allowed: hotspot"):
        PAPER.points(PAPER.figures[0], build_scenario("paper"), PROFILE, ["mine"])


def test_files_are_known_by_their_content(tmp_path):
    elements, sites = tmp_path / "walker.tle", tmp_path / "sites.csv"
    write_tle(load_elements(build_scenario("walker")), elements)
    sites.write_text("cell,lon,lat,range,samples\n1,10.75,59.91,1000,30\n")
    figure = next(figure for figure in PAPER.figures if figure.sweep == "relay.count")
    fields = "satellite.source=elements", f"orbit.elements={elements}", f"sites.file={sites}"

    def digest_task():
        scenario = build_scenario("paper", fields)
        return compute_digest(run.make_task(figure, 2.0, scenario, PROFILE))

    digests = [digest_task(), digest_task()]
    for path in (elements, sites):
        path.write_text(path.read_text() + "\n")
        digests.append(digest_task())
    assert digests[0] == digests[1]
    assert len(set(digests)) == 3


def test_each_figure_decides_claims_of_its_own_metric():
    metrics = {figure.id: figure.metrics[0] for figure in FIGURES}
    printed = [claim for claim in PAPER.claims if claim.source != OWN]
    assert {(claim.figure, claim.metric) for claim in printed} == set(metrics.items())
    assert len(printed) == 74
    kinds = Counter(claim.kind for claim in printed)
    assert kinds == {"gain": 60, "rises": 10, "exceeds": 4}
    assert all((claim.printed is not None) == (claim.kind == "gain") for claim in printed)
    assert {claim.figure for claim in PAPER.claims} == {figure.id for figure in PAPER.figures}
    assert len({claim.text for claim in PAPER.claims}) == len(PAPER.claims)
    assert all(claim.id.startswith(claim.figure) for claim in PAPER.claims)


def test_sessions_are_of_every_rule_and_service_and_judged(tmp_path):
    figure = next(figure for figure in PAPER.figures if figure.id == "beyond-handover")
    points = PAPER.points(figure, build_scenario("paper"), PROFILE, ())
    assert [point.task["scenario"]["sessions"]["arrivals_per_s"] for point in points] == [
        *figure.values
    ]
    fields = ("satellite.source=walker", "orbit.duration_s=600", "sessions.arrivals_per_s=0.2")
    scenario = to_mapping(build_scenario("paper", (*fields, "sessions.channels=1")))
    result = run.make(points[0].task | {"scenario": scenario}, lambda _: None, tmp_path)
    table = Table([sample._replace(x=0.2) for sample in result.samples])
    assert table.methods == list(figure.methods)
    claims = [claim for claim in PAPER.claims if claim.figure == figure.id]
    verdicts = {verdict.claim: verdict for verdict in judge(claims, table)}
    assert set(verdicts) == {claim.id for claim in claims}
    name = "beyond-handover-blocked-longest-guaranteed-longest-plain"
    assert verdicts[name].estimate > 0.0


def test_every_claim_on_relays_leaves_out_points_without_aircraft():
    assert all((claim.needs == "aircraft") == (claim.method == "cud") for claim in PAPER.claims)
    assert "aircraft" in run.METRICS


def test_methods_are_the_simulators_frameworks():
    assert list(METHODS) == [row.name for row in FRAMEWORKS]
    assert find_paper("relaying") is PAPER


@pytest.mark.slow
def test_placements_reach_at_most_the_optimum_and_the_bound():
    scenario = build_scenario("paper", ("algorithm.grid=15",))
    shares = compare_placements(scenario, 8, 0)
    assert list(shares) == list(DECISION_RULES)
    for share in shares.values():
        assert 0 <= share.worst <= share.mean.estimate <= 1 + 1e-6
        assert share.bound <= share.mean.estimate + 1e-6
    assert len(list_rows(shares)[0]) == len(COLUMNS)


def test_a_run_on_real_satellites_takes_the_same_drops_in_batches():
    scenario = build_scenario("walker", ("users.count=40", "base.capacity=20"))
    inputs = prepare_inputs(scenario, 5)
    metrics = run.simulate(inputs, 5, 1, lambda _: None)
    assert metrics["capacity"].shape == (5, len(FRAMEWORKS))
    assert inputs.track is not None
    np.testing.assert_array_equal(metrics["visible"], inputs.track.serving.visible)
