"""All that is known of one clip, and why it is in a cut or not."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import polars as pl
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from curate.errors import LakeError
from jobs import gather
from jobs.counting import counting
from jobs.job import Snapshot
from jobs.status import failed_of
from jobs.truncation import truncations
from schemas.caption import Caption, Verdict
from schemas.clip import Clip, Score, Sound, Text
from schemas.latent import Latent, Pick
from schemas.media import Media, Source, Subtitle
from schemas.question import QuizQuestion
from schemas.row import from_table
from schemas.uri import shown_uri
from schemas.view import View


@dataclass(frozen=True, slots=True)
class Known:
    """Every row of one clip."""

    clip: Clip
    media: Media
    sources: tuple[Source, ...]
    scores: tuple[Score, ...]
    subtitles: tuple[Subtitle, ...]  # those that are shown at some time of the clip
    sounds: tuple[Sound, ...]
    texts: tuple[Text, ...]
    views: tuple[View, ...]
    questions: tuple[QuizQuestion, ...]
    captions: tuple[Caption, ...]  # repaired ones and those of people too
    verdicts: tuple[Verdict, ...]
    counting: frozenset[str]  # ids of the captions that count
    latents: tuple[Latent, ...]
    picks: tuple[Pick, ...]  # in the latest cut of each name and policy
    failures: tuple[tuple[str, str, str], ...]  # job, kind, detail


def matching(snapshot: Snapshot, what: str) -> list[str]:
    """Ids of the clips that begin with `what`, or that come from the media or source that it names."""
    named = _sources(snapshot, what).join(snapshot.payload("media").select("source_id", "media_id"), on="source_id")
    ids = named.select("media_id").unique().collect()["media_id"].to_list()
    wanted = pl.col("clip_id").str.starts_with(what) | pl.col("media_id").is_in(ids)
    return sorted(snapshot.payload("clips").filter(wanted).select("clip_id").collect()["clip_id"].to_list())


def _sources(snapshot: Snapshot, what: str) -> pl.LazyFrame:
    named = (pl.col("uri") == what) | pl.col("uri").str.ends_with("/" + what) | (pl.col("source_id") == what)
    return snapshot.lake.scan("sources").filter(named)


def absence(snapshot: Snapshot, what: str) -> str:
    """Why nothing of the recipe matches: what was named failed, was taken down, waits, or is unknown."""
    rows = _sources(snapshot, what).sort("added_us").collect()
    if not rows.height:
        return f"no clip of this recipe matches {what!r}: give a clip id, a media id, a file name or a URL"
    uri, ids = shown_uri(rows["uri"][-1]), rows["source_id"].unique().to_list()
    if rows["tombstone"].any():
        return f"{uri} was taken down"
    fetched = snapshot.payload("media").filter(pl.col("source_id").is_in(ids)).select("media_id").collect()
    for table, owners in (("media", ids), *((name, fetched["media_id"].to_list()) for name in ("strips", "clips"))):
        for row in failed_of(snapshot, table).filter(pl.col("input_id").is_in(owners)).collect().iter_rows(named=True):
            return f"{uri} has no clips: {row['failure']['kind']}: {row['failure']['detail']}"
    return f"{uri} has no clips of this recipe yet: `retold run` makes them"


def know(snapshot: Snapshot, clip_id: str) -> Known:
    """Read every row of one clip."""
    (clip,) = gather.clips(snapshot, [clip_id])
    media = gather.media(snapshot, [clip.media_id])[clip.media_id]
    sources = {m.source_id for m in snapshot.rows("media", Media, "media_id", [clip.media_id])}
    asked = gather.rows_of("questions", snapshot, QuizQuestion, [clip_id])
    captions = tuple(snapshot.all_rows("captions", Caption, "clip_id", [clip_id]))
    ids = [caption.caption_id for caption in captions]
    counted = counting(snapshot).filter(pl.col("clip_id") == clip_id).collect()["caption_id"]
    newest = pl.col("made_us").max().over("cut", "fingerprint")
    cuts = snapshot.lake.scan("picks").filter(pl.col("clip_id") == clip_id).filter(pl.col("made_us") == newest)
    picks = from_table(Pick, cuts.unique(["cut", "cut_hash"]).sort("cut", "cut_hash").collect().to_arrow())
    return Known(
        clip,
        media,
        tuple(gather.sources(snapshot, sorted(sources))),
        tuple(sorted(_measured(snapshot, clip_id), key=lambda s: s.metric)),
        tuple(_subtitles(snapshot, clip)),
        tuple(sorted(snapshot.rows("sounds", Sound, "clip_id", [clip_id]), key=lambda s: s.start_us)),
        tuple(sorted(snapshot.rows("texts", Text, "clip_id", [clip_id]), key=lambda t: t.start_us)),
        tuple(view for table in ("views", "hearings") for view in gather.rows_of(table, snapshot, View, [clip_id])),
        tuple(sorted(asked, key=lambda row: (row.start_us, row.question_id))),
        captions,
        tuple(snapshot.all_rows("verdicts", Verdict, "caption_id", ids)),
        frozenset(counted),
        tuple(snapshot.rows("latents", Latent, "clip_id", [clip_id])),
        tuple(picks),
        (*_failures(snapshot, clip_id), *_later_failures(snapshot, ids)),
    )


def _measured(snapshot: Snapshot, clip_id: str) -> Iterator[Score]:
    """Scores, and ratings where the recipe has raters."""
    for table in ("scores", "ratings"):
        if table in snapshot.fingerprints:
            yield from snapshot.rows(table, Score, "clip_id", [clip_id])


def _subtitles(snapshot: Snapshot, clip: Clip) -> list[Subtitle]:
    cues = snapshot.rows("subtitles", Subtitle, "media_id", [clip.media_id])
    shown = (cue for cue in cues if cue.start_us < clip.end_us and clip.start_us < cue.end_us)
    return sorted(shown, key=lambda cue: (cue.start_us, cue.subtitle_id))


def _failures(snapshot: Snapshot, clip_id: str) -> Iterator[tuple[str, str, str]]:
    tables = ("scores", "ratings", "sounds", "texts", "views", "hearings", "questions", "captions", "latents")
    for table in (name for name in tables if name in snapshot.fingerprints):
        rows = failed_of(snapshot, table).filter(pl.col("input_id") == clip_id).collect()
        for row in rows.iter_rows(named=True):
            yield table, row["failure"]["kind"], row["failure"]["detail"]


def _later_failures(snapshot: Snapshot, caption_ids: Sequence[str]) -> Iterator[tuple[str, str, str]]:
    """What failed of the captions of a clip: tests, and repairs."""
    for key, fingerprint in snapshot.asked.items():
        table = key.partition("+")[0]
        if table in {"captions", "verdicts", "testimonies", "embeddings"}:
            found = failed_of(snapshot, table, fingerprint).filter(pl.col("input_id").is_in(caption_ids)).collect()
            for row in found.iter_rows(named=True):
                yield table, row["failure"]["kind"], row["failure"]["detail"]


def show(snapshot: Snapshot, what: str, out: Console) -> None:
    """Print one clip, or the list of those that match."""
    found = matching(snapshot, what)
    if not found:
        raise LakeError(absence(snapshot, what))
    if len(found) > 1:
        out.print(f"{len(found)} clips match; the ids are")
        for clip_id in found:
            out.print(f"  {clip_id}", highlight=False)
        return
    known = know(snapshot, found[0])
    _head(known, out)
    for view in known.views:
        asked = sum(window.times for window in view.windows)
        told = sum(len(window.facts) for window in view.windows)
        out.print(
            f"\n[bold]asked[/] {escape(view.model)} ({view.profile}, prompt {escape(view.prompt or 'none')}): "
            f"{len(view.windows)} window(s), asked {asked} time(s), told {told} fact(s), "
            f"{view.tokens_in} tokens in, {view.tokens_out} out",
            highlight=False,
        )
    _quiz(known, out)
    for caption in known.captions:
        who = caption.captioner if caption.caption_id in known.counting else f"{caption.captioner}, superseded"
        out.print(f"\n[bold]caption[/] ({who})\n{escape(caption.dense)}", highlight=False)
    for cut in truncations(snapshot, found[0]):
        out.print(f"[bold]embedded[/] {escape(str(cut))}", highlight=False)
    _verdicts(known, out)
    _scores(known, out)
    for pick in known.picks:
        why = "kept" if pick.kept else f"dropped: {', '.join(pick.reasons)}"
        why += f" (see {pick.group})" if pick.group not in (None, pick.clip_id) else ""
        out.print(f"[bold]cut {escape(pick.cut)}[/] {pick.cut_hash[:12]}: {why}")
    for table, kind, detail in known.failures:
        out.print(f"[red]{table} failed[/]: {kind}: {escape(detail)}")


def _head(known: Known, out: Console) -> None:
    clip = known.clip
    out.print(f"[bold]clip[/] {clip.clip_id}", highlight=False)
    out.print(f"  {clip.start_us / 1e6:.3f} s to {clip.end_us / 1e6:.3f} s, {clip.frames} frames, shot {clip.shot}")
    out.print(f"  begins with: {clip.start_kind}; ends with: {clip.end_kind}")
    for source in known.sources:
        out.print(
            f"  from {escape(shown_uri(source.uri))}"
            + (f", licence {escape(source.licence)}" if source.licence else "")
        )
    for cue in known.subtitles:
        track = f"{cue.track}, {cue.language or 'language unknown'}" + (", by machine" if cue.automatic else "")
        said = escape(" / ".join(cue.text.splitlines()))
        out.print(f"  {cue.start_us / 1e6:8.3f}..{cue.end_us / 1e6:.3f} subtitle: {said} ({track})")
    for sound in known.sounds:
        said = sound.text or sound.label or ""
        out.print(
            f"  {sound.start_us / 1e6:8.3f}..{sound.end_us / 1e6:.3f} {sound.kind} {escape(said)} ({sound.engine})"
        )
    for text in known.texts:
        out.print(
            f"  {text.start_us / 1e6:8.3f}..{text.end_us / 1e6:.3f} on screen: {escape(text.text)} ({text.engine})"
        )


def _quiz(known: Known, out: Console) -> None:
    mine = [row for row in known.questions if row.asker == "model"]
    if mine:
        stable = sum(row.stable for row in mine)
        out.print(f"\n[bold]quiz[/] by {escape(mine[0].model)}: {len(mine)} question(s), {stable} of them stable")
    for row in mine:
        said = ", ".join(sitting.answer or "?" for sitting in row.sittings)
        mark = "" if row.stable else f" [yellow]not stable: {escape(said)}[/]"
        out.print(f"  {escape(row.axis)}: {escape(row.text)} It is {escape(row.truth)}{mark}", highlight=False)


def _verdicts(known: Known, out: Console) -> None:
    captioners = {caption.caption_id: caption.captioner for caption in known.captions}
    for verdict in known.verdicts:
        of = f" of {captioners[verdict.caption_id]}" if len(known.verdicts) > 1 else ""
        out.print(f"\n[bold]verdict[/]{of} {verdict.status}: coverage {_share(verdict.coverage)}, "
                  f"accuracy {_share(verdict.accuracy)}, contradiction {_share(verdict.contradiction)}")  # fmt: skip
        for failed in verdict.failed:
            out.print(f"  {escape(failed.question)} It is {escape(failed.truth)}; the text says {failed.answer or '?'}")


def _share(value: float | None) -> str:
    return "not measured" if value is None else f"{value:.0%}"


def _scores(known: Known, out: Console) -> None:
    grid = Table("metric", "value", "detail", box=None, header_style="bold", pad_edge=False)
    for score in known.scores:
        grid.add_row(score.metric, f"{score.value:.4g}", escape(score.detail or ""))
    out.print()
    out.print(grid)
