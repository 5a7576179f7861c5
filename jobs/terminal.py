"""A console for a stranger's words: titles, reasons of servers and names of files move no cursor on it."""

import sys
from typing import Any

from rich.console import Console
from rich.text import Text

_CONTROLS = (*range(0x20), *range(0x7F, 0xA0))
_DIRECTIONS = (*range(0x202A, 0x202F), *range(0x2066, 0x206A))  # they show text in another order than it is in
_SHOWN = dict.fromkeys((*_CONTROLS, *_DIRECTIONS), "\N{REPLACEMENT CHARACTER}") | {ord("\n"): "\n", ord("\t"): "\t"}


class Terminal(Console):
    """Rich leaves escape characters in what it prints; here they are shown as replacement characters."""

    def render_str(self, text: str, **options: Any) -> Text:
        return super().render_str(text.translate(_SHOWN), **options)


LOG_WIDTH = 240  # of tables where no terminal says how wide it is

# nothing is wrapped in a pipe: lines stay lines for grep, and rows of a table rows
out = Terminal(soft_wrap=not sys.stdout.isatty(), width=None if sys.stdout.isatty() else LOG_WIDTH)
err = Terminal(stderr=True, soft_wrap=not sys.stderr.isatty())
