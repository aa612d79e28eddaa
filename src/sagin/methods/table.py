"""The table of methods, and its extension by name, module, folder or entry point."""

import hashlib
import importlib
import inspect
import sys
from collections.abc import Iterable
from importlib.metadata import entry_points
from itertools import islice
from pathlib import Path
from typing import Any

from sagin.errors import InputError, SaginError
from sagin.inputs import read_parts
from sagin.methods.method import Method

GROUP = "sagin.methods"
"""Entry-point group for methods of other packages."""
BUILT_IN = {"slicing": "sagin.methods.slicing", "relaying": "sagin.methods.relaying"}
"""Modules whose `ROWS` are sagin's methods, by system."""
TRAINING = "sagin.training.policy"
"""Module that loads the policy of a folder of `sagin train`."""
MOST_FILES = 10_000
"""Files of a training: two for each of at most 1000 seeds, and what others keep beside them."""
_registered: dict[tuple[str, str], Method] = {}


def register(method: Method) -> Method:
    """Add a method to the table of this process and return it.

    It replaces a method of the same name.

    Raises:
        InputError: it is not a `Method`, or its name belongs to one of sagin's methods.
    """
    if not isinstance(method, Method):
        raise InputError(f"register: a {type(method).__name__} (allowed: sagin.Method)")
    if any(row.name == method.name for row in list_built_in(method.system)):
        raise InputError(f"method {method.name!r}: the name is one of sagin's own")
    _registered[method.system, method.name] = method
    return method


def list_built_in(system: str) -> list[Method]:
    """Return sagin's own methods of a system."""
    return list(importlib.import_module(BUILT_IN[system]).ROWS) if system in BUILT_IN else []


def list_methods(system: str) -> list[Method]:
    """Return all methods of a system: sagin's own, registered ones, and those of other packages.

    A package whose entry point cannot be loaded is left out.
    """
    rows = list_built_in(system)
    rows += [row for (owner, _), row in _registered.items() if owner == system]
    known = {row.name for row in rows}
    for entry in entry_points(group=GROUP):
        try:
            method = make_method(entry.load(), entry.name, entry.value, system)
        except (SaginError, ImportError, AttributeError):
            continue
        if method.system == system and method.name not in known:
            rows.append(method)
    return rows


def find_methods(names: Iterable[str], system: str) -> list[Method]:
    """Return the named methods, each once.

    Args:
        names: names of methods; `all`; package.module:object; a folder that `sagin train` wrote.
        system: slicing or relaying.

    Raises:
        InputError: a method does not exist; one line lists the existing ones.
    """
    rows: dict[str, Method] = {}
    for name in names:
        for row in list_methods(system) if name == "all" else [find_method(name, system)]:
            if rows.setdefault(row.name, row).source != row.source:
                raise InputError(
                    f"method {name!r}: {rows[row.name].source} also has a method {row.name!r} "
                    "(allowed: different names)"
                )
    return list(rows.values())


def find_method(name: str, system: str = "slicing") -> Method:
    """Return the method of a name, module or folder; InputError in one line if there is none."""
    rows = {row.name: row for row in list_methods(system)}
    if name in rows:
        return rows[name]
    if ":" in name:
        return _load_object(name, system)
    if system == "slicing" and Path(name).exists():
        return _load_folder(Path(name))
    folder = ", or a folder of `sagin train`" if system == "slicing" else ""
    allowed = f"{', '.join(rows)}, all, package.module:object{folder}"
    raise InputError(f"method {name!r}: unknown; allowed: {allowed}")


def _load_folder(path: Path) -> Method:
    """Return the method of a trained policy.

    The package `training` imports this one, so it is loaded by its name.
    """
    policy = importlib.import_module(TRAINING).load_policy(path)
    found = path.rglob("*.sagin") if path.is_dir() else [path]
    files = sorted(islice(found, MOST_FILES + 1))
    if len(files) > MOST_FILES:
        raise InputError(f"{path}: more than {MOST_FILES} files *.sagin (allowed: one training)")
    digest = hashlib.sha256()
    for file in files:
        for part in read_parts(file):
            digest.update(part)
    text = f"trained policy in {path.name}"
    origin: dict[str, Any] = {"source": str(path), "digest": digest.hexdigest()[:24]}
    return Method(path.name, text, policy=policy, **origin)


