"""Clips are shown to a model, and what it says of a clip is kept with that clip alone."""

import hashlib
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from captioners.asking import Ask, Pictures, Wave
from captioners.evidence import Evidence, SeenEvidence
from captioners.hearing import Hear
from captioners.prompt import prompt
from captioners.record import Record
from captioners.seeing.answer import Answer
from captioners.seeing.profile import Sight
from captioners.vlm import See
from curate.errors import RecipeError, RowError, Unreachable
from curate.stage import config
from schemas.clip import Sound, Text
from schemas.view import View
from tests.captioners.evidences import sound, text
from tests.captioners.real import clip_of
from tests.captioners.seeing.scripted import Scripted

EMPTY: dict[str, Any] = Answer().model_dump()


def rows(folder: Path, count: int = 6, seconds: int = 2) -> list[SeenEvidence]:
    """Clips of one colour each."""
    found = []
    for index in range(count):
        row = clip_of(
            plain(folder / f"{index}.avi", (40 * index, 30, 200 - 30 * index), seconds), 0, seconds * 1_000_000
        )
        found.append(SeenEvidence(Evidence(row.clip, row.media, (), (), ()), row.file))
    return found


def plain(path: Path, colour: tuple[int, int, int], seconds: int) -> Path:
    """So many seconds of one colour, ten frames each."""
    with av.open(str(path), "w") as out:
        stream = out.add_stream("mpeg4", rate=10)
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for _ in range(10 * seconds):
            out.mux(stream.encode(av.VideoFrame.from_ndarray(np.full((48, 64, 3), colour, np.uint8), "rgb24")))
        out.mux(stream.encode())
    return path


def see(answers: Callable[[Ask], str | RowError], **settings: Any) -> See:
    at_once, seed = settings.pop("at_once", 4), settings.pop("seed", 0)
    whole = settings.pop("whole", True)
    settings.setdefault("children", 1)
    return See(Scripted(answers, at_once, seed, whole), "qwen3-vl-8b", **settings)  # type: ignore[arg-type]


