"""Rows of a table of claims."""

import pytest

from sagin.experiments.study import Claim, Judgement
from sagin.report.tables import CLAIM_COLUMNS, claim_rows
from sagin.studies.statistics import Interval


@pytest.mark.parametrize(
    ("at", "unit", "where"),
    [(1.0, "relays", "1 relay"), (5.0, "relays", "5 relays"), (200.0, "users", "200 users")],
)
def test_a_row_says_where_a_claim_was_decided(at, unit, where):
    claim = Claim("x", "A beats B", "Fig. 2", "f", "capacity", "A", "B", "gain", 30.0)
    (row,) = claim_rows(
        [
            Judgement(
                claim, Interval(3.2, 2.9, 3.5), at, unit, 5.0, "holds in part", "less than printed"
            )
        ]
    )
    assert dict(zip(CLAIM_COLUMNS, row, strict=True)) == {
        "claim": "A beats B (Fig. 2)",
        "printed": "up to 30.00 %",
        "ours, as it is": "+3.20 % (+2.90 to +3.50)",
        "with the captions' factors": "+5.00 %",
        "where": where,
        "verdict": "holds in part",
        "why": "less than printed",
    }
