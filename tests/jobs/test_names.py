"""A command costs what it uses: nothing is imported for the others."""

import subprocess
import sys

import pytest

from jobs.commands.names import COMMANDS, RECIPE_COMMANDS, REVIEW_COMMANDS, Command

PROGRAM = """
import sys
from contextlib import suppress
from jobs.cli import main
with suppress(SystemExit):
    main(sys.argv[1:])
print("imported:", *sorted({"fastapi", "sqlalchemy", "ray", "av", "polars"} & set(sys.modules)))
"""


def imported(*arguments: str) -> set[str]:
    ran = subprocess.run([sys.executable, "-c", PROGRAM, *arguments], capture_output=True, text=True, check=True)
    return set(ran.stdout.splitlines()[-1].split()[1:])


def test_help_lists_commands_without_importing_them() -> None:
    assert "fastapi" not in imported("--help") | imported("review", "--help")


def test_who_looks_at_a_lake_imports_neither_server_nor_database() -> None:
    assert imported("status", "--help").isdisjoint({"fastapi", "sqlalchemy", "ray"})
    assert {"fastapi", "sqlalchemy"} <= imported("review", "serve", "--help")


EVERY = {**COMMANDS, **{f"recipe {name}": one for name, one in RECIPE_COMMANDS.items()},
         **{f"review {name}": one for name, one in REVIEW_COMMANDS.items()}}  # fmt: skip


@pytest.mark.parametrize("command", EVERY.values(), ids=EVERY)
def test_each_command_is_where_it_is_said_to_be(command: Command) -> None:
    assert command.load().__module__ == f"jobs.commands.{command.module}"
