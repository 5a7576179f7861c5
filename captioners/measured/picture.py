"""The picture half of the measured record."""

from captioners import certainty, degrees, readings
from captioners.evidence import Evidence
from captioners.record import (
    Absence,
    Action,
    Basis,
    Camera,
    Colour,
    Hold,
    Light,
    Movement,
    Overlay,
    Palette,
    ScreenText,
    Span,
)

LEAST_SHARE = 0.02
"""Less than this share of the picture or of the clip is not worth a sentence."""


def _rests_on(metric: str) -> Basis:
    return Basis(evidence=(readings.row_id(metric),), origin="measured")


def lights(evidence: Evidence) -> tuple[Light, ...]:
    """How bright the picture is; nothing where it was not measured."""
    luma = readings.value(evidence, "brightness")
    return () if luma is None else (Light(brightness=degrees.brightness(luma), basis=_rests_on("brightness")),)


def palette(evidence: Evidence, most: int) -> Palette | None:
    """The widest colours."""
    tones = [tone for tone in readings.palette(evidence) if tone.share >= LEAST_SHARE][:most]
    if not tones:
        return None
    colours = tuple(Colour(name=tone.name, share=round(tone.share, 2), rgb=tone.rgb) for tone in tones)
    return Palette(colours=colours, basis=_rests_on("palette"))


def camera(evidence: Evidence) -> tuple[Camera, ...]:
    """The camera's move; nothing where it stands still or was not measured."""
    kind, speed = readings.camera_kind(evidence), readings.value(evidence, "camera")
    if kind is None or kind == "static" or speed is None:
        return ()
    return (Camera.model_validate({"move": kind, "pace": degrees.pace(speed), "basis": _rests_on("camera")}),)


def camera_still(evidence: Evidence) -> Absence | None:
    """Whether the camera stands still."""
    kind = readings.camera_kind(evidence)
    return None if kind is None else Absence(absent=kind == "static", basis=_rests_on("camera"))


def movement(evidence: Evidence) -> Movement | None:
    """How much the picture moves in itself."""
    motion = readings.value(evidence, "local_motion")
    amount = None if motion is None or evidence.clip.still else degrees.amount(motion)
    return None if amount is None else Movement(amount=amount, basis=_rests_on("local_motion"))


_GOES = {"left": "to the left", "right": "to the right", "up": "up", "down": "down"}


def drift(evidence: Evidence) -> tuple[Action, ...]:
    """Which way things go, where all that move go one way."""
    way = certainty.drift(evidence)
    if way is None:
        return ()
    basis = _rests_on("drift")
    return (Action(actor="what moves in the picture", verb="goes", direction=_GOES[way], basis=basis),)


def nothing_moves(evidence: Evidence) -> Absence | None:
    """Whether nothing moves by itself."""
    motion = readings.value(evidence, "local_motion")
    if motion is None or evidence.clip.still:
        return None
    return Absence(absent=motion < degrees.STILL_PX_S, basis=_rests_on("local_motion"))


def holds(evidence: Evidence) -> tuple[Hold, ...]:
    """Frozen and black shares of the clip."""
    if evidence.clip.still:
        return ()
    frozen, black = readings.value(evidence, "frozen_share"), readings.value(evidence, "black_share")
    found = []
    if frozen is not None and frozen >= LEAST_SHARE:
        found.append(Hold(kind="frozen", share=frozen, basis=_rests_on("frozen_share")))
    if black is not None and black >= LEAST_SHARE:
        found.append(Hold(kind="black", share=black, basis=_rests_on("black_share")))
    return tuple(found)


def overlays(evidence: Evidence) -> tuple[Overlay, ...]:
    """Black bars around the picture."""
    share = certainty.bars(evidence)
    if share is None or share < LEAST_SHARE:
        return ()
    return (Overlay(description="black bars", share=share, basis=_rests_on("border_share")),)


def texts(evidence: Evidence, sure: float) -> tuple[ScreenText, ...]:
    """What is surely written, in order of time and then from top to bottom."""
    rows = sorted(
        filter(certainty.legible, evidence.texts or ()), key=lambda row: (row.start_us, row.y, row.x, row.text_id)
    )
    return tuple(
        ScreenText(
            text=row.text,
            place=degrees.place(row.x, row.y, row.width, row.height),
            language=row.language,
            basis=Basis(
                span=None if evidence.clip.still else Span(start_us=row.start_us, end_us=row.end_us),
                evidence=(row.text_id,),
                origin="measured",
                uncertain=row.score < sure,
            ),
        )
        for row in rows
        if row.text.strip()
    )


def no_text(evidence: Evidence) -> Absence | None:
    """Whether nothing is written on screen; None where something may be."""
    if evidence.texts is None:
        return None
    read = any(map(certainty.legible, evidence.texts))
    if not read and not certainty.all_read(evidence):
        return None
    return Absence(absent=not read, basis=Basis(evidence=("texts",), origin="measured"))


def no_other_text(evidence: Evidence) -> Absence | None:
    """Where something is written, and nothing beside it."""
    none = no_text(evidence)
    if none is None or none.absent or not certainty.all_read(evidence):
        return None
    return Absence(absent=True, basis=none.basis)
