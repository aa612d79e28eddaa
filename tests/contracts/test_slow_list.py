"""The list of slow tests contains only existing tests."""

import ast
from pathlib import Path

TESTS = Path(__file__).parents[1]


def test_every_line_names_a_test():
    lines = (TESTS / "slow.txt").read_text(encoding="utf-8").splitlines()
    rows = [line for line in lines if line and not line.startswith("#")]
    assert len(set(rows)) == len(rows)
    for row in rows:
        path, _, rest = row.partition("::")
        name = rest.partition("[")[0]
        tree = ast.parse((TESTS / path).read_text(encoding="utf-8"))
        assert name in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}, row
