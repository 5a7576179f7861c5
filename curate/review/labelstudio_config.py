"""The labelling configuration under which Label Studio shows an item and lets all of it be edited."""

from xml.etree import ElementTree as Xml

from curate.review.labelstudio_regions import NOTE, STATUSES, TO, Side
from curate.review.wire import ERROR_KINDS, FACETS
from schemas.caption import Decision

DECISIONS: tuple[Decision, ...] = ("caption", "reject")


def labelling_config(sound: bool = True) -> str:
    """The XML of a project; one for clips with sound, one for clips without: an empty waveform is never shown."""
    view = Xml.Element("View")
    Xml.SubElement(view, "Header", value="$title")
    Xml.SubElement(view, "Video", name="video", value="$video", frameRate="$rate")
    if sound:
        Xml.SubElement(view, "Audio", name="audio", value="$video", sync="video")
    _side(view, "seen", "TimelineLabels")
    if sound:
        _side(view, "heard", "Labels")
    _choices(view, "decision", "video", DECISIONS, required="true")
    Xml.SubElement(view, "TextArea", name="reason", toName="video", placeholder="Why it is rejected")
    Xml.indent(view)
    return Xml.tostring(view, "unicode") + "\n"


def _side(view: Xml.Element, side: Side, tag: str) -> None:
    labels = Xml.SubElement(view, tag, name=side, toName=TO[side])
    for label in (*FACETS, NOTE):
        Xml.SubElement(labels, "Label", value=label)
    for name, rows in (("text", "3"), ("critique", "1")):
        Xml.SubElement(
            view, "TextArea", name=f"{side}_{name}", toName=TO[side], perRegion="true", editable="true", rows=rows,
            maxSubmissions="1", placeholder=name,
        )  # fmt: skip
    _choices(view, f"{side}_status", TO[side], STATUSES, perRegion="true")
    _choices(view, f"{side}_error", TO[side], ERROR_KINDS, perRegion="true")


def _choices(view: Xml.Element, name: str, to: str, values: tuple[str, ...], **more: str) -> None:
    choices = Xml.SubElement(view, "Choices", {"name": name, "toName": to, "choice": "single", **more})
    for value in values:
        Xml.SubElement(choices, "Choice", value=value)
