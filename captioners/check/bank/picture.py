"""Questions about the picture: light, colours, camera, movement, bars, length."""

from collections.abc import Iterator
from typing import get_args

from captioners import certainty, degrees, readings
from captioners.check.bank.asking import Subject, pick, shuffled
from captioners.check.question import Question
from captioners.record import Move

COLOURS = (
    "black", "white", "grey", "brown", "red", "orange", "yellow", "green", "cyan", "blue", "purple", "pink", "beige",
)  # fmt: skip
_ALIKE = (
    {"red", "orange", "pink", "brown"}, {"orange", "yellow", "brown"}, {"cyan", "blue"}, {"cyan", "green"},
    {"purple", "pink"}, {"purple", "blue"}, {"black", "grey", "brown"}, {"white", "grey"},
    {"beige", "brown", "orange", "yellow"}, {"beige", "white"}, {"beige", "grey"}, {"beige", "pink"},
    {"green", "yellow"},
)  # fmt: skip
_MIRROR = {
    "pan left": "pan right", "tilt up": "tilt down", "zoom in": "zoom out",
    "roll clockwise": "roll counterclockwise",
}  # fmt: skip
_BACK = {**_MIRROR, **{value: key for key, value in _MIRROR.items()}}
_SHARES = (("frozen", "frozen_share"), ("black", "black_share"), ("bars", "border_share"))
_SHARE_TEXTS = {
    "frozen": "For what share of the clip is the picture frozen?",
    "black": "For what share of the clip is the picture black?",
    "bars": "What share of the frame do black bars take?",
}


def duration(it: Subject) -> Iterator[Question]:
    """How long the clip is."""
    if not it.clip.still:
        length = it.seconds(it.clip.end_us)
        yield it.ask("shot", "number", "duration", "How many seconds does the clip last?", f"{length:.2f}", ("clips",),
                     tolerance=max(0.25, 0.05 * length))  # fmt: skip


def light(it: Subject) -> Iterator[Question]:
    """How bright the picture is, unless it is near the edge of a word."""
    luma = readings.value(it.evidence, "brightness")
    if luma is None or degrees.brightness(luma - 6) != degrees.brightness(luma + 6):
        return
    options = ("very dark", "dark", "medium", "bright")
    yield it.ask("light", "choice", "brightness", "How bright is the picture?", degrees.brightness(luma),
                 (readings.row_id("brightness"),), options=options)  # fmt: skip


def colours(it: Subject) -> Iterator[Question]:
    """The dominant colour; each wide colour, and as many that are not there."""
    tones = readings.palette(it.evidence)
    rows = (readings.row_id("palette"),)
    wide = [tone.name for tone in tones if tone.share >= it.rules.colour_share][:5]
    absent = absent_colours([tone.name for tone in tones])
    if wide and (len(tones) == 1 or tones[0].share - tones[1].share >= it.rules.lead):
        others = pick(it.id, [name for name in COLOURS if name not in {tone.name for tone in tones}], 3)
        yield it.ask("colour", "choice", "dominant_colour", "Which colour covers most of the picture?", wide[0], rows,
                     options=shuffled(it.id, [wide[0], *others]))  # fmt: skip
    contrast = pick(it.id, absent, len(wide))
    for name, truth in [*((name, "yes") for name in wide), *((name, "no") for name in contrast)]:
        yield it.ask("colour", "yes_no", "colour", f"Is {name} one of the colours of the picture?", truth, rows,
                     about=(name,), options=("yes", "no"))  # fmt: skip


def absent_colours(present: list[str]) -> list[str]:
    """The colours that nobody could take for one of these."""
    return [name for name in COLOURS if not _like_any(name, present)]


def _like_any(name: str, present: list[str]) -> bool:
    return any(name == other or any(name in group and other in group for group in _ALIKE) for other in present)


def camera(it: Subject) -> Iterator[Question]:
    """How the camera moves: the truth, its mirror, none, and one more."""
    kind = readings.camera_kind(it.evidence)
    if kind is None or kind == "mixed":
        return
    near = [kind, "static", _BACK.get(kind, "pan left")]
    others = pick(it.id, [move for move in get_args(Move) if move not in near], 2)
    options = shuffled(it.id, list(dict.fromkeys([*near, *others])))
    yield it.ask("camera", "choice", "camera", "How does the camera move?", kind, (readings.row_id("camera"),),
                 options=options)  # fmt: skip


def movement(it: Subject) -> Iterator[Question]:
    """How much the picture moves in itself, unless it is near the edge of a word."""
    flow = readings.value(it.evidence, "local_motion")
    if flow is None or it.clip.still:
        return
    word = "none" if flow < degrees.STILL_PX_S else degrees.amount(flow)
    if word is None or (word != "none" and degrees.amount(flow * 0.85) != degrees.amount(flow * 1.15)):
        return
    yield it.ask("motion", "choice", "movement", "How much does the picture move in itself, beside the camera?", word,
                 (readings.row_id("local_motion"),), options=("none", "little", "moderate", "much"))  # fmt: skip


def drift(it: Subject) -> Iterator[Question]:
    """Which way what moves in the picture goes."""
    way = certainty.drift(it.evidence)
    if way is not None:
        yield it.ask("motion", "choice", "drift", "Which way does what moves in the picture go?", way,
                     (readings.row_id("drift"),), options=get_args(degrees.Way))  # fmt: skip


def shares(it: Subject) -> Iterator[Question]:
    """Frozen, black and barred shares, where there are any."""
    for topic, metric in _SHARES:
        share = certainty.bars(it.evidence) if topic == "bars" else readings.value(it.evidence, metric)
        if share is not None and share >= 0.1 and not (it.clip.still and topic != "bars"):
            yield it.ask("frame", "number", topic, _SHARE_TEXTS[topic], f"{share:.2f}",  # type: ignore[arg-type]
                         (readings.row_id(metric),), tolerance=0.08)  # fmt: skip
