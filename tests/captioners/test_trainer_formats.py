"""Renderings for trainers: they say what the record says, in the trainer's manner, and no longer than asked."""

import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer, models, pre_tokenizers, processors

from captioners.phrase import count as counted
from captioners.record import Record
from captioners.render import RENDERERS, renderer, stored
from captioners.render.draft import IMPORTANCE, Draft, Piece, shortened
from captioners.render.tokens import tokenizer
from curate.errors import TooLarge, UsageError
from tests.captioners.records import records
from tests.captioners.test_record import full
from tests.captioners.test_render import RECORD

TEMPLATE = frozenset(
    re.findall(
        r"\w+",
        """a an and are as at audio beats by camera clip colour colours does end event facing first for frame from
    frozen
    heard hz image in is it its lasts light lufs main means minute music no not nobody nothing nowhere of off on only
    other over overlay per picture plain plays possibly same say says screen setting shot silent somebody sound speaks
    speech text than that the then there these to uncertain unidentified video voice which will with word words written
    be known last less movement move moves s says said saying itself bpm static background style type lighting
    atmosphere description dense short key loudness lies lens wearing comes falls""",
    )
)  # fmt: skip
"""Words of the templates: none of them tells anything of a clip that the record does not tell with them."""
INFLECTED = {
    "pans": "pan", "tilts": "tilt", "shakes": "shake", "gongs": "gong", "hisses": "hiss", "louder": "loud",
    "picture": "", "image": "",
}  # fmt: skip


def _count(text: str) -> int:
    return len(text.split())


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W\d_]+", text.casefold())


def _strings(value: object) -> Iterator[str]:
    """What the record says in words; the names of its fields are not said."""
    if isinstance(value, str):
        yield value
    for part in value.values() if isinstance(value, dict) else value if isinstance(value, list | tuple) else ():
        yield from _strings(part)


def _numbers(text: str) -> list[str]:
    return re.findall(r"\d+(?:\.\d+)?", text)


def _told_numbers(record: Record) -> set[str]:
    """Every way in which a number of the record may be written."""
    body = record.model_dump_json()
    found = set(_numbers(body)) | {"1"}  # "less than 1 %", of a share that rounds to nothing
    for number in map(float, re.findall(r"-?\d+(?:\.\d+)?", body)):
        found |= {f"{abs(number):.0f}", f"{abs(number):.1f}", f"{abs(number) * 100:.0f}", f"{number / 1e6:.2f}"}
    found.add(f"{(record.end_us - record.start_us) / 1e6:.2f}")
    return found | {str(n) for n in range(1, len(record.events) + 1)}


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(record=records, name=st.sampled_from(list(RENDERERS)), absent=st.sampled_from([None, True, False]))
def test_a_rendering_says_only_what_the_record_says(record: Record, name: str, absent: bool | None) -> None:
    text = RENDERERS[name](record, absent).text
    if name == "hunyuan":
        text = " ".join(json.loads(text).values())
    known = set(_words(" ".join(_strings(record.model_dump())))) | TEMPLATE
    known |= {word for word, stem in INFLECTED.items() if stem in known}
    known |= {counted(n) for n in range(1, max(len(record.events), *(s.count or 0 for s in record.subjects), 1) + 1)}
    known |= {"s", "e", "audcap", "endaudcap"}
    assert not set(_words(text)) - known
    assert not set(_numbers(text)) - _told_numbers(record)
    for quotation in re.findall(r"[“]([^”]*)[”]|\"([^\"]*)\"|«([^»]*)»", text):
        said = {" ".join(item.text.split()) for item in (*record.texts, *record.speech) if item.text}
        said |= {" ".join(item.gloss.split()) for item in record.speech if item.gloss}
        said |= {word.text for item in record.speech for word in item.words}
        plain = {re.sub(r"<<S>S>|<E>", "", one) for one in said}
        inside = {part for one in said for part in re.findall(r"\"([^\"]*)\"", one)}
        assert "".join(quotation) in said | plain | inside


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(record=records, name=st.sampled_from(list(RENDERERS)), most=st.integers(1, 60))
def test_a_shorter_text_leaves_out_whole_statements_the_least_important_first(
    record: Record, name: str, most: int
) -> None:
    draft, joined = RENDERERS[name](record), list[list[Piece]]()

    def join(pieces: Sequence[Piece]) -> str:
        joined.append(list(pieces))
        return draft.join(pieces)

    try:
        text = shortened(Draft(draft.pieces, join), _count, most)
    except TooLarge:
        best = max(draft.pieces, key=lambda piece: IMPORTANCE.index(piece.topic))
        assert _count(draft.join([best])) > most
        return
    if not draft.pieces:
        return
    kept = joined[-1]
    assert _count(text) <= most
    assert text == draft.join(kept)
    left = [IMPORTANCE.index(piece.topic) for piece in draft.pieces if not any(piece is other for other in kept)]
    if left:
        assert max(left) <= min(IMPORTANCE.index(piece.topic) for piece in kept)
        assert len(joined) > 1  # and it was tried with more


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(record=records)
def test_speech_tags_are_ours_alone(record: Record) -> None:
    for name in ("ovi", "ovi-1.1"):
        text = RENDERERS[name](record).text
        told = sum(bool(item.text) and not item.basis.uncertain for item in record.speech)
        assert text.count("<S>") == text.count("<E>") == told
        assert text.count("<AUDCAP>") == text.count("<ENDAUDCAP>") <= (name == "ovi")


