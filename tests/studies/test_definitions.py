"""Numbers that printed gains need under each definition, compared with the specification."""

import pytest

from sagin.papers.relaying.claims import CAPACITY_GAINS
from sagin.papers.relaying.methods import caption_ratio
from sagin.studies.claim import Claim, Verdict
from sagin.studies.definitions import DEFINITIONS, judge_definition, tabulate_definitions

OVER_RIVAL, OVER_METHOD, RIVAL_BEFORE, METHOD_BEFORE = DEFINITIONS


def make_claim(rival):
    """Return the paper's claim on CUD's capacity over a rival."""
    return Claim(
        id=rival,
        text="CUD gives more",
        source="Fig. 2",
        figure="figure-2",
        kind="gain",
        metric="capacity",
        method="cud",
        rival=rival,
        printed=CAPACITY_GAINS[rival],
        factor=caption_ratio("cud", rival),
    )


@pytest.mark.parametrize(
    ("rival", "over_method", "over_rival"),
    [("gbs-only", 27.7, 14.2), ("egc", 0.21, 0.08), ("sc", 0.03, -0.45), ("leo-gbs", 27.3, 16.2)],
)
def test_printed_gains_need_what_the_specification_says(rival, over_method, over_rival):
    claim = make_claim(rival)
    assert OVER_METHOD.invert(claim.printed, claim.factor) == pytest.approx(over_method, abs=0.05)
    assert OVER_RIVAL.invert(claim.printed, claim.factor) == pytest.approx(over_rival, abs=0.05)
    assert RIVAL_BEFORE.invert(claim.printed, claim.factor) == pytest.approx(claim.printed)


@pytest.mark.parametrize("definition", DEFINITIONS)
def test_conversion_and_inversion_undo_each_other(definition):
    for gain in (-20.0, 0.0, 5.0, 300.0):
        assert definition.invert(definition.convert(gain, 1.16), 1.16) == pytest.approx(gain)


def test_gains_of_two_numbers_by_hand():
    # 6 beside 5 is 20 % more; of 6 the difference is a sixth; with factors it is 12 beside 5
    assert RIVAL_BEFORE.convert(20.0, 2.0) == pytest.approx(20.0)
    assert METHOD_BEFORE.convert(20.0, 2.0) == pytest.approx(100.0 / 6.0)
    assert OVER_RIVAL.convert(20.0, 2.0) == pytest.approx(140.0)
    assert OVER_METHOD.convert(20.0, 2.0) == pytest.approx(100.0 * 7.0 / 12.0)


def test_each_definition_judges():
    claim, verdict = make_claim("gbs-only"), Verdict("gbs-only", "holds", "", 27.0, 26.0, 28.0)
    words = [judge_definition(claim, verdict, definition) for definition in DEFINITIONS]
    # 47.3, 32.1, 27.0 and 21.3 % beside 32.49 %
    assert words == ["does not hold", "holds", "holds", "does not hold"]
    sc = make_claim("sc")
    assert judge_definition(sc, verdict, OVER_RIVAL) == "needs a loss"
    columns, rows = tabulate_definitions([claim, sc], {claim.id: verdict})
    assert len(rows) == 1
    assert len(rows[0]) == len(columns) == 6
    assert "needs +27.70 % as they are: holds" in rows[0][3]
