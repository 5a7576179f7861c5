"""The command that gives stored captions in the format of a trainer."""

import json
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from captioners.render import RENDERERS, renderer, stored
from captioners.render.tokens import tokenizer
from curate.errors import LakeError, TooLarge, UsageError
from jobs.captions import captions_of
from jobs.commands.options import JsonOption, LakeOption, LookedByOption, SetOption, look
from jobs.explain import absence, matching
from jobs.job import Snapshot
from jobs.terminal import err, out


class Absences(StrEnum):
    """Whether a text says what is not there."""

    SAY = "say"
    LEAVE_OUT = "leave-out"


def render(  # noqa: PLR0913, PLR0917  one option a field
    clip: Annotated[
        str | None, typer.Argument(help="a clip id, or the beginning of one; a media id, a path or a URL; none: all")
    ] = None,
    format_: Annotated[str, typer.Option("--format", help=", ".join(RENDERERS))] = "dense",
    tokens: Annotated[int | None, typer.Option(help="leave out what matters least, so that it has no more")] = None,
    tokenizer_: Annotated[Path | None, typer.Option("--tokenizer", help="the tokenizer.json to count with")] = None,
    absences: Annotated[
        Absences | None, typer.Option(help="whether what is not there is said; without it, as the trainer has it")
    ] = None,
    lake: LakeOption = "lake",
    recipe: LookedByOption = None,
    settings: SetOption = None,
    as_json: JsonOption = False,
) -> None:
    if (tokens is None) != (tokenizer_ is None):
        raise UsageError("--tokens and --tokenizer go together: a number of tokens, and what counts them")
    count = None if tokenizer_ is None else tokenizer(tokenizer_)
    said = None if absences is None else absences is Absences.SAY
    tell = stored(renderer(format_, absences=said, tokens=tokens, count=count))
    snapshot = look(lake, recipe, settings)[0]
    failed = 0
    for caption_id, clip_id, captioner, record in captions_of(snapshot, _named(snapshot, clip)):
        try:
            text = tell(record)
        except TooLarge as error:
            err.print(f"{clip_id} ({captioner}): {escape(str(error))}", highlight=False)
            failed += 1
            continue
        if as_json:
            line: dict[str, object] = {"clip_id": clip_id, "caption_id": caption_id, "captioner": captioner}
            line |= {"format": format_, "text": text, **({"tokens": count(text)} if count else {})}
            sys.stdout.write(json.dumps(line, ensure_ascii=False) + "\n")
        else:
            length = f", {count(text)} tokens" if count else ""
            out.print(f"[bold]{clip_id}[/] ({captioner}{length})", highlight=False)
            out.print(f"{escape(text)}\n", highlight=False)
    if failed:
        err.print(f"{failed} caption(s) have no {format_} text of {tokens} tokens or less: allow more")
        raise typer.Exit(1)


def _named(snapshot: Snapshot, clip: str | None) -> list[str] | None:
    """The clips that are named; None: all."""
    if clip is None:
        return None
    found = matching(snapshot, clip)
    if not found:
        raise LakeError(absence(snapshot, clip))
    return found
