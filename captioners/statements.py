"""A sentence for each kind of item of the record."""

from captioners.phrase import article, count, listing, percent, quoted, seconds, sentence, stretch, timed, when
from captioners.record import (
    Action,
    Ambience,
    Basis,
    Camera,
    Event,
    Hold,
    Light,
    Movement,
    Music,
    Overlay,
    Palette,
    Record,
    ScreenText,
    Setting,
    Shot,
    Silence,
    Statement,
    Subject,
    Utterance,
    Word,
)

_LIGHT = {
    "very dark": "The picture is very dark",
    "dark": "The picture is dark",
    "medium": "The picture is of medium brightness",
    "bright": "The picture is bright",
}
_MOVES = {
    "pan left": "pans left",
    "pan right": "pans right",
    "tilt up": "tilts up",
    "tilt down": "tilts down",
    "zoom in": "zooms in",
    "zoom out": "zooms out",
    "roll clockwise": "rolls clockwise",
    "roll counterclockwise": "rolls counterclockwise",
    "shake": "shakes",
    "mixed": "moves in several ways",
    "dolly in": "dollies in",
    "dolly out": "dollies out",
    "truck left": "trucks left",
    "truck right": "trucks right",
    "pedestal up": "rises",
    "pedestal down": "sinks",
    "arc left": "arcs left",
    "arc right": "arcs right",
}
_PACES = {"slow": "slowly", "moderate": "at a moderate pace", "fast": "fast"}
_DYNAMICS = {
    "crescendo": "growing louder",
    "decrescendo": "growing softer",
    "quiet then loud": "first quiet and then loud",
    "loud then quiet": "first loud and then quiet",
}
_SHAKES = {"slow": "slightly", "moderate": "moderately", "fast": "strongly"}
_PLACES = {
    "top left": "at the top left",
    "top": "at the top",
    "top right": "at the top right",
    "left": "on the left",
    "centre": "in the centre",
    "right": "on the right",
    "bottom left": "at the bottom left",
    "bottom": "at the bottom",
    "bottom right": "at the bottom right",
}
ABSENT = {
    "sound": "There is no sound.",
    "speech": "There is no speech.",
    "music": "There is no music.",
    "events": "No sound event is heard.",
    "other_events": "No other sound event is heard.",
    "text": "There is no text on screen.",
    "other_text": "There is no other text on screen.",
    "camera_motion": "The camera does not move.",
    "movement": "Nothing moves in the picture.",
}


def _doubt(basis: Basis) -> str | None:
    return "(uncertain)" if basis.uncertain else None


def duration(record: Record) -> str:
    """How long the clip is."""
    return f"The clip lasts {(record.end_us - record.start_us) / 1e6:.2f} s."


def shot(item: Shot, record: Record) -> str:
    """Framing, angle and lens."""
    framed = ", ".join(part for part in (item.framing, item.angle) if part)
    told = "; ".join(
        part for part in (framed and f"the shot is {framed}", item.lens and f"the lens: {item.lens}") if part
    )
    return sentence(told or "There is a shot", when(item.basis.span, record), _doubt(item.basis))


def subject(item: Subject, record: Record) -> str:
    """A subject and its looks."""
    worn, turned = item.clothing and f"wearing {item.clothing}", item.facing and f"facing {item.facing}"
    traits = (item.looks, worn, item.position, item.size, turned)
    name = f"{count(item.count)} {item.name}" if item.count else _one(item.name)
    verb = "are" if item.count and item.count > 1 else "is"
    looks = "".join(f", {trait}" for trait in traits if trait)
    return sentence(f"There {verb} {name}{looks}{when(item.basis.span, record)}", _doubt(item.basis))


def _one(name: str) -> str:
    """A name with its article, if it has none."""
    first, _, rest = name.partition(" ")
    return name if rest and first.lower() in {"a", "an", "the"} else article(name)


def action(item: Action, record: Record) -> str:
    """Who does what."""
    how = (item.target, item.direction, item.speed, item.manner)
    contact = f"; {item.contact}" if item.contact else ""
    return sentence(item.actor, item.verb, *how, f"{when(item.basis.span, record)}{contact}", _doubt(item.basis))


def setting(item: Setting, record: Record) -> str:
    """Place, depth, style and medium."""
    parts = [part for part in (item.place, item.depth, item.style, item.medium) if part]
    return sentence("The setting is", "; ".join(parts), when(item.basis.span, record), _doubt(item.basis))


def light(item: Light, record: Record) -> str:
    """Brightness first, then where the light comes from."""
    source, direction = item.source and f"comes from {item.source}", item.direction and f"falls {item.direction}"
    rest = [part for part in (source, direction, item.temperature and f"is {item.temperature}") if part]
    lit = f"the light {listing(rest)}" if rest else None
    bright = _LIGHT[item.brightness] if item.brightness else None
    told = "; ".join(part for part in (bright, lit) if part)
    return sentence(told, when(item.basis.span, record), _doubt(item.basis))


def palette(item: Palette) -> str:
    """The colours, the widest first, with the shares that they cover."""
    parts = [c.name if c.share is None else f"{c.name} ({percent(c.share)})" for c in item.colours]
    if len(parts) == 1:
        return sentence("The only main colour is", parts[0])
    return sentence("The main colours are", listing(parts))


