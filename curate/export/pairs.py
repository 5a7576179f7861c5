"""Pairs to train a rewriter of prompts with: what a person may type, and the dense caption that is to be made of it.

The prompts are made by templates of the short rendering and the tags; which ones, is drawn by the id of the caption.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import polars as pl

from curate.chance import draw, stable_hash, uniform
from curate.export.format import Missed, Part, Settings, Unit, created
from curate.export.sample import Sample
from curate.storage.blobs import Blobs
from schemas.caption import Caption

Template = Callable[[Caption, str], str | None]
"""A prompt of a caption and of what it is of (image or video); None where it has nothing to make it of."""


def _sentence(caption: Caption, kind: str) -> str | None:
    return _first(caption) or None


def _lower(caption: Caption, kind: str) -> str | None:
    said = _first(caption).rstrip(".")
    return (said[:1].lower() + said[1:]) or None


def _asked(caption: Caption, kind: str) -> str | None:
    said = _lower(caption, kind)
    return said and f"make {'an image' if kind == 'image' else 'a video'}: {said}"


def _all(caption: Caption, kind: str) -> str | None:
    return caption.short or None


def _words(caption: Caption, kind: str) -> str | None:
    return ", ".join(_names(caption)[:6]) or None


def _few_words(caption: Caption, kind: str) -> str | None:
    return " ".join(_names(caption)[:3]) or None


def _kind_of_words(caption: Caption, kind: str) -> str | None:
    names = _names(caption)[:4]
    return f"{kind} with {', '.join(names)}" if names else None


def _sentence_and_words(caption: Caption, kind: str) -> str | None:
    said, names = _lower(caption, kind), _names(caption)[:3]
    return f"{said}, {', '.join(names)}" if said and names else None


TEMPLATES: Mapping[str, Template] = MappingProxyType(
    {
        "sentence": _sentence,
        "lower": _lower,
        "asked": _asked,
        "all": _all,
        "words": _words,
        "few_words": _few_words,
        "kind_of_words": _kind_of_words,
        "sentence_and_words": _sentence_and_words,
    }
)


@dataclass(frozen=True)
class Pairs:
    """`NAME-000000.jsonl`: a line for each pair."""

    files: bool = False
    tensors: bool = False

    def write(self, out: Blobs, unit: Unit, samples: Iterable[Sample], missed: Callable[[Missed], None]) -> list[Part]:
        path, rows = f"{unit.name}.jsonl", 0
        with created(out, path) as file:
            for sample in samples:
                lines = list(_lines(sample, unit.settings))
                if not lines:
                    missed(Missed(sample.clip.clip_id, "no_pair", "no caption of it has dense prose and a short one"))
                for line in lines:
                    file.write(json.dumps(line, ensure_ascii=False).encode() + b"\n")
                rows += len(lines)
        return [file.part(path, rows)]

    def close(self, out: Blobs, settings: Settings, parts: Sequence[Part]) -> list[Part]:
        return []


def _lines(sample: Sample, settings: Settings) -> Iterator[dict[str, object]]:
    kind = "image" if sample.clip.still else "video"
    for caption in sample.captions:
        for template, prompt in prompts(caption, kind, settings) if caption.dense else ():
            yield {
                "clip_id": sample.clip.clip_id, "caption_id": caption.caption_id, "language": caption.language,
                "template": template, "prompt": prompt, "caption": caption.dense,
            }  # fmt: skip


def prompts(caption: Caption, kind: str, settings: Settings) -> list[tuple[str, str]]:
    """(template, prompt) of a caption, each prompt once, shorter than the prose; at most so many as are asked for."""
    key = stable_hash(pl.Series([caption.caption_id]))
    places = np.arange(len(TEMPLATES), dtype=np.uint32)
    words = uniform(draw(settings.seed, np.repeat(key, len(TEMPLATES)), 0, places)[0])
    names = list(TEMPLATES)
    found: dict[str, str] = {}
    for place in np.argsort(words, kind="stable"):
        prompt = TEMPLATES[names[place]](caption, kind)
        if prompt and len(prompt) < len(caption.dense) and len(found) < settings.prompts:
            found.setdefault(prompt, names[place])
    return [(template, prompt) for prompt, template in found.items()]


def _first(caption: Caption) -> str:
    """The first sentence of the short rendering."""
    return re.split(r"(?<=[.!?])\s", caption.short, maxsplit=1)[0]


def _names(caption: Caption) -> list[str]:
    """Tags, but for those that say no more than what kind of thing it is."""
    return [tag for tag in caption.tags if tag not in {"image", "video", "no sound"}]
