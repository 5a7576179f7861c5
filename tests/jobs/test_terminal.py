"""What strangers wrote is shown, and does nothing."""

import io
import subprocess
import sys

import pytest
from rich.markup import escape
from rich.table import Table

from jobs.terminal import Terminal, err, out

EVIL = "\x1bc\x1b]0;title\x07 \x9b2J \x08\r\u202egpj.exe [bold]"


@pytest.mark.parametrize("in_table", [False, True])
def test_words_of_a_stranger_move_no_cursor(in_table: bool) -> None:
    shown = io.StringIO()
    what: str | Table = escape(EVIL)
    if in_table:
        what = Table("name")
        what.add_row(escape(EVIL))
    Terminal(file=shown, width=80).print(what)
    assert not set("\x1b\x07\x9b\x08\r\u202e") & set(shown.getvalue())
    assert "gpj.exe [bold]" in shown.getvalue()


def test_lines_and_colours_of_our_own_stay() -> None:
    shown = io.StringIO()
    Terminal(file=shown, force_terminal=True, color_system="standard").print("[red]a[/]\nb\tc")
    assert shown.getvalue() == "\x1b[31ma\x1b[0m\nb       c\n"


def test_commands_speak_through_it() -> None:
    assert isinstance(out, Terminal)
    assert isinstance(err, Terminal)


def test_rows_of_a_table_are_not_folded_in_a_pipe() -> None:
    code = (
        "from rich.table import Table; from jobs.terminal import out; t = Table('a', 'b', box=None);"
        "t.add_row('x ' * 40, 'y ' * 40); out.print(t)"
    )
    piped = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert len(piped.stdout.splitlines()) == 2
