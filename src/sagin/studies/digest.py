"""The digest of behaviour: the source on which a stored result depends.

It is the SHA-256 over the syntax trees, without docstrings, comments and layout, of all modules
that a function's module imports, transitively. It is computed from the source alone; nothing is
imported.
"""

import ast
import functools
import hashlib
from collections.abc import Iterator
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

from sagin.errors import InputError
from sagin.files import compute_digest

HOUSE = "sagin"
OUTSIDE = (
    *("sagin.cli", "sagin.interop", "sagin.report", "sagin.pool", "sagin.machine"),
    *("sagin.provenance",),
    *("sagin.studies.claim", "sagin.studies.collection", "sagin.studies.digest"),
    *("sagin.studies.engine", "sagin.studies.figure", "sagin.studies.judge"),
    *("sagin.studies.pairs",),
    *(
        "sagin.studies.ray",
        "sagin.studies.revalidation",
        "sagin.studies.runs",
        "sagin.studies.store",
    ),
)
"""Packages and modules that draw, print, store or judge: no stored number comes from them."""
NODE = (ast.AST, list)
IGNORED_FIELDS = ("kind", "type_comment", "type_ignores", "ctx")


class Module(NamedTuple):
    """A module's source, parsed."""

    name: str
    is_package: bool
    tree: ast.Module
    digest: str


def digest_behaviour(*names: str, root: Path | None = None) -> str:
    """Return the digest of the modules on which functions depend.

    Args:
        names: dotted names of functions or modules, or package.module:object: the function that
            computes a result, and what its task names besides (a user's own method).
        root: folder that contains the packages; default: where Python finds them.

    Raises:
        InputError: the source of a name is missing; the message has one line.
    """
    return compute_digest(_Walk(names, root).digests)


@functools.cache
def present_behaviour(*names: str) -> str:
    """Return `digest_behaviour` of functions, as the source was at the first call."""
    return digest_behaviour(*names)


def digest_method(method: Any) -> str:
    """Return the digest of the source that decides a method's numbers, besides sagin's modules.

    It is the behaviour of package.module:object if the source can be read, otherwise the hash of
    the method's file or folder.
    """
    if ":" in method.source:
        with suppress(InputError):
            return present_behaviour(method.source)
    return method.digest


def list_modules(*names: str, root: Path | None = None) -> list[str]:
    """Return the modules that a digest includes."""
    return sorted(_Walk(names, root).digests)


class _Walk:
    """Modules reached from some names, with the digest of each."""

    def __init__(self, names: tuple[str, ...], root: Path | None) -> None:
        self._root = root
        self._modules: dict[str, Module | None] = {}
        paths = [name.replace(":", ".") for name in names]
        self._packages = {HOUSE, *(dotted.partition(".")[0] for dotted in paths)}
        self.digests: dict[str, str] = {}
        self._requests: set[tuple[str, str]] = set()
        for dotted in paths:
            if (module := self._prefix(dotted)) is None:
                raise InputError(f"{dotted}: its source cannot be read (allowed: a dotted name)")
            self._include(module)

    def _load(self, name: str) -> Module | None:
        """Return a module, None if it has no source or does not count."""
        if name not in self._modules:
            self._modules[name] = self._read(name)
        return self._modules[name]

    def _read(self, name: str) -> Module | None:
        package, *parts = name.split(".")
        outside = name.startswith(tuple(f"{room}." for room in OUTSIDE)) or name in OUTSIDE
        if package not in self._packages or outside:
            return None
        for folder in _find_package(package) if self._root is None else [self._root / package]:
            base = folder.joinpath(*parts)
            for path in (base / "__init__.py", base.with_name(f"{base.name}.py")):
                if path.is_file():
                    return Module(name, path.name == "__init__.py", *_parse(path))
        return None

    def _prefix(self, dotted: str) -> Module | None:
        """Return the module with the longest name at the start of a dotted name."""
        while dotted:
            if (module := self._load(dotted)) is not None:
                return module
            dotted = dotted.rpartition(".")[0]
        return None

    def _include(self, module: Module) -> None:
        """Add a module with all its imports, and with code that its packages run when loaded."""
        if module.name in self.digests:
            return
        self.digests[module.name] = module.digest
        parts = module.name.split(".")
        for length in range(1, len(parts)):
            package = self._load(".".join(parts[:length]))
            if package is not None and (actions := _find_actions(package.tree)):
                self.digests[f"{package.name} (loading)"] = _hash(actions)
        for target, name in _list_imports(module):
            self._request(target, name)

    def _request(self, target: str, name: str) -> None:
        """Add the target of `from target import name`; the whole module if the name is empty."""
        if (target, name) in self._requests:
            return
        self._requests.add((target, name))
        module = self._load(target)
        submodule = self._load(f"{target}.{name}") if name else None
        if submodule is not None:
            self._include(submodule)
        if module is None:
            return
        if (
            not module.is_package
            or not name
            or (not self._follow(module, name) and submodule is None)
        ):
            self._include(module)

    def _follow(self, package: Module, name: str) -> bool:
        """Add the definition of a name of a package; return whether `__init__` names its module."""
        sources = [
            (target, source)
            for target, source, bound in _list_bindings(package)
            if bound == name and (target, source) != (package.name, name)
        ]
        for target, source in sources:
            self._request(target, source)
        if sources:
            return True
        if (constant := _find_constant(package.tree, name)) is not None:
            self.digests[f"{package.name}:{name}"] = _hash([constant])
            return True
        lazy = [self._prefix(dotted) for dotted in _list_lazy_places(package, name)]
        modules = [module for module in lazy if module is not None and module != package]
        for module in modules:
            self._include(module)
        return bool(modules)


