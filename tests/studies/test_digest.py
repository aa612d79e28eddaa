"""The digest of behaviour changes exactly if a source that decides a number changes."""

import ast
import shutil
import subprocess
import sys
from pathlib import Path

import jax
import pytest

import sagin
from sagin.errors import InputError
from sagin.studies.digest import digest_behaviour, list_modules

SOURCE = Path(sagin.__file__).parent
RELAYING, SLICING = "sagin.relaying.monte_carlo.run_drop", "sagin.slicing.step.advance"
TRAFFIC = "sagin.traffic.md1"


@pytest.fixture
def copy(tmp_path):
    """A copy of the package's source, and the digests of three makers in it."""
    root = tmp_path / "source"
    shutil.copytree(SOURCE, root / "sagin", ignore=shutil.ignore_patterns("__pycache__"))
    return root


def digests(root):
    return [digest_behaviour(name, root=root) for name in (RELAYING, SLICING, TRAFFIC)]


class Reworded(ast.NodeTransformer):
    """A source with other docstrings, those of fields too."""

    def visit_Expr(self, node):
        if isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            return ast.Expr(ast.Constant("Other words."))
        return node


def test_docstrings_comments_and_layout_change_nothing(copy):
    before = digests(copy)
    for path in copy.rglob("*.py"):
        tree = Reworded().visit(ast.parse(path.read_text(encoding="utf-8")))
        path.write_text(f"# another comment\n\n{ast.unparse(ast.fix_missing_locations(tree))}\n")
    assert "Other words." in (copy / "sagin" / "traffic" / "md1.py").read_text()
    assert digests(copy) == before


@pytest.mark.parametrize(
    ("module", "users"),
    [
        ("propagation/free_space", [RELAYING, SLICING]),
        ("propagation/shadowed_rician", [RELAYING]),
        ("propagation/ntn", [RELAYING, SLICING]),
        ("propagation/rain", [RELAYING, SLICING]),
        ("traffic/md1", [SLICING, TRAFFIC]),
        ("units", [RELAYING, SLICING, TRAFFIC]),
        ("report/page", []),
        ("cli/common", []),
    ],
)
def test_a_constant_changes_its_users_and_no_others(copy, module, users):
    before = digests(copy)
    path = copy / "sagin" / f"{module}.py"
    path.write_text(f"{path.read_text(encoding='utf-8')}\nCONSTANT = 1.5\n")
    changed = [
        name
        for name, old, new in zip((RELAYING, SLICING, TRAFFIC), before, digests(copy), strict=True)
        if old != new
    ]
    assert changed == [name for name in (RELAYING, SLICING, TRAFFIC) if name in users]


def test_every_function_that_runs_is_covered():
    """The functions of sagin that really run while a drop is traced are of listed modules."""
    from sagin.relaying.monte_carlo import run_drop
    from sagin.relaying.scenario import build_scenario

    scenario, files = build_scenario("paper"), set()

    def note(frame, event, _):
        if event == "call" and frame.f_code.co_name != "<module>":
            files.add(frame.f_code.co_filename)

    sys.setprofile(note)
    try:
        jax.eval_shape(run_drop, jax.random.key(0), scenario, 7)
    finally:
        sys.setprofile(None)
    ran = {Path(file).relative_to(SOURCE) for file in files if Path(file).is_relative_to(SOURCE)}
    names = {".".join(["sagin", *path.with_suffix("").parts]) for path in ran}
    assert len(names) > 10
    assert names <= set(list_modules(RELAYING))


def write(root, **files):
    """Write modules, given as package__module."""
    for name, text in files.items():
        path = root / f"{name.replace('__', '/')}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


TOY = {
    "toy__maker": "def make(task, tell, folder):\n"
    "    from toy.rooms import wide\n    return wide()",
    "toy__narrow": "def narrow():\n    return 1",
    "toy__rooms__wide": "def wide():\n    return 2",
    "toy__rooms__other": "def other():\n    return 3",
}
EAGER = "from toy.rooms.wide import wide\nfrom toy.rooms.other import other\nLIMIT = 4"
LAZY = """
from typing import TYPE_CHECKING
if TYPE_CHECKING:
    from toy.rooms.other import other
TABLE = {"wide": "toy.rooms.wide", "other": "toy.rooms.other:other"}
def __getattr__(name):
    import importlib
    return getattr(importlib.import_module(TABLE[name]), name)
"""


@pytest.mark.parametrize("init", [EAGER, LAZY])
def test_a_package_is_followed_name_by_name(tmp_path, init):
    (tmp_path / "toy" / "rooms").mkdir(parents=True)
    (tmp_path / "toy" / "rooms" / "__init__.py").write_text(init)
    write(tmp_path, **TOY)
    assert list_modules("toy.maker.make", root=tmp_path) == ["toy.maker", "toy.rooms.wide"]


def test_relative_imports_constants_and_what_runs_on_loading_count(tmp_path):
    write(tmp_path, **TOY)
    (tmp_path / "toy" / "__init__.py").write_text("LIMIT = 4\nprint(LIMIT)\n")
    maker = "from . import narrow, LIMIT\nfrom .rooms.other import *\ndef make(): pass"
    write(tmp_path, toy__maker=maker)
    before = list_modules("toy.maker", root=tmp_path)
    names = ["toy (loading)", "toy.maker", "toy.narrow", "toy.rooms.other", "toy:LIMIT"]
    assert before == names
    digest = digest_behaviour("toy.maker", root=tmp_path)
    (tmp_path / "toy" / "__init__.py").write_text("LIMIT = 5\nprint(LIMIT)\n")
    assert digest_behaviour("toy.maker", root=tmp_path) != digest


def test_the_order_of_imports_does_not_count_but_that_of_statements_does(tmp_path):
    def digest(text):
        write(tmp_path, toy__maker=text)
        return digest_behaviour("toy.maker:make", root=tmp_path)

    same = digest("import ast\nimport json\na = 1\nb = 2")
    assert digest("import json, ast\n\na = (1)\nb = 2 ") == same
    assert digest("import ast\nimport json\nb = 2\na = 1") != same


def test_a_name_without_a_source_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"nowhere\.make: its source cannot be read"):
        digest_behaviour("nowhere.make")
    write(tmp_path, toy__maker="def make(:")
    with pytest.raises(InputError, match=r"maker\.py: cannot be parsed"):
        digest_behaviour("toy.maker.make", root=tmp_path)


def test_the_digest_imports_nothing():
    code = (
        "import sys\nfrom sagin.studies.digest import digest_behaviour\n"
        f"print(digest_behaviour({RELAYING!r}))\n"
        "print([n for n in ('jax', 'numpy', 'sagin.relaying') if n in sys.modules])"
    )
    output = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.split("\n")
    assert output[:2] == [digest_behaviour(RELAYING), "[]"]
