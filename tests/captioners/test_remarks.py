"""What was put in words by a person or a model is told by claims and by every rendering, at its facet."""

import json

from captioners.claims import claims
from captioners.phrase import timed, untimed
from captioners.record import Basis, Record, Span, Statement
from captioners.render import RENDERERS, dense, medium, short
from captioners.retelling import record_json
from schemas.caption import Facet
from tests.captioners.test_record import full

LATER = Span(start_us=2_000_000, end_us=3_000_000)


def remark(facet: Facet, text: str, span: Span | None = LATER, *, uncertain: bool = False) -> Statement:
    return Statement(facet=facet, text=text, basis=Basis(span=span, evidence=(), origin="human", uncertain=uncertain))


def with_remarks(*remarks: Statement) -> Record:
    return full().model_copy(update={"remarks": remarks})


def test_a_remark_is_a_claim_after_those_of_its_facet_with_its_span_said() -> None:
    rows = claims(with_remarks(remark("event", "a dog barks"), remark("subject", "A dog lies on a mat.", None)), "cap")
    at = {row.text: index for index, row in enumerate(rows)}
    barks = rows[at["A dog barks from 1.00 s to 2.00 s."]]
    assert (barks.facet, barks.start_us, barks.end_us, barks.origin) == ("event", 2_000_000, 3_000_000, "human")
    assert rows[at["A dog lies on a mat."] - 1].facet == "subject"
    assert rows[at["A dog lies on a mat."] + 1].facet == "action"


def test_words_that_say_their_time_are_told_as_they_are() -> None:
    told = [row.text for row in claims(with_remarks(remark("event", "A dog barks at 1.50 s, far away.")), "cap")]
    assert "A dog barks at 1.50 s, far away." in told
    assert not timed('The text "open from 1.00 s to 2.00 s" is written.')
    assert untimed('A voice says from 1.20 s to 3.00 s: "wait at 2.00 s".') == 'A voice says: "wait at 2.00 s".'


def test_what_is_in_doubt_says_so_and_is_not_told_to_a_trainer() -> None:
    record = with_remarks(remark("action", "A dog runs.", uncertain=True))
    assert "A dog runs from 1.00 s to 2.00 s (uncertain)." in dense(record)
    assert all("dog" not in RENDERERS[name](record, None).text for name in ("ltx2", "ovi", "ovi-1.1", "hunyuan"))


def test_remarks_are_told_by_the_renderings_that_tell_their_facet() -> None:
    seen, heard = remark("setting", "It is a railway museum.", None), remark("event", "A dog barks.")
    record = with_remarks(seen, heard)
    assert all(text in dense(record) for text in ("It is a railway museum.", "A dog barks from 1.00 s to 2.00 s."))
    assert all(text in medium(record) for text in ("It is a railway museum.", "A dog barks from 1.00 s to 2.00 s."))
    assert "It is a railway museum." in RENDERERS["ltx2"](record, None).text
    assert "a dog barks." in RENDERERS["ltx2"](record, None).text
    sides = json.loads(RENDERERS["hunyuan"](record, None).text)
    assert "It is a railway museum." in sides["background"] and "dog" not in json.dumps(sides)
    picture, _, sound = RENDERERS["ovi"](record, None).text.partition("<AUDCAP>")
    assert "museum" in picture and "a dog barks." in sound.lower()


def test_the_short_caption_tells_what_was_put_in_words_where_no_item_says_it() -> None:
    bare = Record(start_us=1_000_000, end_us=5_000_000, still=False)
    record = bare.model_copy(update={"remarks": (remark("subject", "A dog lies on a mat.", None),)})
    assert short(record) == "A dog lies on a mat."


def test_ovi_has_quoted_speech_between_its_tags_and_no_other() -> None:
    record = with_remarks(remark("speech", 'A boy shouts: "Run <S>now".'))
    picture, _, sound = RENDERERS["ovi"](record, None).text.partition("<AUDCAP>")
    assert "a boy shouts: <S>Run now<E>." in picture and "shouts" not in sound


def test_a_record_without_remarks_is_stored_as_before() -> None:
    assert "remarks" not in record_json(full())
    assert Record.model_validate_json(record_json(full())) == full()
    record = with_remarks(remark("event", "A dog barks."))
    assert Record.model_validate_json(record_json(record)) == record