def test_ltx2_is_one_paragraph_in_order_of_time() -> None:
    assert RENDERERS["ltx2"](RECORD).text == (
        "The picture is dark. The main colours are red, blue and grey. There is an overlay: black bars over 25 % of "
        "the frame. The camera pans right at a moderate pace. There is moderate movement in the picture itself. Music "
        'plays at 120 beats per minute in A minor. The sound is moderately loud. The text "EXIT" is written at the '
        'top left. Three knocks are heard. Then a voice says: "Mind the gap." Then the text "Gate 12" is written at '
        "the bottom. Then a 440 Hz tone is heard. Then it is silent."
    )


def test_ltx2_says_what_is_absent_of_a_video_and_not_of_an_image() -> None:
    film = full()
    assert RENDERERS["ltx2"](film).text.endswith(" There is no music.")
    assert "no music" not in RENDERERS["ltx2"](film, False).text
    image = film.model_copy(update={"still": True})
    assert "no music" not in RENDERERS["ltx2"](image).text
    assert "no music" in RENDERERS["ltx2"](image, True).text


def test_ovi_has_speech_and_sound_in_tags() -> None:
    assert RENDERERS["ovi"](full()).text == (
        "At first: An empty hall. The shot is a wide shot, from below. The setting is a station hall. There is one "
        "woman, wearing a red coat, facing left. The woman opens a door slowly. The woman says softly: <S>Hallo<E>. "
        "<AUDCAP>The woman speaks softly. A creak is heard from the door on screen.<ENDAUDCAP>"
    )
    assert RENDERERS["ovi-1.1"](full()).text.endswith(
        "Audio: The woman speaks softly. A creak is heard from the door on screen."
    )


def test_hunyuan_has_a_key_for_each_side_of_the_picture_and_no_sound() -> None:
    said = json.loads(RENDERERS["hunyuan"](RECORD).text)
    assert list(said) == ["short_description", "dense_description", "lighting", "atmosphere", "camera_movement"]
    assert said["camera_movement"] == "The camera pans right at a moderate pace."
    assert "Mind the gap" not in json.dumps(said)
    assert json.loads(RENDERERS["hunyuan"](full()).text)["background"] == "A station hall."


def test_what_is_uncertain_is_not_told_and_of_such_speech_only_that_somebody_speaks() -> None:
    doubtful = full().model_copy(
        update={
            name: tuple(
                item.model_copy(update={"basis": item.basis.model_copy(update={"uncertain": True})})
                for item in getattr(full(), name)
            )
            for name in ("subjects", "speech", "events")
        }
    )
    text = RENDERERS["ltx2"](doubtful).text
    assert "red coat" not in text
    assert "creak" not in text
    assert "The woman speaks softly." in text


@pytest.fixture
def words_file(tmp_path: Path) -> Path:
    """A tokenizer of words, with an end token of its own, that cuts and pads as trainers' files do."""
    made = Tokenizer(models.WordLevel({"[UNK]": 0, "</s>": 1}, "[UNK]"))
    made.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    made.post_processor = processors.TemplateProcessing(single="$A </s>", special_tokens=[("</s>", 1)])
    made.enable_truncation(8)
    made.enable_padding(length=64)
    path = tmp_path / "tokenizer.json"
    made.save(str(path))
    return path


def test_tokens_are_counted_as_the_encoder_gets_them(words_file: Path) -> None:
    count = tokenizer(words_file)
    assert count("one two three four five six seven eight nine ten") == 11
    text = renderer("ltx2", tokens=30, count=count)(RECORD)
    assert count(text) <= 30
    assert text == (
        'The text "EXIT" is written at the top left. Then a voice says: "Mind the gap." '
        'Then the text "Gate 12" is written at the bottom.'
    )


def test_what_cannot_be_is_said(words_file: Path, tmp_path: Path) -> None:
    count = tokenizer(words_file)
    with pytest.raises(TooLarge, match="shortest whole text has 7 tokens, more than 3"):
        renderer("ltx2", tokens=3, count=count)(RECORD)
    with pytest.raises(UsageError, match="no rendering is called 'ltx'; there are dense"):
        renderer("ltx")
    with pytest.raises(UsageError, match="give both or none"):
        renderer("ltx2", tokens=3)
    with pytest.raises(UsageError, match="cannot be read: No such file"):
        tokenizer(tmp_path / "none.json")
    (tmp_path / "bad.json").write_text("{}")
    with pytest.raises(UsageError, match=r"bad\.json is no tokenizer\.json"):
        tokenizer(tmp_path / "bad.json")


def test_stored_records_are_rendered_without_another_captioning() -> None:
    body = RECORD.model_dump_json(exclude_none=True)
    assert stored(renderer("ovi"))(body) == RENDERERS["ovi"](RECORD).text
