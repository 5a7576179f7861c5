"""vLLM's asynchronous engine: the only file of the house that knows vLLM.

It prepares asks (chat template, pixels, tokens) on threads of this process, and runs the model in another one.
"""

import itertools
import os
from typing import Any

os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("VLLM_NO_USAGE_STATS", "1")
os.environ.setdefault("VLLM_LOGGING_LEVEL", "WARNING")
os.environ["VLLM_WORKER_MULTIPROC_METHOD"] = "spawn"  # this process has threads

from PIL import Image
from vllm import AsyncEngineArgs, SamplingParams
from vllm.exceptions import GracefulHTTPError, VLLMClientError
from vllm.renderers.params import ChatParams
from vllm.sampling_params import RequestOutputKind, StructuredOutputsParams
from vllm.v1.engine.async_llm import AsyncLLM
from vllm.v1.engine.exceptions import EngineDeadError, EngineGenerateError

from captioners.asking.ask import Ask, Part, Pictures, Reply, Wave
from captioners.asking.pictures import frames, label, samples, timing
from captioners.asking.revival import Died
from captioners.asking.vllm import Vllm
from curate.errors import RecipeError, Refused, Unreachable

CHAT = ChatParams(chat_template_kwargs={"add_generation_prompt": True})
"""How a conversation is rendered: as `vllm serve` does it."""

_CUT = ("length", "repetition")


class AsyncEngine:
    """One engine, until it dies."""

    def __init__(self, settings: Vllm) -> None:
        try:
            self._llm = AsyncLLM.from_engine_args(arguments(settings))
        except (ValueError, RuntimeError, OSError) as error:
            raise RecipeError(f"vLLM does not start with {settings.model}: {_why(error)}") from error
        self._numbers = itertools.count()

    def close(self) -> None:
        """End its processes."""
        self._llm.shutdown()

    async def reply(self, ask: Ask) -> Reply:
        """The reply; Died where the engine died, Refused where it does not take the ask."""
        try:
            return await self._reply(ask)
        except EngineDeadError as error:
            raise Died from error
        except (VLLMClientError, GracefulHTTPError, ValueError) as error:
            raise Refused(_why(error)) from error
        except EngineGenerateError as error:
            if self._llm.errored:
                raise Died from error
            raise Refused(_why(error)) from error

    async def _reply(self, ask: Ask) -> Reply:
        renderer = self._llm.renderer
        _, places = await renderer.render_messages_async(conversation(ask), CHAT)
        prepared = await renderer.render_cmpl_async([filled(places, ask)], renderer.default_chat_tok_params)
        async for output in self._llm.generate(prepared[0], sampling(ask), str(next(self._numbers))):
            answer = output.outputs[0]
            if answer.finish_reason not in ("stop", *_CUT):
                raise Died if self._llm.errored else Unreachable(f"vLLM gave it up: {answer.finish_reason}")
            tokens_in = len(output.prompt_token_ids or ())
            return Reply(ask.id, answer.text, answer.finish_reason == "stop", tokens_in, len(answer.token_ids))
        raise EngineDeadError


def arguments(settings: Vllm) -> AsyncEngineArgs:
    """The settings as vLLM's own."""
    return AsyncEngineArgs(
        model=settings.model,
        trust_remote_code=False,
        max_model_len=settings.max_model_len,
        dtype=settings.dtype,
        quantization=settings.quantization,
        load_format=settings.load_format,
        limit_mm_per_prompt={"image": settings.images, "video": settings.videos, "audio": settings.sounds},
        mm_processor_cache_gb=0,  # no two asks show the same
        tensor_parallel_size=settings.tensor_parallel,
        # a model on one device needs no process for it
        distributed_executor_backend="mp" if settings.tensor_parallel > 1 else "uni",
        gpu_memory_utilization=settings.gpu_memory_utilization,
        max_num_seqs=settings.max_num_seqs,
        enforce_eager=settings.enforce_eager,
        # others let a model fill its answer with white space
        structured_outputs_config={"backend": "guidance", "disable_any_whitespace": True},
        seed=0,
        disable_log_stats=True,
    )


def sampling(ask: Ask) -> SamplingParams:
    """How the answer is drawn and what it is held to."""
    drawn = ask.sampling
    return SamplingParams(
        temperature=drawn.temperature,
        top_p=drawn.top_p,
        seed=drawn.seed if drawn.temperature > 0 else None,
        max_tokens=drawn.max_tokens,
        output_kind=RequestOutputKind.FINAL_ONLY,
        structured_outputs=StructuredOutputsParams(json=ask.schema) if ask.schema is not None else None,
    )


def conversation(ask: Ask) -> list[Any]:
    """The conversation, with a place for each picture and sound: what is there is given beside it."""
    system = [{"role": "system", "content": ask.system}] if ask.system is not None else []
    return [*system, {"role": "user", "content": [piece for part in ask.parts for piece in _pieces(part)]}]


def _pieces(part: Part) -> list[dict[str, Any]]:
    if isinstance(part, str):
        return [{"type": "text", "text": part}]
    if isinstance(part, Wave):
        return [{"audio_url": None, "uuid": "a place"}]
    if part.shown_as == "video":
        return [{"video_url": None, "uuid": "a place"}]
    times = [{"type": "text", "text": label(at_s)} for at_s in part.at_s]
    return [piece for time in times for piece in (time, {"image_url": None, "uuid": "a place"})]


def filled(places: dict[str, Any], ask: Ask) -> dict[str, Any]:
    """The rendered conversation with the pictures and sounds of the ask, by kind and in order."""
    prompt = {key: value for key, value in places.items() if not key.startswith("multi_modal")}
    media: dict[str, list[Any]] = {}
    for part in ask.parts:
        if isinstance(part, Wave):
            media.setdefault("audio", []).append((samples(part), part.rate_hz))
        elif isinstance(part, Pictures) and part.shown_as == "video":
            media.setdefault("video", []).append((frames(part), _metadata(part)))
        elif isinstance(part, Pictures):
            media.setdefault("image", []).extend(Image.fromarray(frame) for frame in frames(part))
    return {**prompt, "multi_modal_data": media} if media else prompt


def _metadata(video: Pictures) -> dict[str, Any]:
    told = timing(video.at_s)
    return {
        "fps": told.fps,
        "frames_indices": list(told.frames_indices),
        "total_num_frames": told.total_num_frames,
        "duration": told.duration,
        "video_backend": "frames",
        "do_sample_frames": False,
    }


def _why(error: BaseException) -> str:
    """What was first, in its first line: libraries wrap errors in their own, with all the pixels."""
    while error.__cause__ is not None:
        error = error.__cause__
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__
