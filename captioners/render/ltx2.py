"""In the manner of LTX-2: one paragraph of what is seen and heard, in order of time, with quoted speech.

Its trainer's captioner is asked to say of a video which kinds of things are absent, and never to say so of an image.
Upstream: Lightricks/LTX-2, README "Prompting for LTX-2" (a chronological paragraph of at most 200 words) and
packages/ltx-trainer, captioning.
"""

from captioners.record import Record
from captioners.render.absent import PLAIN, absences
from captioners.render.draft import Draft
from captioners.render.story import flowing, framed, heard, in_words, ordered, quoting, seen


def draft(record: Record, absent: bool | None = None) -> Draft:
    """absent: whether to say what is not there; None: of a video, not of an image."""
    told = ordered([*seen(record), *heard(record, lambda item: quoting(item, record))])
    said = not record.still if absent is None else absent
    missing = (*absences(record, PLAIN), *in_words(record, "absence")) if said else ()
    return Draft((*framed(record, told), *missing), flowing)