def colour_of(ask: Ask) -> str:
    """What a model that sees would say: the mean colour of what it was shown."""
    pictures = next(part for part in ask.parts if isinstance(part, Pictures))
    pixels = memoryview(pictures.pixels)
    middle = 3 * (pictures.height // 2 * pictures.width + pictures.width // 2)
    return json.dumps({**EMPTY, "first_frame": f"rgb {tuple(pixels[middle : middle + 3])}"})


def views(stage: See, given: list[SeenEvidence]) -> dict[str, View]:
    return {outcome.input_id: outcome.rows[0] for outcome in stage.open()(given)}


@pytest.mark.parametrize("seed", range(3))
def test_what_is_said_of_a_clip_lands_on_that_clip_in_whatever_order_answers_come(tmp_path: Path, seed: int) -> None:
    given = rows(tmp_path)
    alone = {row.id: views(see(colour_of, at_once=1), [row])[row.id].record for row in given}
    together = views(see(colour_of, at_once=5, seed=seed, children=3), given)
    assert {clip_id: view.record for clip_id, view in together.items()} == alone
    assert len(set(alone.values())) == len(given)
    assert all(view.clip_id == clip_id for clip_id, view in together.items())


def test_a_view_says_all_that_its_answer_depends_on(tmp_path: Path) -> None:
    (row,) = rows(tmp_path, 1)
    view = views(see(colour_of), [row])[row.id]
    (window,) = view.windows
    assert (view.model, view.engine, view.profile, view.prompt) == ("scripted", "test", "qwen3-vl-8b", "see.v1")
    assert re.fullmatch("[0-9a-f]{64}", view.prompt_hash)
    assert json.loads(view.sampling)["temperature"] == 0.0
    assert window.frames_us[0] == 0 and list(window.frames_us) == sorted(set(window.frames_us))
    assert (window.times, window.tokens_in, window.heard, window.facts_left_out) == (1, 100, False, 0)
    assert (window.start_us, window.end_us) == (row.evidence.clip.start_us, row.evidence.clip.end_us)


def test_facts_are_told_with_their_times_and_what_was_told_is_kept(tmp_path: Path) -> None:
    (row,) = rows(tmp_path, 1)
    clip = row.evidence.clip
    known: tuple[tuple[Sound, ...], tuple[Text, ...]] = (
        (sound(clip, "event", 0, 0.5, 0.6, label="knock"), sound(clip, "sentence", 1, 1.0, 1.5, text="Hello you")),
        (text(clip, 0, 0.0, 1.0, "EXIT"),),
    )
    asked: list[str] = []

    def answer(ask: Ask) -> str:
        asked.append(next(part for part in ask.parts if isinstance(part, str)))
        heard = {"start_s": 0.5, "end_s": 0.6, "sure": True, "label": "knock", "fact": "s1", "source": "a hand",
                 "on_screen": True}  # fmt: skip
        return json.dumps({**EMPTY, "sounds": [heard]})

    evidence = Evidence(clip, row.media, (), *known)
    view = views(see(answer), [SeenEvidence(evidence, row.file)])[row.id]
    assert "[s1] 0.50 s to 0.60 s: a sound: knock." in asked[0]
    assert '[w1] 1.00 s to 1.50 s: a voice says "Hello you".' in asked[0]
    assert '[t1] 0.00 s to 1.00 s: "EXIT" is written at: centre.' in asked[0]
    assert {known[0][0].sound_id, known[0][1].sound_id, known[1][0].text_id} <= set(view.windows[0].facts)
    (event,) = Record.model_validate_json(view.record).events
    assert event.basis.evidence == ("frames", known[0][0].sound_id)
    assert (event.source, event.on_screen) == ("a hand", True)


def test_a_bad_answer_is_asked_for_once_more_with_what_is_wrong(tmp_path: Path) -> None:
    given, asked = rows(tmp_path, 3), list[Ask]()

    def answer(ask: Ask) -> str:
        asked.append(ask)
        return colour_of(ask) if ask.id.endswith("!") or given[1].id not in ask.id else "It is all one colour."

    outcomes = views(see(answer), given)
    assert {clip_id: view.windows[0].times for clip_id, view in outcomes.items()} == {
        given[0].id: 1, given[1].id: 2, given[2].id: 1,
    }  # fmt: skip
    words = next(part for part in asked[-1].parts if isinstance(part, str))
    assert "It is all one colour." in words and "it is not JSON" in words
    assert outcomes[given[1].id].tokens_in == 200


@pytest.mark.parametrize(
    ("answer", "whole", "kind"),
    [
        (lambda ask: "never JSON", True, "bad_answer"),
        (lambda ask: "{", False, "cut_short"),
        (lambda ask: Unreachable("no replica answers"), True, "unreachable"),
    ],
)
def test_what_comes_of_a_clip_is_one_outcome_and_never_half_a_view(
    tmp_path: Path, answer: Callable[[Ask], str | RowError], whole: bool, kind: str
) -> None:
    given = rows(tmp_path, 2, seconds=6)
    narrow = Sight(max_frames=5)  # two windows and more for each
    outcomes = list(see(answer, sight=narrow, whole=whole).open()(given))
    assert sorted(outcome.input_id for outcome in outcomes) == sorted(row.id for row in given)
    assert {outcome.failure.kind for outcome in outcomes if outcome.failure} == {kind}


def test_a_long_clip_is_one_record_of_all_its_windows(tmp_path: Path) -> None:
    (row,) = rows(tmp_path, 1, seconds=6)

    def answer(ask: Ask) -> str:
        words = next(part for part in ask.parts if isinstance(part, str))
        first, last = map(float, re.findall(r"goes from (\d+\.\d+) to (\d+\.\d+)", words)[0])
        seen = {"start_s": first, "end_s": last, "sure": True, "name": "a wall"}
        return json.dumps({**EMPTY, "subjects": [seen], "first_frame": f"at {first}", "last_frame": f"at {last}"})

    view = views(see(answer, sight=Sight(max_frames=5)), [row])[row.id]
    record = Record.model_validate_json(view.record)
    assert len(view.windows) == 3
    (wall,) = record.subjects  # said by all three, of one stretch after the other
    assert wall.basis.span is None or wall.basis.span.end_us == row.evidence.clip.end_us
    assert record.first_frame and record.first_frame.description == "at 0.0"
    assert record.last_frame and record.last_frame.description == "at 6.0"


def test_a_clip_that_cannot_be_decoded_fails_alone(tmp_path: Path) -> None:
    given = rows(tmp_path, 3)
    (tmp_path / "1.avi").write_bytes(b"RIFF" + bytes(2000))
    kinds = {
        outcome.input_id: outcome.failure.kind if outcome.failure else None for outcome in see(colour_of).open()(given)
    }
    assert [kinds[row.id] for row in given][::2] == [None, None]
    assert kinds[given[1].id] in {"not_media", "no_frames"}


def test_the_numbers_of_a_profile_are_part_of_the_fingerprint() -> None:
    assert '"max_frames":256' in config(See(_server(), "qwen3-vl-8b"))
    with pytest.raises(RecipeError, match="no model 'qwen9' is known; there are qwen3-vl-2b"):
        See(_server(), "qwen9")


def _server() -> Any:
    from captioners.asking.model import Model
    from captioners.asking.server import Server

    return Model(server=Server("m", "r"))


@pytest.mark.golden
def test_a_clip_with_sound_is_heard_and_one_without_has_nothing_to_hear(tmp_path: Path, media: Path) -> None:
    (silent,) = rows(tmp_path, 1)
    row = clip_of(media / "good" / "sam2_dog_720p.mp4", 0, 3_000_000)
    sounding = SeenEvidence(Evidence(row.clip, row.media, (), (), ()), row.file)
    asked: list[Ask] = []

    def answer(ask: Ask) -> str:
        asked.append(ask)
        return "A dog pants. Leaves rustle." if len(ask.parts) == 1 else json.dumps({**EMPTY, "ambience": "outdoors"})

    for prompt_name, told in (("none", "A dog pants. Leaves rustle."), ("hear.v1", "outdoors")):
        stage = Hear(Scripted(answer), prompt=prompt_name, window_s=2.0, children=1)  # type: ignore[arg-type]
        outcomes = {outcome.input_id: outcome for outcome in stage.open()([silent, sounding])}
        assert outcomes[silent.id].rows == () and outcomes[silent.id].failure is None
        (view,) = outcomes[sounding.id].rows
        ambience = Record.model_validate_json(view.record).ambience
        assert ambience is not None and ambience.description == told
        assert [window.heard for window in view.windows] == [True, True]
    wave = asked[0].parts[0]
    assert isinstance(wave, Wave) and wave.rate_hz == 16_000
    assert len(wave.samples) == 4 * 16_000 * 3 // 2


def test_shipped_prompts_never_change() -> None:
    """A changed prompt is another prompt: give it another name, and its hash here."""
    assert {name: prompt(name).sha256[:16] for name in ("see.v1", "hear.v1", "phrase.v1", "again.v1")} == {
        "see.v1": "c748684f6f0f7dda",
        "hear.v1": "1726600e5b1c5f61",
        "phrase.v1": "8d8a156d4231821a",
        "again.v1": "c3038463634451cd",
    }
    with pytest.raises(RecipeError, match=r"there is no prompt 'see\.v9'; of the house are again\.v1"):
        prompt("see.v9")


def test_a_prompt_of_ones_own_is_known_by_its_hash(tmp_path: Path) -> None:
    own = tmp_path / "own.md"
    own.write_text("Tell {{ what }}.")
    with pytest.raises(RecipeError, match="prompt_sha256: that of"):
        prompt(str(own))
    mine = prompt(str(own), hashlib.sha256(own.read_bytes()).hexdigest())
    assert mine.render(what="all") == "Tell all."
    with pytest.raises(RecipeError, match="'what' is undefined"):
        mine.render(still=False)
