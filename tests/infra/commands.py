"""What the command line makes of the words that a manifest has."""

from typing import Any

import typer

from jobs.cli import program


def given(names: list[str], words: list[str]) -> dict[str, Any]:
    """The parameters of the command of these names, as `review serve`; it refuses words that it does not know."""
    command: Any = typer.main.get_command(program(names))
    for name in names:
        command = command.commands[name]
    params: dict[str, Any] = command.make_context(names[-1], words).params
    return params
