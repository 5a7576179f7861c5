"""An ask as the body of a chat completion, and the answer to it."""

import base64
import io
import json
import wave as wav
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from pydantic import BaseModel, ValidationError

from captioners.asking.ask import Ask, Part, Pictures, Reply, Wave
from captioners.asking.pictures import frames, label, samples, timing
from curate.errors import Refused


@dataclass(frozen=True, slots=True)
class Shown:
    """How pictures are sent. Frames of a video are always JPEG."""

    kind: Literal["jpeg", "png"] = "jpeg"  # of stills; png loses nothing
    quality: int = 92  # of JPEG, 1..95


class NoCompletion(Exception):
    """What came is not the answer of a model; the message says what it is."""


def body(ask: Ask, model: str, shown: Shown) -> bytes:
    """The JSON that is posted."""
    sent: dict[str, Any] = {
        "model": model,
        "messages": [
            *([{"role": "system", "content": ask.system}] if ask.system is not None else []),
            {"role": "user", "content": [piece for part in ask.parts for piece in _pieces(part, shown)]},
        ],
        "max_tokens": ask.sampling.max_tokens,
        "temperature": ask.sampling.temperature,
        "top_p": ask.sampling.top_p,
        "seed": ask.sampling.seed,
    }
    if ask.schema is not None:
        schema = {"name": "answer", "schema": json.loads(ask.schema), "strict": True}
        sent["response_format"] = {"type": "json_schema", "json_schema": schema}
    videos = [part for part in ask.parts if isinstance(part, Pictures) and part.shown_as == "video"]
    if len(videos) > 1:
        raise Refused(f"{len(videos)} videos in one ask: a server is told the times of one alone")
    if videos:
        told = {**asdict(timing(videos[0].at_s)), "num_frames": -1, "do_sample_frames": False}
        sent["media_io_kwargs"] = {"video": told}
    return json.dumps(sent, separators=(",", ":")).encode()


def reply(ask_id: str, answer: bytes) -> Reply:
    """What a server answered; Refused where it would not say anything, NoCompletion where it is no answer."""
    try:
        completion = _Completion.model_validate_json(answer)
    except ValidationError as error:
        raise NoCompletion(f"no chat completion: {answer[:200].decode(errors='replace')!r}") from error
    choice = completion.choices[0] if completion.choices else None
    if choice is None or choice.finish_reason not in _FINISHED:
        raise NoCompletion(f"it ended without an answer: {choice and choice.finish_reason}")
    if choice.finish_reason == "content_filter" or (choice.message.content is None and choice.finish_reason == "stop"):
        raise Refused(f"the model does not answer: {choice.message.refusal or choice.finish_reason}")
    used = completion.usage
    return Reply(
        ask_id, choice.message.content or "", choice.finish_reason == "stop", used.prompt_tokens, used.completion_tokens
    )


_FINISHED = ("stop", "length", "content_filter")


class _Message(BaseModel):
    content: str | None = None
    refusal: str | None = None


class _Choice(BaseModel):
    message: _Message
    finish_reason: str | None = None


class _Usage(BaseModel):
    prompt_tokens: int
    completion_tokens: int


class _Completion(BaseModel):
    choices: list[_Choice]
    usage: _Usage


def _pieces(part: Part, shown: Shown) -> Iterator[dict[str, Any]]:
    if isinstance(part, str):
        yield {"type": "text", "text": part}
    elif isinstance(part, Wave):
        yield {"type": "input_audio", "input_audio": {"data": _wav(part), "format": "wav"}}
    elif part.shown_as == "video":
        jpegs = ",".join(_base64(frame, Shown("jpeg", shown.quality)) for frame in frames(part))
        yield {"type": "video_url", "video_url": {"url": f"data:video/jpeg;base64,{jpegs}"}}
    else:
        for at_s, frame in zip(part.at_s, frames(part), strict=True):
            yield {"type": "text", "text": label(at_s)}
            url = f"data:image/{shown.kind};base64,{_base64(frame, shown)}"
            yield {"type": "image_url", "image_url": {"url": url}}


def _base64(frame: NDArray[np.uint8], shown: Shown) -> str:
    encoded = io.BytesIO()
    settings = {"quality": shown.quality, "subsampling": 0} if shown.kind == "jpeg" else {"compress_level": 1}
    Image.fromarray(frame).save(encoded, shown.kind, **settings)
    return base64.b64encode(encoded.getvalue()).decode()


def _wav(part: Wave) -> str:
    """16 bits: what readers of WAV all know."""
    encoded = io.BytesIO()
    with wav.open(encoded, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(part.rate_hz)
        file.writeframes((np.clip(samples(part), -1, 1) * 32767).round().astype("<i2").tobytes())
    return base64.b64encode(encoded.getvalue()).decode()
