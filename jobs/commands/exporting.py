"""The command that gives a cut to others."""

import json
import sys
from pathlib import Path
from typing import Annotated, get_args

import typer
from rich.markup import escape

from curate.errors import UsageError
from curate.export.exports import EXPORTS
from curate.export.format import Settings, Side
from curate.export.stage import Cut
from curate.storage.blobs import Blobs
from jobs.commands.options import (
    EngineOption,
    JsonOption,
    LakeOption,
    LookedByOption,
    SetOption,
    StrictOption,
    look,
    show,
)
from jobs.difference import named
from jobs.environment import storage_options
from jobs.export import Exported, chosen, keyed, rehearse
from jobs.export import export as write
from jobs.export_worker import Order
from jobs.fsck import Pool
from jobs.session import open_engine
from jobs.show import hours
from jobs.terminal import out

SIDES: tuple[Side, ...] = get_args(Side)


def export(  # noqa: PLR0913, PLR0917  one option a field
    format_: Annotated[str, typer.Argument(metavar="FORMAT", help=", ".join(EXPORTS))],
    out_: Annotated[str, typer.Argument(metavar="OUT", help="a folder, or s3://bucket/prefix")],
    cut: Annotated[str, typer.Option(help="a stored cut: its name, NAME@HASH, or the first digits of its hash")],
    lake: LakeOption = "lake",
    recipe: LookedByOption = None,
    settings: SetOption = None,
    side: Annotated[str, typer.Option(help=" or ".join(SIDES))] = "train",
    per_shard: Annotated[int, typer.Option(help="clips of a shard")] = 500,
    name: Annotated[str | None, typer.Option(help="how shards are called; without it, as the cut is")] = None,
    crop: Annotated[bool, typer.Option(help="to the picture inside its borders, as latents are made")] = True,
    turn: Annotated[bool, typer.Option(help="pixels are upright; else a copied film says how it is turned")] = True,
    crf: Annotated[int, typer.Option(help="of x264, for what is encoded again")] = 16,
    preset: Annotated[str, typer.Option(help="of x264")] = "medium",
    score: Annotated[list[str] | None, typer.Option(help="only this metric; all without it")] = None,
    encoder: Annotated[
        list[str] | None, typer.Option(help="of latents: that of the picture, that of the sound")
    ] = None,
    prompts: Annotated[int, typer.Option(help="pairs: for each caption, at most")] = 3,
    seed: Annotated[int, typer.Option(help="pairs: of the draw of templates")] = 0,
    title: Annotated[str | None, typer.Option(help="huggingface: of the dataset")] = None,
    licence: Annotated[str | None, typer.Option(help="huggingface: of the dataset, as in cc-by-4.0")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="say what there is, and what could be copied")] = False,
    retry: Annotated[bool, typer.Option("--retry", help="write shards again in which clips failed")] = False,
    workers: Annotated[int | None, typer.Option(help="as many as the engine has room for")] = None,
    engine: EngineOption = "ray",
    as_json: JsonOption = False,
    strict: StrictOption = False,
) -> None:
    if format_ not in EXPORTS:
        raise UsageError(f"no format is called {format_!r}; there are {', '.join(EXPORTS)}")
    chosen_side = next((one for one in SIDES if one == side), None)
    if chosen_side is None or per_shard < 1 or prompts < 1:
        raise UsageError(
            f"a side is {' or '.join(SIDES)}, and a shard has a clip at least: {side=} {per_shard=} {prompts=}"
        )
    if EXPORTS[format_].tensors and not encoder:
        raise UsageError(f"{format_} holds latents: say with --encoder of which encoder")
    snapshot, known = look(lake, recipe, settings)
    of = named(snapshot.lake, cut)
    what = chosen(snapshot, known, of, chosen_side)
    asked = Settings(_plain(name or of.cut), chosen_side, title or of.cut, licence, prompts, seed)
    stage = Cut(crop=crop, turn=turn, crf=crf, preset=preset)
    place = out_ if "://" in out_ else str(Path(out_).absolute())
    order = Order(
        snapshot, format_, Blobs(place, storage_options()), asked, stage, "", tuple(sorted(score)) if score else None,
        tuple(encoder or ()) if EXPORTS[format_].tensors else (), known.media.isolated,
    )  # fmt: skip
    order = keyed(order, what, per_shard)
    pool, watching = Pool(open_engine(engine), workers), show(as_json)
    with watching:
        if dry_run:
            ended = rehearse(order, what, per_shard, pool, watching.watch)
        else:
            ended = write(order, what, per_shard, pool, watching.watch, retry)
    _tell(ended, as_json, dry_run)
    if strict and ended.missed:
        raise typer.Exit(1)


def _plain(name: str) -> str:
    """A name for files; a dot would end the key of a sample."""
    return "".join(letter if letter.isalnum() or letter in "-_" else "-" for letter in name) or "cut"


def _tell(ended: Exported, as_json: bool, dry: bool) -> None:
    told = ended.as_dict("done")
    if as_json:
        sys.stdout.write(json.dumps({**told, "dry_run": dry}, ensure_ascii=False) + "\n")
        return
    verb = "would be" if dry else "were"
    out.print(f"{told['samples']:,} of {told['clips']:,} clips, {hours(told['hours'])}, {verb} exported")
    if told["copied"] + sum(told["encoded"].values()):
        out.print(f"{told['copied']:,} {verb} copied, {sum(told['encoded'].values()):,} encoded again:")
        for why, clips in told["encoded"].items():
            out.print(f"  {clips:,} {escape(why)}", highlight=False)
    if told["without_caption"]:
        out.print(f"{told['without_caption']:,} have no caption that counts")
    for kind, clips in told["left_out"].items():
        out.print(f"left out: {clips:,} {escape(kind)}" + ("" if dry else "; failures.jsonl says which"))
    if not dry:
        size = sum(one["size_bytes"] for one in told["shards"])
        out.print(f"{len(told['shards']):,} file(s), {size / 1e6:,.1f} MB; export.json names them")
