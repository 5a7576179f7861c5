"""A small corpus in memory: clips of 10 s, each of its own media and source."""

import json
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from curate.pick.corpus import Corpus
from schemas.caption import Verdict
from schemas.clip import Clip, Score, clip_id
from schemas.latent import Latent
from schemas.media import Media, Source
from schemas.row import to_table


def media(n: int) -> str:
    return f"{n:064x}"


def clip(n: int) -> str:
    return clip_id(media(n), 0, 10_000_000)


@dataclass
class Rows:
    """Rows to be; `add` makes a clip that the default policy keeps."""

    sources: list[Source] = field(default_factory=list)
    media: list[Media] = field(default_factory=list)
    clips: list[Clip] = field(default_factory=list)
    scores: list[Score] = field(default_factory=list)
    verdicts: list[Verdict] = field(default_factory=list)
    latents: list[Latent] = field(default_factory=list)

    def add(self, n: int, *, width: int = 640, licence: str | None = "cc0", latent: bool = True) -> str:
        key = clip(n)
        self.source(n, licence=licence)
        self.clips.append(
            Clip(key, media(n), 0, 10_000_000, 250, "edge", "edge", 0, False, 0, 0, width, width * 9 // 16)
        )
        if latent:
            self.latents.append(
                Latent(
                    key,
                    "dct-4x8x8-c16",
                    f"key{n}",
                    "{}",
                    "video",
                    "17x256x448",
                    (16, 5, 32, 56),
                    "float16",
                    0,
                    708_333,
                    (0,),
                    30.0,
                    "00",
                )
            )
        return key

    def source(
        self,
        n: int,
        *,
        licence: str | None = "cc0",
        tombstone: bool = False,
        name: str = "s",
        evaluation: str | None = None,
    ) -> None:
        source = f"{name}{n}"
        row = Source(source, f"file:///{n}", licence, None, None, None, tombstone, added_us=n, evaluation=evaluation)
        self.sources.append(row)
        self.media.append(Media(media(n), source, 1, "mp4", 10_000_000, False, (), None, None))

    def verdict(
        self, n: int, status: Any = "pass", coverage: float | None = 1.0, contradiction: float = 0.0, i: int = 0
    ) -> None:
        key = f"{clip(n)}#c{i}"
        self.verdicts.append(Verdict(key, clip(n), status, coverage, 1.0, contradiction, 1, 0, 0, (), ()))

    def score(self, n: int, metric: str, value: float) -> None:
        self.scores.append(Score(clip(n), metric, value, None))

    def hashes(self, n: int, *frames: int) -> None:
        """Each picture for as long as the others."""
        ms = [10_000 // len(frames)] * len(frames)
        detail = json.dumps({"frames": [f"{frame:016x}" for frame in frames], "ms": ms})
        self.scores.append(Score(clip(n), "duplicate", 0.0, detail))

    def corpus(self) -> Corpus:
        def lazy(cls: type, rows: list[Any]) -> pl.LazyFrame:
            return pl.DataFrame(to_table(cls, rows)).lazy()

        return Corpus(
            sources=lazy(Source, self.sources),
            media=lazy(Media, self.media),
            clips=lazy(Clip, self.clips),
            scores=lazy(Score, self.scores),
            verdicts=lazy(Verdict, self.verdicts),
            latents=lazy(Latent, self.latents),
        )
