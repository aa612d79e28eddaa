"""The `sagin` command: its subcommands, and the conversion of errors to exit statuses."""

import os
import signal
import sys
import threading
import warnings
from contextlib import suppress
from importlib import import_module
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from sagin import __version__
from sagin.errors import InputError, InputNotice, SaginError
from sagin.inputs import escape_text, parse_number, quote

COMMANDS = (
    "relay",
    "slice",
    "plan",
    "relieve",
    "map",
    "gaps",
    "train",
    "curves",
    "audit",
    "animate",
    "passes",
    "link",
    "sites",
    "reproduce",
    "readings",
    "report",
    "runs",
    "leaderboard",
    "scenarios",
    "samples",
    "doctor",
)
"""Modules of this package that add commands, in the order of the help."""
STORELESS = ("relay", "slice", "plan", "passes", "link", "sites", "map", "samples", "doctor")
"""Commands that store nothing before they end."""
RESUMING = ("relieve", "gaps", "train", "reproduce", "readings")
"""Commands that go on from what is stored."""
INTERRUPTED = 130
LONGEST = 2000
"""Largest number of characters of a line on standard error."""


SOON_S = 0.01
"""Time after which a stop that was dropped is tried again."""
LONGEST_PATH = 300
"""Characters of a path that is shown whole."""


class StrictGroup(TyperGroup):
    """Command group that accepts only finite numbers written with the digits 0 to 9."""

    def __init__(self, **settings: Any) -> None:
        """Let number options refuse NaN, infinity, 1_0, and digits other than 0 to 9."""
        super().__init__(**settings)
        for command in self.commands.values():
            for parameter in command.params:
                refuse_odd_numbers(parameter)


def refuse_odd_numbers(parameter: Any) -> None:
    """Let a parameter accept a number only if `parse_number` accepts it."""
    convert = parameter.process_value

    def process(context: Any, text: Any) -> Any:
        value = convert(context, text)
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if is_number and isinstance(text, str) and parse_number(text) is None:
            raise typer.BadParameter(f"{quote(text)} is not a number", context, parameter)
        return value

    parameter.process_value = process


app = typer.Typer(
    cls=StrictGroup,
    name="sagin",
    no_args_is_help=True,
    rich_markup_mode="rich",
    help=(
        "Simulate space-air-ground integrated networks, reproduce published results, and judge "
        "their claims."
    ),
    epilog=(
        "Wrong input gives one line and exit status 2. An interrupted run keeps its finished "
        "results (status 130)."
    ),
)


def print_version(is_wanted: bool) -> bool:
    """Print the version and exit, if `--version` is present."""
    if is_wanted:
        sys.stdout.write(f"sagin {__version__}\n")
        raise typer.Exit
    return is_wanted


@app.callback()
def set_options(
    version: Annotated[
        bool,
        typer.Option(
            "--version", is_eager=True, callback=print_version, help="Print the version and exit."
        ),
    ] = False,
) -> None:
    """Simulate space-air-ground networks, reproduce published results, and judge claims."""
    from sagin.compile_cache import keep_programs

    del version
    keep_programs()


def register_commands() -> None:
    """Add every command; each one loads JAX and other libraries only when it runs."""
    for name in COMMANDS:
        import_module(f"sagin.cli.{name}").register(app)


register_commands()


def stop(*_: object) -> None:
    """Stop like Ctrl-C."""
    raise KeyboardInterrupt


def run(arguments: list[str]) -> int:
    """Run the command line and return its exit status.

    0: success. 1: failure. 2: wrong input. 130: interrupted.
    """
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, stop)
    prepare_streams()
    before, sys.unraisablehook = sys.unraisablehook, stop_again
    try:
        with warnings.catch_warnings():
            tell_notices()
            return run_command(arguments)
    finally:
        sys.unraisablehook = before


def stop_again(unraisable: Any) -> None:
    """Stop once more where Python drops a stop, as in a callback of the garbage collector."""
    if issubclass(unraisable.exc_type, KeyboardInterrupt):
        # at once it would be dropped again
        main_thread = threading.main_thread().ident
        again = threading.Timer(SOON_S, signal.pthread_kill, (main_thread, signal.SIGINT))
        again.daemon = True
        again.start()
    else:
        sys.__unraisablehook__(unraisable)


