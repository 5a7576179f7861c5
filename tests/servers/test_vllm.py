"""The server that tests ask is a real one, and what it answers keeps to the schema."""

import base64
import io
import json
from typing import Any

import av
import httpx2
import numpy as np
import pytest
from jsonschema import validate
from PIL import Image

from tests.servers.vllm import VllmServer

pytestmark = [pytest.mark.vllm, pytest.mark.integration, pytest.mark.timeout(1800)]  # it is slow to start

SCHEMA = {
    "type": "object",
    "properties": {
        "caption": {"type": "string", "maxLength": 60},
        "shot": {"enum": ["wide", "medium", "close"]},
        "subjects": {"type": "array", "items": {"type": "string", "maxLength": 12}, "maxItems": 3},
    },
    "required": ["caption", "shot", "subjects"],
    "additionalProperties": False,
}
PICTURES = np.random.default_rng(0).integers(0, 255, (8, 96, 128, 3), np.uint8)


def url(kind: str, data: bytes) -> str:
    return f"data:{kind};base64,{base64.b64encode(data).decode()}"


def jpeg(picture: Any) -> bytes:
    data = io.BytesIO()
    Image.fromarray(picture).save(data, "JPEG")
    return data.getvalue()


def mp4() -> bytes:
    data = io.BytesIO()
    with av.open(data, "w", format="mp4") as file:
        stream = file.add_stream("mpeg4", rate=4)
        stream.width, stream.height, stream.pix_fmt = 128, 96, "yuv420p"
        for picture in PICTURES:
            file.mux(stream.encode(av.VideoFrame.from_ndarray(picture, "rgb24")))
        file.mux(stream.encode())
    return data.getvalue()


PARTS = {
    "text": [],
    "images": [{"type": "image_url", "image_url": {"url": url("image/jpeg", jpeg(one))}} for one in PICTURES[:2]],
    "video": [{"type": "video_url", "video_url": {"url": url("video/mp4", mp4())}}],
}


@pytest.fixture(scope="module")
def answers(vllm_server: VllmServer) -> dict[str, Any]:
    def asked(parts: list[dict[str, Any]]) -> Any:
        told = {
            "model": vllm_server.model, "temperature": 0, "max_tokens": 400,
            "messages": [{"role": "user", "content": [*parts, {"type": "text", "text": "Describe."}]}],
            "response_format": {"type": "json_schema", "json_schema": {"name": "seen", "schema": SCHEMA}},
        }  # fmt: skip
        answer = client.post(f"{vllm_server.url}/chat/completions", json=told)
        assert answer.is_success, answer.text
        return answer.json()

    with httpx2.Client(trust_env=False, timeout=300.0) as client:
        return {name: asked(parts) for name, parts in PARTS.items()}


@pytest.mark.parametrize("name", PARTS)
def test_answers_keep_to_the_schema(answers: dict[str, Any], name: str) -> None:
    [choice] = answers[name]["choices"]
    assert choice["finish_reason"] == "stop"
    validate(json.loads(choice["message"]["content"]), SCHEMA)


def test_what_is_shown_takes_its_place_in_the_prompt(answers: dict[str, Any]) -> None:
    tokens = {name: answer["usage"]["prompt_tokens"] for name, answer in answers.items()}
    assert tokens["images"] >= tokens["text"] + 2 * 12  # 96 x 128 pixels are 3 x 4 tokens
    assert tokens["video"] >= tokens["text"] + 2 * 12  # four of its frames, two to a token
