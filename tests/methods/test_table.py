"""Methods are found by name, by registration, in other packages and in a user's modules."""

import os
from importlib.metadata import EntryPoint

import pytest

from sagin.errors import InputError, SaginError
from sagin.methods import Method, find_method, find_methods, list_methods, register, table
from sagin.studies.digest import digest_method
from sagin.training import policy

OWN = '''
from sagin.methods import Method, find_method

POLICY = find_method("greedy").policy._replace(name="mine")
GREEDY = Method("greedy", act=lambda seen: seen)
NUMBER = 3


def act(seen):
    """Do what is seen."""
    return seen


def decide(request):
    return None


class Broken:
    def __init__(self):
        raise RuntimeError("no room\\nfor me")
'''


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("own")
    (folder / "table_methods.py").write_text(OWN)
    (folder / "table_raises.py").write_text("raise ValueError('bad\\nnews')")
    return folder


@pytest.fixture
def own(folder, monkeypatch):
    monkeypatch.chdir(folder)
    return "table_methods"


@pytest.fixture
def registered(monkeypatch):
    monkeypatch.setattr(table, "_registered", {})


def test_all_are_sagins_own_each_once():
    for system in ("slicing", "relaying"):
        rows = find_methods(["all", "all"], system)
        assert rows == list_methods(system)
        assert len({row.name for row in rows}) == len(rows) > 3
        assert all(row.system == system and row.source == "sagin" for row in rows)
    assert [row.name for row in find_methods(["greedy", "random", "greedy"], "slicing")] == [
        "greedy",
        "random",
    ]


def test_an_object_is_what_it_can_do(own):
    policy, act, decide = (
        find_method(f"{own}:POLICY"),
        find_method(f"{own}:act"),
        find_method(f"{own}:decide", "relaying"),
    )
    assert (policy.name, policy.kind) == ("mine", "policy")
    assert (act.name, act.kind, act.text) == ("act", "act", "Do what is seen.")
    assert (decide.name, decide.kind, decide.decide.compiled) == ("decide", "decide", False)
    # the digest is of the file that defines them, wherever the object's class comes from
    assert len({policy.digest, act.digest, decide.digest, find_method(f"{own}:GREEDY").digest}) == 1
    assert policy.digest
    assert act.place == f"{own}:act"


def test_the_digest_is_of_the_behaviour(folder, monkeypatch):
    monkeypatch.chdir(folder)
    for name, text in (
        ("behaviour_one", "def act(seen):\n    return 1\n"),
        ("behaviour_two", "def act(seen):\n    # a comment\n    return 1\n"),
        ("behaviour_three", "def act(seen):\n    return 2\n"),
    ):
        (folder / f"{name}.py").write_text(text)
    names = ("behaviour_one", "behaviour_two", "behaviour_three")
    methods = [find_method(f"{name}:act") for name in names]
    assert len({method.digest for method in methods}) == 3
    assert all(digest_method(method) not in ("", method.digest) for method in methods)
    assert len({digest_method(method) for method in methods}) == 3
    assert digest_method(find_method("greedy")) == ""


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("best", ("'best'", "unknown", "greedy", "package.module:object")),
        ("no_such_module:act", ("ModuleNotFoundError", "no_such_module")),
        ("table_methods:nothing", ("AttributeError", "nothing")),
        ("table_raises:act", ("ValueError", "bad news")),
        ("table_methods:NUMBER", ("a int", "a Policy")),
        ("table_methods:Broken", ("cannot be created", "RuntimeError", "no room for me")),
        ("/", ("/",)),
    ],
)
def test_what_cannot_be_found_is_told_in_one_line(own, name, parts):
    del own
    with pytest.raises(SaginError, match=parts[0]) as caught:
        find_methods([name], "slicing")
    message = str(caught.value)
    assert all(part in message for part in parts), message
    assert "\n" not in message


def test_only_regular_files_of_a_bounded_number_are_a_training(tmp_path, monkeypatch):
    monkeypatch.setattr(policy, "load_policy", lambda _: find_method("greedy").policy)
    (tmp_path / "a.sagin").write_bytes(b"one")
    one = find_method(str(tmp_path)).digest
    (tmp_path / "b.sagin").write_bytes(b"two")
    assert find_method(str(tmp_path)).digest not in ("", one)
    monkeypatch.setattr(table, "MOST_FILES", 1)
    with pytest.raises(InputError, match="more than 1 files"):
        find_method(str(tmp_path))
    monkeypatch.undo()
    monkeypatch.setattr(policy, "load_policy", lambda _: find_method("greedy").policy)
    # whoever opens a pipe waits for its writer
    os.mkfifo(tmp_path / "pipe.sagin")
    with pytest.raises(InputError, match="a stream or device"):
        find_method(str(tmp_path))


def test_two_of_one_name_are_refused(own):
    with pytest.raises(InputError, match="different names"):
        find_methods(["greedy", f"{own}:GREEDY"], "slicing")


def test_a_registered_method_has_a_name_of_its_own(registered):
    row = register(Method("mine", act=lambda seen: seen))
    assert find_method("mine") is row
    assert row in find_methods(["all"], "slicing")
    assert register(Method("mine", act=lambda seen: {})) is find_method("mine")
    with pytest.raises(InputError, match="sagin's own"):
        register(Method("greedy", act=lambda seen: seen))


def test_methods_of_other_packages_enter_by_their_entry_points(own, monkeypatch):
    entries = [
        EntryPoint("theirs", f"{own}:act", table.GROUP),
        EntryPoint("lost", "no_such_module:act", table.GROUP),
        EntryPoint("odd", f"{own}:NUMBER", table.GROUP),
    ]
    monkeypatch.syspath_prepend(".")
    monkeypatch.setattr(table, "entry_points", lambda group: entries if group else [])
    method = find_method("theirs")
    assert (method.name, method.kind, method.source) == ("theirs", "act", f"{own}:act")
    names = [row.name for row in list_methods("slicing")]
    assert "theirs" in names
    assert not {"lost", "odd"} & set(names)
