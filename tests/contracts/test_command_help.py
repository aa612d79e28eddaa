"""Every command and option has a help text."""

import typer

from sagin.cli.main import app


def test_every_command_and_option_has_help():
    group = typer.main.get_command(app)
    commands = group.commands
    assert {"relay", "passes", "reproduce", "scenarios", "schema"} <= set(commands)
    for name, command in commands.items():
        assert command.help, name
        for parameter in command.params:
            text = getattr(parameter, "help", "")
            # square brackets are markup, which the terminal does not show
            assert text, f"{name} {parameter.name}"
            assert "[" not in text, f"{name} {parameter.name}"
