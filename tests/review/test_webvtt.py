"""Statements as WebVTT, and back."""

import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import av
import pytest
from hypothesis import given
from hypothesis import strategies as st

from curate.review.webvtt import Spoken, WrongVtt, read_vtt, spoken, vtt, works
from curate.review.wire import FACETS
from tests.review.test_labelstudio import content_of

LINE = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1, max_size=20)
TEXT = st.lists(LINE, min_size=1, max_size=3).map("\n".join)


@st.composite
def statements(draw: st.DrawFn) -> Spoken:
    start_ms, length_ms = draw(st.integers(0, 400_000_000)), draw(st.integers(1, 10_000_000))
    facet = draw(st.sampled_from(FACETS))
    speaker = draw(st.none() | LINE) if facet == "speech" else None
    name = draw(st.text("abc#/+0", min_size=1, max_size=9))
    return Spoken(name, facet, start_ms * 1000, (start_ms + length_ms) * 1000, draw(TEXT), speaker)


@given(st.lists(statements(), max_size=6))
def test_statements_go_there_and_come_back(told: list[Spoken]) -> None:
    back = [
        *read_vtt(vtt(told, "captions"), "captions"),
        *read_vtt(vtt(told, "descriptions"), "descriptions"),
    ]
    assert sorted(back, key=repr) == sorted(told, key=repr)


SAID = [
    Spoken("c#1", "speech", 1_200_000, 2_400_000, "Ask <not> & you\nshall", "Ann & Bob"),
    Spoken("c#2", "event", 0, 90_500_000, "A door slams."),
]


def test_words_are_captions_with_a_voice_and_all_else_is_a_description() -> None:
    assert vtt(SAID, "captions") == (
        "WEBVTT\n\nNOTE Kind: captions\n\nc#1|speech\n00:00:01.200 --> 00:00:02.400\n"
        "<v Ann &amp; Bob>Ask &lt;not&gt; &amp; you\nshall</v>\n"
    )
    assert "c#2|event\n00:00:00.000 --> 00:01:30.500\nA door slams.\n" in vtt(SAID, "descriptions")


def test_ffmpeg_reads_the_same(tmp_path: Path) -> None:
    assert shutil.which("ffmpeg"), "apt-get install ffmpeg"
    (tmp_path / "a.vtt").write_text(vtt([replace(SAID[0], speaker="Ann")], "captions"))
    subprocess.run(
        ["ffmpeg", "-v", "error", "-i", str(tmp_path / "a.vtt"), str(tmp_path / "a.srt")], check=True, timeout=60
    )
    assert "00:00:01,200 --> 00:00:02,400\nAsk <not> & you\nshall" in (tmp_path / "a.srt").read_text()
    with av.open(str(tmp_path / "a.vtt")) as container:
        assert container.streams[0].type == "subtitle"


def test_a_text_cannot_end_its_cue() -> None:
    wild = Spoken("c", "event", 0, 1000, "one\n\n00:00:05.000 --> 00:00:06.000\r\rtwo")
    (back,) = read_vtt(vtt([wild], "descriptions"), "descriptions")
    assert back.text == "one\n00:00:05.000 --> 00:00:06.000\ntwo"


def test_a_file_of_others_is_read() -> None:
    text = (
        "\ufeffWEBVTT - a title\nX-TIMESTAMP-MAP=LOCAL:0\n\nSTYLE\n::cue { color: red }\n\nNOTE a\nb\n\n"
        "1\n01:00.000 --> 01:02.000 align:start\n<v.loud Ann>Hello <i>there</i></v>\n\n"
        "00:00:03.000 --> 00:00:04.000\n<v Ann>a</v>\n<v Bob>b\n\n"
    )
    assert read_vtt(text.replace("\n", "\r\n"), "captions") == [
        Spoken("1", "speech", 60_000_000, 62_000_000, "Hello there", "Ann"),
        Spoken(None, "speech", 3_000_000, 4_000_000, "a\nb"),
    ]
    assert read_vtt("WEBVTT", "captions") == []


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "line 1: WEBVTT"),
        ("1\n00:00:01,000 --> 00:00:02,000\na", "line 1: WEBVTT"),
        ("WEBVTT\n\nx\n00:01 --> 00:02\na", "line 4: two times"),
        ("WEBVTT\n\n00:00:02.000 --> 00:00:01.000\na", "line 3: a cue ends after it starts"),
        ("WEBVTT\n\n00:00:02.000 -->\na", "line 3: two times"),
    ],
)
def test_what_cannot_be_read_is_told_by_its_line(text: str, told: str) -> None:
    with pytest.raises(WrongVtt, match=told):
        read_vtt(text, "captions")


def test_what_somebody_made_of_an_item_in_a_file_is_known_again() -> None:
    content = content_of()
    told = spoken(content.claims, content.footage.start_us)
    assert [(one.start_us, one.end_us) for one in told] == [(0, 4_000_000), (1_200_000, 1_300_000)]
    back = read_vtt(vtt(told, "descriptions"), "descriptions")
    assert [work.status for work in works(back, content)] == ["right", "right"]
    changed = [replace(back[0], text="A cat."), replace(back[1], claim_id=None, end_us=9_000_000)]
    edited, added = works(changed, content)
    assert (edited.claim_id, edited.status, edited.text) == ("c#0", "edited", "A cat.")
    assert (added.claim_id, added.status, added.end_us) == ("+vtt-1", "added", content.footage.end_us)


@given(st.text(max_size=200))
def test_whatever_a_file_is_it_is_read_or_refused(text: str) -> None:
    for whole in (text, f"WEBVTT\n\n{text}", f"WEBVTT\n\n00:01.000 --> 00:02.000\n{text}"):
        try:
            assert all(one.start_us < one.end_us for one in read_vtt(whole, "captions"))
        except WrongVtt:
            continue