def _load_object(source: str, system: str) -> Method:
    """Return the method at package.module:object.

    The working folder is searched first. It stays on the path, after all other entries, for modules
    that the method imports while it decides.
    """
    module_name, _, name = source.partition(":")
    folder = str(Path.cwd())
    is_new = folder not in sys.path
    if is_new:
        sys.path.insert(0, folder)
    try:
        module = importlib.import_module(module_name)
        item = getattr(module, name)
    except Exception as error:  # whatever a foreign module raises while it is imported
        message = " ".join(str(error).split())[:200]
        raise InputError(
            f"method {source!r}: cannot be imported: {type(error).__name__}: {message}"
        ) from None
    finally:
        if is_new:
            sys.path.remove(folder)
            sys.path.append(folder)
    return make_method(item, name, source, system)


def make_method(item: Any, name: str, source: str, system: str) -> Method:
    """Convert an object to a method: a Method, a Policy, or something that can be called.

    Args:
        item: a Method; a slicing Policy; an object with `act`; or a function, which is `act` in
            slicing and `decide` in relaying. A class is first called without arguments.
        name: name of the method if the object has none.
        source: origin of the object.
        system: system that needs the method.
    """
    from sagin.slicing.policy import Policy

    module = sys.modules.get(source.partition(":")[0])
    origin: dict[str, Any] = {"source": source, "digest": hash_source(module or item)}
    if inspect.isclass(item):
        item = _call_class(item, source)
    if isinstance(item, Method):
        if item.system != system:
            raise InputError(
                f"method {source!r}: is of the system {item.system} (allowed: {system})"
            )
        return Method(**{**vars(item), **origin})
    if isinstance(item, Policy):
        return Method(item.name or name, item.text, policy=item, **origin)
    if system == "relaying":
        return _make_relaying(item, name, source, origin)
    act = getattr(item, "act", item)
    if callable(act):
        reset = getattr(item, "reset", None)
        return Method(name, first_line(item), act=act, reset=reset, **origin)
    raise InputError(
        f"method {source!r}: a {type(item).__name__} (allowed: sagin.Method, a Policy, an object "
        "with act(observations), or a function)"
    )


def _make_relaying(item: Any, name: str, source: str, origin: dict[str, Any]) -> Method:
    """Convert an object to a relaying method; a plain function is called with NumPy arrays."""
    from sagin.relaying.decision import DecisionRule

    if callable(item):
        decide: Any = item
        item = DecisionRule(name, decide, compiled=False)
    if isinstance(item, DecisionRule):
        text = first_line(item.decide)
        return Method(item.name, text, "relaying", decide=item, **origin)
    raise InputError(
        f"method {source!r}: a {type(item).__name__} (allowed: sagin.Method, a DecisionRule, or a "
        "function decide(request))"
    )


def _call_class(item: Any, source: str) -> Any:
    try:
        return item()
    except Exception as error:  # whatever a foreign constructor raises
        message = " ".join(str(error).split())[:200]
        raise InputError(
            f"method {source!r}: cannot be created without arguments: "
            f"{type(error).__name__}: {message}"
        ) from None


def first_line(item: Any) -> str:
    """Return the first line of an object's documentation; empty if it has none."""
    return (inspect.getdoc(item) or "").partition("\n")[0]


def hash_source(item: Any) -> str:
    """Return a hash of the file that defines an object; empty if there is no file."""
    module = inspect.getmodule(item) or inspect.getmodule(type(item))
    path = getattr(module, "__file__", None)
    if path is None or not Path(path).is_file():
        return ""
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()[:24]
