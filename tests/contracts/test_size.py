"""House rules on size: files, functions, arguments, nesting."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FILES = sorted(
    path
    for folder in ("src", "tests", "benchmarks", "examples", "tools")
    for path in (ROOT / folder).rglob("*.py")
)
FUNCTION = (ast.FunctionDef, ast.AsyncFunctionDef)


def broken_rules(tree: ast.AST, depth: int = 0):
    """Yield a line for every function that is longer, wider or deeper than allowed."""
    for node in ast.iter_child_nodes(tree):
        inside = depth
        if isinstance(node, FUNCTION):
            inside += 1
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            positional = len(node.args.posonlyargs) + len(node.args.args)
            if length > 50:
                yield f"{node.lineno}: {node.name} has {length} lines, at most 50"
            bound = node.args.args[:1] != [] and node.args.args[0].arg in ("self", "cls")
            if positional > 6 + bound:
                yield f"{node.lineno}: {node.name} has {positional} positional arguments, at most 6"
            if inside > 3:
                yield f"{node.lineno}: {node.name} is nested {inside - 1} deep, at most 2"
        yield from broken_rules(node, inside)


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_sizes(path):
    text = path.read_text(encoding="utf-8")
    assert text.count("\n") <= 400, f"{path}: longer than 400 lines"
    assert list(broken_rules(ast.parse(text))) == []


def test_the_rule_sees_a_long_function():
    source = "def f(a, b, c, d, e, f, g):\n" + "    a = 1\n" * 50
    assert len(list(broken_rules(ast.parse(source)))) == 2
