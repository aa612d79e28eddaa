"""Errors that sagin raises at its public interfaces.

Inside compiled code an impossible number gives NaN or infinity instead.

```text
SaginError
├── InputError            wrong input: field, file or line, the value, and the allowed range
│   ├── ScenarioError     a field of a scenario
│   ├── ElementsError     an orbital element file
│   └── SitesError        a cell-site file
└── StoreError            a result store that cannot be read or written
```
"""


class SaginError(Exception):
    """Base of every error that sagin raises on purpose."""


class InputError(SaginError, ValueError):
    """Wrong input; the message is one line that names place, value and allowed range."""


class ScenarioError(InputError):
    """A scenario's field is unknown, of the wrong type, or out of its range."""


class ElementsError(InputError):
    """An orbital element file cannot be read, or does not cover the requested time."""


class SitesError(InputError):
    """A cell-site file cannot be read, or lacks a required site."""


class InputNotice(UserWarning):
    """A part of a file that was skipped or completed; the command line reports it in one line."""


class StoreError(SaginError):
    """A result store cannot be read or written."""
