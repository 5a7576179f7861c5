"""The stage: every cue of every text track of a media, in media time."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import ClassVar

from curate.errors import TooLarge
from curate.media.limits import GIB, Limits
from curate.stage import Run, each, operational
from curate.subtitle.cues import Cue, bounded
from curate.subtitle.reading import named_clock_us, nearest_us, origin_us, stream_cues, webvtt_cues
from curate.subtitle.subtitled import Subtitled, text_streams
from schemas.media import Subtitle

_LONGEST_US = 1 << 53  # where a container does not say how long it is


@dataclass(frozen=True)
class Subtitles:
    """Read the subtitles that came with a media. Text is kept as it was written; nothing is heard or guessed."""

    name: ClassVar[str] = "subtitle"
    version: ClassVar[int] = 1
    takes: ClassVar[type] = Subtitled
    gives: ClassVar[type] = Subtitle

    max_cues: int = operational(200_000)  # of one media
    max_characters: int = operational(32_000_000)  # of all of them
    limits: Limits = operational(Limits(memory_bytes=GIB, deadline_s=60.0, deadline_per_mib_s=0.2))

    def open(self) -> Run[Subtitled, Subtitle]:
        return each(self._read)

    def _read(self, row: Subtitled) -> Iterator[Subtitle]:
        end_us = _LONGEST_US if row.media.duration_us is None else row.media.duration_us
        left, characters = self.max_cues, self.max_characters
        for track, language, automatic, cues in _tracks(row):
            some = _most(cues, left, characters)
            left, characters = left - len(some), characters - sum(len(cue.text) for cue in some)
            for number, (start_us, until_us, text) in enumerate(bounded(some, end_us)):
                yield Subtitle(
                    media_id=row.media.media_id,
                    subtitle_id=f"{row.media.media_id}#{track.replace(' ', '')}-{number:06d}",
                    track=track,
                    language=language,
                    automatic=automatic,
                    start_us=start_us,
                    end_us=until_us,
                    text=text,
                )


def _tracks(row: Subtitled) -> Iterator[tuple[str, str | None, bool, Iterable[Cue]]]:
    """`(track, language, automatic, cues)` of a media; those that name no clock count from its first frame."""
    streams = text_streams(row.media) if row.file else ()
    clocks = [named_clock_us(data) for _, data in row.sidecars]
    from_us = origin_us(row.file, row.media) if row.file and (streams or any(c is not None for c in clocks)) else 0
    for stream in streams:
        assert row.file is not None  # noqa: S101  there are streams
        yield f"stream {stream.index}", stream.language, False, stream_cues(row.file, stream.index, from_us)
    for number, ((sidecar, data), clock_us) in enumerate(zip(row.sidecars, clocks, strict=True)):
        later_us = 0 if clock_us is None or row.file is None else nearest_us(clock_us - from_us)
        yield f"sidecar {number}", sidecar.language, sidecar.automatic, webvtt_cues(data, later_us)


def _most(cues: Iterable[Cue], most: int, characters: int) -> list[Cue]:
    """All cues; TooLarge where they are more than `most`, or longer than `characters` together."""
    some: list[Cue] = []
    for cue in cues:
        some.append(cue)
        characters -= len(cue.text)
        if len(some) > most or characters < 0:
            raise TooLarge("more cues or longer ones than subtitles have; raise subtitle.max_cues or max_characters")
    return some
