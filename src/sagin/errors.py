"""Errors that sagin raises at its edges.

Inside compiled code an impossible number is a value.

```text
SaginError
├── InputError            wrong input: which field, file or line, the value, and what is allowed
│   ├── ScenarioError     a scenario's field
│   ├── ElementsError     an orbital element file
│   └── SitesError        a cell-site file
└── StoreError            a result store that can't be read or written
```
"""


class SaginError(Exception):
    """Base of every error that sagin raises on purpose."""


class InputError(SaginError, ValueError):
    """Wrong input; the text is one line that names place, value and allowed range."""


class ScenarioError(InputError):
    """A scenario's field is unknown, of the wrong type, or out of its range."""


class ElementsError(InputError):
    """An orbital element file can't be read, or doesn't reach the time asked for."""


class SitesError(InputError):
    """A cell-site file can't be read, or has no site where one is needed."""


class InputNotice(UserWarning):
    """What a file has that was passed over or filled in; the command line shows it in one line."""


class StoreError(SaginError):
    """A result store can't be read or written."""
