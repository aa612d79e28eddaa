"""Every public name is documented, and every documented name exists."""

import importlib
import inspect
import pkgutil

import pytest

import sagin

PACKAGES = sorted(
    name for _, name, is_package in pkgutil.iter_modules(sagin.__path__, "sagin.") if is_package
)


@pytest.mark.parametrize("package", PACKAGES)
def test_every_module_and_public_name_has_a_docstring(package):
    module = importlib.import_module(package)
    assert module.__doc__
    names = getattr(module, "__all__", [])
    assert len(names) == len(set(names))
    for name in names:
        thing = getattr(module, name)
        if inspect.isfunction(thing) or inspect.isclass(thing):
            assert inspect.getdoc(thing), f"{package}.{name} has no docstring"