def prepare_streams() -> None:
    """Let standard output and standard error accept any text, even if they are closed."""
    for name in ("stdout", "stderr"):
        stream: Any = getattr(sys, name)
        if stream is None or getattr(stream, "closed", False):
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115
        elif hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


def tell_notices() -> None:
    """Print the notices of readers on standard error, whatever the warning filters."""
    show_others = warnings.showwarning

    def show(message: Any, category: Any, *place: Any, **options: Any) -> None:
        if isinstance(message, InputNotice):
            complain(str(message))
        else:
            show_others(message, category, *place, **options)

    warnings.showwarning = show
    warnings.simplefilter("always", InputNotice)


def run_command(arguments: list[str]) -> int:
    """Run a command and return its exit status."""
    try:
        status = app(arguments, prog_name="sagin", standalone_mode=False)
        sys.stdout.flush()
    except SaginError as error:
        complain(cut_values(str(error), arguments))
        return 2 if isinstance(error, InputError) else 1
    except (KeyboardInterrupt, typer.Abort):
        status = INTERRUPTED
    except BrokenPipeError:
        # the reader of our output has closed it and needs no more
        sys.stdout = None  # type: ignore[assignment]
        return 0
    except OSError as error:
        complain(f"{error.filename or 'output'}: cannot be read or written: {error.strerror}")
        sys.stdout = None  # type: ignore[assignment]
        return 1
    except Exception as error:
        if is_shortage(error):
            complain("out of memory (allowed: fewer drops, users or workers, or more memory)")
            return 1
        # typer brings its own copy of click or uses the installed one: usage errors are known by
        # this method
        if not hasattr(error, "format_message"):
            raise
        if type(error).__name__ == "NoArgsIsHelpError":
            sys.stderr.write(error.format_message() + "\n")  # type: ignore[attr-defined]
        elif message := describe_misuse(error, arguments).strip():
            complain(message)
        return 2
    if status == INTERRUPTED:
        complain(f"interrupted; {describe_rest(arguments)}")
    return status if isinstance(status, int) else 0


def describe_rest(arguments: list[str]) -> str:
    """Return what is left of an interrupted command, in words."""
    command = arguments[0] if arguments else ""
    if command in STORELESS:
        return "nothing was stored"
    if command not in RESUMING:
        return "finished results are stored"
    option = " with --resume" if command == "train" else ""
    return f"finished results are stored, and the same command{option} continues from there"


def is_shortage(error: Exception) -> bool:
    """Return whether an error means that memory for arrays or for a library is exhausted."""
    words = ("RESOURCE_EXHAUSTED", "failed to map segment", "annot allocate memory")
    return isinstance(error, MemoryError) or any(word in str(error) for word in words)


def describe_misuse(error: Exception, arguments: list[str]) -> str:
    """Describe a usage error in one line that also names the command's help."""
    message = str(error.format_message()).replace("Value error, ", "")  # type: ignore[attr-defined]
    message = cut_values(message, arguments)
    context = getattr(error, "ctx", None)
    if not message.strip() or context is None:
        return message
    value = find_value(getattr(error, "param", None), arguments)
    value = "" if value.removeprefix(", not ") in message else value
    return f"{message.rstrip('.')}{value} (see '{context.command_path} --help')"


def cut_values(message: str, arguments: list[str]) -> str:
    """Return a message in which the options' values are cut that are longer than a path."""
    values = (value for text in arguments for value in (text, text.partition("=")[2]))
    for value in values:
        if len(value) > LONGEST_PATH:
            message = message.replace(value, escape_text(value))
    return message


def find_value(parameter: Any, arguments: list[str]) -> str:
    """Return text with the value of an option; empty if the value is unknown."""
    names = [name for name in getattr(parameter, "opts", []) if name in arguments[:-1]]
    return f", not {quote(arguments[arguments.index(names[0]) + 1])}" if names else ""


def complain(message: str) -> None:
    """Write one line to standard error, prefixed by the program's name; nothing if this fails."""
    with suppress(OSError, ValueError):
        sys.stderr.write(f"sagin: {escape_text(message, LONGEST)}\n")