@functools.cache
def _find_package(name: str) -> list[Path]:
    """Return the folders of a package, or the path of a module that is one file."""
    if name == HOUSE:
        return [Path(__file__).parents[1]]
    try:
        spec = find_spec(name)
    except (ImportError, ValueError):
        return []
    if spec is None:
        return []
    if spec.submodule_search_locations is not None:
        return list(map(Path, spec.submodule_search_locations))
    return [Path(spec.origin).with_suffix("")] if spec.origin else []


def _parse(path: Path) -> tuple[ast.Module, str]:
    try:
        return _parse_source(path.read_bytes())
    except (SyntaxError, ValueError) as error:
        raise InputError(f"{path}: cannot be parsed: {error}") from None


@functools.cache
def _parse_source(source: bytes) -> tuple[ast.Module, str]:
    tree = ast.parse(source)
    tree.body = [statement for statement in tree.body if not _is_for_types(statement)]
    return tree, _hash(tree.body)


def _is_for_types(statement: ast.stmt) -> bool:
    """Return whether a statement is an `if TYPE_CHECKING:`, which does not run."""
    if not isinstance(statement, ast.If) or statement.orelse:
        return False
    names = [
        node for node in ast.walk(statement.test) if isinstance(node, ast.Name | ast.Attribute)
    ]
    last = [node.id if isinstance(node, ast.Name) else node.attr for node in names]
    return "TYPE_CHECKING" in last


def _is_text(statement: Any) -> bool:
    """Return whether a statement is only a string: the docstring of the preceding statement."""
    value = statement.value if isinstance(statement, ast.Expr) else None
    return isinstance(value, ast.Constant) and isinstance(value.value, str)


def _hash(statements: list[ast.stmt]) -> str:
    """Return the digest of statements; the order of leading imports does not count."""
    imports = [node for node in statements if isinstance(node, ast.Import | ast.ImportFrom)]
    rows = sorted(
        f"{getattr(node, 'module', '')}/{getattr(node, 'level', 0)}/{alias.name}/{alias.asname}"
        for node in imports
        for alias in node.names
    )
    text = _serialise([node for node in statements if node not in imports])
    return hashlib.sha256("\n".join([*rows, text]).encode()).hexdigest()


def _serialise(statements: list[ast.stmt]) -> str:
    """Return syntax trees as text that is the same in all versions of Python."""
    text: list[str] = []
    # items still to write, the next one last; text is written unchanged
    stack: list[Any] = [statements]
    while stack:
        item = stack.pop()
        if isinstance(item, str):
            text.append(item)
        elif isinstance(item, list):
            parts = [
                part if isinstance(part, NODE) else repr(part)
                for part in item
                if not (isinstance(part, ast.Expr) and _is_text(part))
            ]
            stack += ["]", *reversed(parts), "["]
        else:
            fields = [
                (f" {name}=", value if isinstance(value, NODE) else repr(value))
                for name, value in ast.iter_fields(item)
                if value is not None and value != [] and name not in IGNORED_FIELDS
            ]
            stack += [")", *(part for pair in reversed(fields) for part in reversed(pair))]
            text.append(f"({type(item).__name__}")
    return "".join(text)


def _find_actions(tree: ast.Module) -> list[ast.stmt]:
    """Return the code that a package runs when loaded, besides imports and definitions."""
    passive = (
        *(ast.Import, ast.ImportFrom, ast.FunctionDef, ast.ClassDef),
        *(ast.Assign, ast.AnnAssign),
    )
    return [node for node in tree.body if not isinstance(node, passive) and not _is_text(node)]


def _list_imports(module: Module) -> Iterator[tuple[str, str]]:
    """Yield (module, name) of each import, also of those inside functions."""
    for target, name, _ in _list_bindings(module):
        yield target, name


def _list_bindings(module: Module) -> Iterator[tuple[str, str, str]]:
    """Yield (module, name, bound name) of each import; an empty name for a whole module."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, "", alias.asname or ""
        elif isinstance(node, ast.ImportFrom):
            target = _resolve_relative(module, node)
            for alias in node.names:
                name = "" if alias.name == "*" else alias.name
                yield target, name, alias.asname or name


def _resolve_relative(module: Module, node: ast.ImportFrom) -> str:
    if not node.level:
        return node.module or ""
    parts = module.name.split(".")
    parts = parts[: len(parts) - node.level + module.is_package]
    return ".".join([*parts, *([node.module] if node.module else [])])


def _find_constant(tree: ast.Module, name: str) -> ast.stmt | None:
    """Return the statement that assigns a constant to a name, if there is one."""
    for node in tree.body:
        targets = node.targets if isinstance(node, ast.Assign) else []
        names = [target.id for target in targets if isinstance(target, ast.Name)]
        if name in names and isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant):
            return node
    return None


def _list_lazy_places(package: Module, name: str) -> Iterator[str]:
    """Yield the dotted names beside a name in the tables of a package that loads lazily."""
    for node in ast.walk(package.tree):
        if isinstance(node, ast.Dict):
            for pair in zip(node.keys, node.values, strict=True):
                texts = [
                    part.value
                    for half in pair
                    if half is not None
                    for part in ast.walk(half)
                    if isinstance(part, ast.Constant) and isinstance(part.value, str)
                ]
                if name in texts:
                    yield from (text.replace(":", ".") for text in texts if "." in text)
