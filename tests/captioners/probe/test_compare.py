"""A captioner that tells the truth of each copy notices everything; one that tells every copy the same, nothing."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from captioners.measured import record_of
from captioners.probe.asked import Told, told
from captioners.probe.compare import AxisScore, Change, changes, pairs, scores
from captioners.probe.truth import kind_of, truth_of
from captioners.retelling import Making, caption
from curate.film import FilmSpec, make_film
from curate.film.perturb import PERTURBATIONS, Edit
from curate.film.perturb.edit import identified
from curate.film.track import compose
from schemas.caption import Caption
from schemas.clip import Clip
from schemas.media import Audio, Media, Picture
from schemas.truth import Film

MUST = {
    "reversed": {"camera", "event", "speech"},
    "mirrored": {"camera", "text"},
    "frozen": {"camera"},
    "shuffled": {"camera"},
    "muted": {"event", "music", "loudness", "speech"},
    "swapped": {"event", "music", "speech"},
    "shifted": {"event", "speech"},
}
"""The axes on which each copy must be noticed, at least."""

Captioner = Callable[[Film, Clip], Caption]


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Film:
    return make_film(tmp_path_factory.mktemp("film") / "film.mp4", FilmSpec(seed=2, seconds=16, width=96, height=64))


def media(film: Film) -> Media:
    picture = Picture(0, "h264", film.width, film.height, film.width, film.height, 0, "yuv420p", film.fps, film.frames,
                      hdr=False)  # fmt: skip
    return Media(film.media_id, "src", 1, "mp4", film.end_us, False, (), picture, Audio(1, "flac", 48_000, 1))


def honest(film: Film, clip: Clip) -> Caption:
    """What the measured captioner would say, had it measured the truth."""
    return caption(clip.clip_id, record_of(truth_of(film, clip, media(film)), 0.5, 5), Making("honest"))


def without_moves(film: Film, clip: Clip) -> Caption:
    """The same, by one who sees that nothing moves anywhere for long."""
    record = record_of(truth_of(film, clip, media(film)), 0.5, 5)
    absences = record.absences.model_copy(update={"camera_motion": None})
    return caption(clip.clip_id, record.model_copy(update={"camera": (), "absences": absences}), Making("honest"))


def edited(film: Film, name: str) -> Edit:
    track = compose(film.seed, film.samples or 0, speech=True)
    edit = PERTURBATIONS[name](film, track.wave, 0)
    return replace(edit, truth=identified(edit.truth, "c" * 64))


def seen(film: Film, captioner: Captioner, edit: Edit | None = None) -> list[Told]:
    unknown = edit.unknown if edit else frozenset()
    return [told(film, clip, media(film), captioner(film, clip), unknown) for clip in film.clips]


def missed(found: list[Change]) -> set[str]:
    return {one.axis for one in found if one.missed}


def test_the_truth_told_is_all_right_and_nothing_of_it_is_false(film: Film) -> None:
    captions = seen(film, honest)
    for one in scores(captions):
        assert one == AxisScore(one.axis, one.asked, one.asked, 0)
    assert {one.axis for one in scores(captions)} >= {"camera", "text", "event", "music", "loudness", "light", "colour"}
    assert [text for one in captions for text in one.false] == []


@pytest.mark.parametrize("name", PERTURBATIONS)
def test_who_tells_the_truth_of_a_copy_has_noticed_and_kept(film: Film, name: str) -> None:
    edit = edited(film, name)
    now = without_moves if "camera" in edit.lost else honest
    found = changes(seen(film, honest), seen(edit.truth, now, edit), edit)
    assert {one.axis for one in found if one.turned} >= MUST[name]
    assert all(one.noticed == one.turned and one.kept == one.stayed for one in found), found


@pytest.mark.parametrize("name", PERTURBATIONS)
def test_who_says_the_same_of_a_copy_as_of_the_film_has_not_noticed(film: Film, name: str) -> None:
    edit, before = edited(film, name), seen(film, honest)
    truths = [told(edit.truth, clip, media(edit.truth), honest(edit.truth, clip)) for clip in edit.truth.clips]
    same = {after.clip.clip_id: one.caption for one, after in pairs(before, truths, edit)}
    other = next(one.caption for one in before if "pans" in one.caption.dense)  # for a clip that the film has not

    def blind(_: Film, clip: Clip) -> Caption:
        return same.get(clip.clip_id, other)

    assert missed(changes(before, seen(edit.truth, blind, edit), edit)) >= MUST[name]


def test_who_never_speaks_of_a_kind_of_thing_is_not_asked_to_notice_it(film: Film) -> None:
    def deaf(film: Film, clip: Clip) -> Caption:
        record = record_of(truth_of(film, clip, media(film)), 0.5, 5)
        heard = {"speech": (), "events": (), "music": (), "silences": (), "ambience": None, "absences": {}}
        return caption(
            clip.clip_id, record.model_copy(update={**heard, "absences": type(record.absences)()}), Making("deaf")
        )

    edit = edited(film, "swapped")
    found = changes(seen(film, deaf), seen(edit.truth, deaf, edit), edit)
    assert missed(found) == set()
    assert sum(one.untold for one in found if one.axis == "music") > 0


def test_moves_are_named_as_captions_name_them(film: Film) -> None:
    kinds = {kind_of(shot.camera)[0] for shot in film.shots}
    assert kinds & {"pan left", "pan right"}
    assert "static" in kinds
    turned = edited(film, "mirrored").truth
    other = {"pan left": "pan right", "pan right": "pan left"}
    for before, after in zip(film.shots, turned.shots, strict=True):
        if before.camera.kind == "pan":
            assert kind_of(after.camera)[0] == other[kind_of(before.camera)[0]]


def test_a_sentence_that_a_cut_divides_is_known_by_its_words(film: Film, tmp_path: Path) -> None:
    (sentence, *_) = [sound for sound in film.sounds if sound.kind == "sentence"]
    half = replace(film.clips[0], start_us=(sentence.start_us + sentence.end_us) // 2, end_us=film.end_us)
    sounds = truth_of(film, half, media(film)).sounds or ()
    (told_of,) = [one for one in sounds if one.kind == "sentence" and one.start_us == half.start_us]
    assert told_of.text
    assert (sentence.text or "").rstrip(".").endswith(told_of.text)
