"""House rules on words: names of values, functions and classes."""

import ast
from collections import defaultdict
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "src" / "sagin"

VAGUE = frozenset(
    [
        "found",
        "made",
        "one",
        "ones",
        "told",
        "asked",
        "given",
        "there",
        "here",
        "where",
        "much",
        "of",
        "kept",
        "shown",
        "wanted",
        "chosen",
        "own",
        "others",
        "rest",
        "apart",
        "above",
        "place",
        "some",
        "every",
        "each",
        "beside",
        "about",
        "taken",
        "held",
        "ruled",
    ]
)
"""Names that say nothing of what they hold."""

PARTICIPLES = VAGUE | frozenset(
    [
        "acted",
        "allowed",
        "assigned",
        "balanced",
        "bounded",
        "checked",
        "combined",
        "compared",
        "controlled",
        "covered",
        "described",
        "disturbed",
        "drafted",
        "drawn",
        "executed",
        "fetched",
        "fixed",
        "hopped",
        "installed",
        "joined",
        "judged",
        "learned",
        "linked",
        "listed",
        "masked",
        "measured",
        "missed",
        "moved",
        "named",
        "nested",
        "ordered",
        "packed",
        "padded",
        "penalised",
        "planned",
        "played",
        "recorded",
        "redrawn",
        "resized",
        "scaled",
        "searched",
        "settled",
        "shared",
        "signed",
        "sized",
        "stored",
        "tabled",
        "titled",
        "traced",
        "trained",
        "trimmed",
        "unpacked",
        "valued",
        "watched",
    ]
)
"""What no function is called: neither verbs nor quantities."""

MOST_VAGUE_PERCENT = 1.0

REPEATED_CLASSES = {
    "Job": 2,
    "Profile": 2,
    "Radio": 2,
    "Scenario": 2,
    "Users": 2,
}
"""Class names that still have several meanings, and how many."""


def assigned_names(tree: ast.AST):
    """Yield every name that a module gives to a value, an argument, a function or a class."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        elif isinstance(node, ast.arg):
            yield node.arg
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name


def trees() -> dict[str, list[ast.Module]]:
    """Return the syntax trees of the package by room: a folder, or a file beside the folders."""
    rooms = defaultdict(list)
    for path in sorted(PACKAGE.rglob("*.py")):
        room = path.relative_to(PACKAGE).parts[0]
        rooms[room].append(ast.parse(path.read_text(encoding="utf-8")))
    return rooms


TREES = trees()


@pytest.mark.parametrize("room", TREES)
def test_names_say_what_they_hold(room):
    names = [name.strip("_") for tree in TREES[room] for name in assigned_names(tree)]
    vague = [name for name in names if name in VAGUE]
    percent = 100.0 * len(vague) / max(len(names), 1)
    assert percent <= MOST_VAGUE_PERCENT, sorted(set(vague))


@pytest.mark.parametrize("room", TREES)
def test_no_function_is_a_bare_participle(room):
    functions = [
        node.name
        for tree in TREES[room]
        for node in tree.body
        if isinstance(node, ast.FunctionDef) and node.name.strip("_") in PARTICIPLES
    ]
    assert functions == []


def test_a_class_name_has_one_meaning():
    counts = defaultdict(int)
    for room in TREES.values():
        for tree in room:
            for node in ast.walk(tree):
                if isinstance(node, ast.ClassDef):
                    counts[node.name] += 1
    repeated = {name: count for name, count in counts.items() if count > 1}
    excess = {name: n for name, n in repeated.items() if n > REPEATED_CLASSES.get(name, 1)}
    assert excess == {}


def test_the_rules_see_what_they_forbid():
    tree = ast.parse("def planned(one):\n    found = one\n    return found")
    names = list(assigned_names(tree))
    assert names == ["planned", "one", "found"]
    assert {"one", "found"} <= VAGUE
    assert "planned" in PARTICIPLES


@pytest.mark.parametrize("room", ["slicing", "planning", "policies", "learning", "relaying"])
def test_array_code_is_commented(room):
    lines = [
        line.strip()
        for path in (PACKAGE / room).rglob("*.py")
        for line in path.read_text(encoding="utf-8").splitlines()
    ]
    comments = sum(line.startswith("#") for line in lines)
    assert 1000 * comments / len(lines) >= 20