def camera(item: Camera, record: Record) -> str:
    """One move of the camera."""
    pace = (_SHAKES if item.move == "shake" else _PACES)[item.pace] if item.pace else None
    return sentence("The camera", _MOVES[item.move], pace, when(item.basis.span, record), _doubt(item.basis))


def movement(item: Movement, record: Record) -> str:
    """How much the picture moves in itself."""
    return sentence(f"there is {item.amount} movement in the picture itself", when(item.basis.span, record))


def hold(item: Hold) -> str:
    """For how much of the clip the picture is frozen or black."""
    word = {"frozen": "frozen", "black": "black"}[item.kind]
    return sentence(f"The picture is {word} for {percent(item.share)} of the clip")


def text(item: ScreenText, record: Record) -> str:
    """What is written, where and when."""
    place = _PLACES[item.place] if item.place else "on screen"
    gloss = f", which means {quoted(item.gloss)}" if item.gloss else ""
    time = stretch(item.basis.span, record)
    return sentence(f"The text {quoted(item.text)}{gloss} is written {place}{time}", _doubt(item.basis))


def overlay(item: Overlay, record: Record) -> str:
    """What lies over or around the picture."""
    share = f" over {percent(item.share)} of the frame" if item.share is not None else ""
    return sentence(
        f"There is an overlay: {item.description}{share}{when(item.basis.span, record)}", _doubt(item.basis)
    )


def utterance(item: Utterance, record: Record) -> str:
    """What is said, by whom and when; without words, that somebody speaks."""
    time = stretch(item.basis.span, record)
    manner = f" {item.manner}" if item.manner else ""
    if item.text is None:
        return sentence(f"{item.speaker or 'Somebody'} speaks{manner}{time}; the words are not known")
    gloss = f", which means {quoted(item.gloss)}" if item.gloss else ""
    doubt = "; these words are uncertain" if item.basis.uncertain else ""
    return sentence(f"{item.speaker or 'A voice'} says{manner}{time}: {quoted(item.text)}{gloss}{doubt}")


def word(item: Word, record: Record) -> str:
    """One word and when it starts."""
    start = item.basis.span
    at = f" at {seconds(start.start_us, record)}" if start else ""
    doubt = " (uncertain)" if item.basis.uncertain else ""
    return sentence(f"The word {quoted(item.text)} is said{at}{doubt}")


def words(items: tuple[Word, ...], record: Record) -> str:
    """All words of an utterance with their starts, in one sentence."""
    parts = []
    for item in items:
        at = f" at {seconds(item.basis.span.start_us, record)}" if item.basis.span else ""
        parts.append(f"{quoted(item.text)}{at}{' (uncertain)' if item.basis.uncertain else ''}")
    return sentence("Its words are", listing(parts))


def event_name(item: Event) -> str:
    """ "knock", "440 Hz tone"; a listener's "sound" is one that it had no name for."""
    label = "unidentified sound" if item.label == "sound" else item.label
    return f"{item.pitch_hz:.0f} Hz {label}" if item.pitch_hz is not None else label


def event(item: Event, record: Record) -> str:
    """One sound."""
    doubt = "possibly" if item.basis.uncertain else None
    source = f"from {item.source}" if item.source else None
    seen = {True: "on screen", False: "off screen", None: None}[item.on_screen]
    name = article(event_name(item))
    comment = f"({item.description})" if item.description else None
    return sentence(name, comment, "is", doubt, "heard", source, seen, when(item.basis.span, record))


def music(item: Music, record: Record) -> str:
    """Music, its tempo, key and metre, and how its loudness changes."""
    tempo = f"{item.tempo_bpm:.0f} beats per minute" if item.tempo_bpm is not None else None
    key = f"in {item.key}" if item.key else None
    traits = " ".join(part for part in ("at" if tempo else None, tempo, key) if part)
    bars = f"{count(item.metre)} beats to a bar" if item.metre else None
    course = _DYNAMICS[item.dynamics] if item.dynamics else None
    traits = ", ".join(part for part in (traits, bars, course) if part)
    comment = f"({item.description})" if item.description else None
    return sentence("music", comment, "plays", traits, stretch(item.basis.span, record))


def silence(item: Silence, record: Record) -> str:
    """A stretch of silence."""
    return silences((item,), record)


def silences(items: tuple[Silence, ...], record: Record) -> str:
    """All stretches of silence in one sentence."""
    times = [stretch(item.basis.span, record).strip() for item in items]
    return sentence("it is silent", listing(times) if all(times) else None)


def ambience(item: Ambience, record: Record) -> str:
    """The sound as a whole: its loudness, and what it is like."""
    level = f" at {item.loudness_lufs:.1f} LUFS" if item.loudness_lufs is not None else ""
    volume = f"the sound is {item.volume}{level}" if item.volume else None
    if volume is None and level:
        volume = f"the loudness is{level.removeprefix(' at')}"
    return sentence("; ".join(part for part in (volume, item.description) if part), when(item.basis.span, record))


def remark(item: Statement, record: Record) -> str:
    """Words of a person or of a model; when they hold is said where they do not say it themselves."""
    time = None if timed(item.text) else when(item.basis.span, record)
    doubt = _doubt(item.basis)
    return sentence(item.text if not (time or doubt) else item.text.rstrip(".") or item.text, time, doubt)
