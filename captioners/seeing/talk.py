"""What is asked and answered about one clip, and how it comes to an end: a view, or why there is none."""

import dataclasses
import hashlib
import json
from dataclasses import dataclass

from captioners.asking import Ask, Reply, Sampling, Wave
from captioners.evidence import Evidence
from captioners.prompt import Prompt
from captioners.record import bounded
from captioners.seeing.answer import Answer, Bounds, Senses, Terms, Wrong, in_own_words, read, schema
from captioners.seeing.facts import Fact, facts
from captioners.seeing.look import Showing, Shown
from captioners.seeing.reading import Said, record
from curate.errors import BadAnswer, CutShort, RowError, TooLarge
from curate.stage import Outcome
from schemas.trace import Failure
from schemas.view import Asked, View


@dataclass(frozen=True, slots=True)
class Source:
    """Who says it: the model, its weights or what its server says of them, and what runs it."""

    model: str
    revision: str | None
    engine: str
    profile: str


@dataclass(frozen=True, slots=True)
class Wording:
    """All that is the same for each clip: what is asked, in which words, and how the answer is drawn."""

    source: Source
    template: Prompt | None  # None: the model takes no words, and answers in its own
    again: Prompt
    sampling: Sampling
    bounds: Bounds
    senses: Senses
    most_facts: int

    def schema(self, still: bool) -> str | None:
        return None if self.template is None else schema(still, self.senses, self.bounds)

    def sha256(self, still: bool) -> str | None:
        """Of all words that do not depend on the clip."""
        if self.template is None:
            return None
        body = "\n".join((self.template.text, self.again.text, self.schema(still) or ""))
        return hashlib.sha256(body.encode()).hexdigest()


class Talk:
    """All that is asked and answered about one clip. A reply is only heard if it is to an ask of this clip."""

    def __init__(self, wording: Wording, evidence: Evidence, showing: Showing) -> None:
        if showing.id != evidence.id:
            raise RuntimeError(f"frames of {showing.id} were decoded for {evidence.id}")
        self._wording, self._evidence = wording, evidence
        self._windows = [_Window(self, index, shown) for index, shown in enumerate(showing.windows)]
        self._open = {window.ask.id: window for window in self._windows}
        self._failure: Failure | None = None
        self._told = False

    @property
    def still(self) -> bool:
        return self._evidence.clip.still

    def asks(self) -> list[Ask]:
        return [window.ask for window in self._windows]

    def ask(self, index: int, shown: Shown, told: tuple[Fact, ...], more: str = "") -> Ask:
        """What is asked about one window; `more` is said where the first answer could not be taken."""
        clip, window, template = self._evidence.clip, shown.window, self._wording.template
        words = "" if template is None else template.render(
            still=clip.still,
            hears=self._wording.senses.hears,
            start_s=(window.start_us - clip.start_us) / 1e6,
            end_s=(window.end_us - clip.start_us) / 1e6,
            facts=told,
        )  # fmt: skip
        said = "\n\n".join(part for part in (words, more) if part)
        parts = (*shown.parts, said) if said else shown.parts
        key = f"{clip.clip_id}#{index}{'!' if more else ''}"
        return Ask(key, parts, None, self._wording.schema(clip.still), self._wording.sampling)

    def window_s(self, shown: Shown) -> tuple[float, float]:
        start_us = self._evidence.clip.start_us
        return (shown.window.start_us - start_us) / 1e6, (shown.window.end_us - start_us) / 1e6

    def facts(self, shown: Shown) -> tuple[tuple[Fact, ...], int]:
        """Those that are told, and how many there was no room for."""
        if self._wording.template is None:
            return (), 0
        found = facts(self._evidence, shown.window.start_us, shown.window.end_us)
        most = self._wording.most_facts
        return found[:most], max(0, len(found) - most)

    def terms(self, shown: Shown, told: tuple[Fact, ...]) -> Terms:
        names = frozenset(fact.name for fact in told)
        return Terms(self.still, self.window_s(shown), self._wording.senses, names)

    @property
    def wordless(self) -> bool:
        """Whether the model takes no words: it answers in its own, and there is no use in asking again."""
        return self._wording.template is None

    def read(self, text: str, shown: Shown, told: tuple[Fact, ...]) -> Answer:
        """The answer in a model's words; Wrong where it is none."""
        return in_own_words(text) if self.wordless else read(text, self.terms(shown, told))

    def correction(self, reply: Reply, wrong: Wrong) -> str:
        return self._wording.again.render(answer=reply.text[:4000], error=str(wrong))

    def hear(self, outcome: Outcome[Reply]) -> Ask | None:
        """Take an answer; what is to be asked again because of it."""
        window = self._open.pop(outcome.input_id)
        if outcome.failure is not None:
            self._failure = self._failure or outcome.failure
            return None
        (reply,) = outcome.rows
        if reply.ask_id != outcome.input_id:
            raise RuntimeError(f"the reply to {reply.ask_id} came as that to {outcome.input_id}")
        try:
            more = window.hear(reply)
        except RowError as error:
            self._failure = self._failure or error.failure
            return None
        if more is not None and self._failure is None:
            self._open[more.id] = window
            return more
        return None

    def settled(self) -> Outcome[View] | None:
        """What became of the clip, once, when nothing more of it is open."""
        if self._open or self._told:
            return None
        self._told = True
        clip_id = self._evidence.id
        if self._failure is not None:
            return Outcome(clip_id, (), self._failure)
        try:
            with bounded():
                return Outcome(clip_id, (self._view(),))
        except TooLarge as error:
            return Outcome(clip_id, (), error.failure)

    def _view(self) -> View:
        clip, source = self._evidence.clip, self._wording.source
        made = record(clip, [window.said() for window in self._windows])
        asked = tuple(window.asked() for window in self._windows)
        return View(
            clip_id=clip.clip_id,
            record=made.model_dump_json(exclude_none=True),
            model=source.model,
            revision=source.revision,
            engine=source.engine,
            profile=source.profile,
            prompt=self._wording.template.name if self._wording.template else None,
            prompt_hash=self._wording.sha256(clip.still),
            sampling=json.dumps(dataclasses.asdict(self._wording.sampling), sort_keys=True),
            windows=asked,
            tokens_in=sum(one.tokens_in for one in asked),
            tokens_out=sum(one.tokens_out for one in asked),
        )


class _Window:
    """One window: what is asked of it, and what was answered."""

    def __init__(self, talk: Talk, index: int, shown: Shown) -> None:
        self._talk, self._index, self._shown = talk, index, shown
        self._facts, self._left_out = talk.facts(shown)
        self.ask = talk.ask(index, shown, self._facts)
        self._answer: Answer | None = None
        self._times = self._tokens_in = self._tokens_out = 0

    def hear(self, reply: Reply) -> Ask | None:
        """Keep the answer. What to ask again; CutShort or BadAnswer where that is of no use."""
        self._times += 1
        self._tokens_in += reply.tokens_in
        self._tokens_out += reply.tokens_out
        if not reply.whole:
            raise CutShort(f"the answer was cut off after {reply.tokens_out} tokens; raise sampling.max_tokens")
        try:
            self._answer = self._talk.read(reply.text, self._shown, self._facts)
        except Wrong as wrong:
            if self._times > 1 or self._talk.wordless:
                first, last = self._talk.window_s(self._shown)
                raise BadAnswer(f"{first:.2f} s to {last:.2f} s, asked {self._times} time(s): {wrong}") from wrong
            return self._talk.ask(self._index, self._shown, self._facts, self._talk.correction(reply, wrong))
        return None

    def said(self) -> Said:
        if self._answer is None:
            raise RuntimeError(f"{self.ask.id} was settled without an answer")
        return Said(self._shown.window, self._answer, {fact.name: fact.row_id for fact in self._facts})

    def asked(self) -> Asked:
        window = self._shown.window
        return Asked(
            start_us=window.start_us,
            end_us=window.end_us,
            frames_us=self._shown.frames_us,
            width=window.width or None,
            height=window.height or None,
            heard=any(isinstance(part, Wave) for part in self._shown.parts),
            facts=tuple(fact.row_id for fact in self._facts),
            facts_left_out=self._left_out,
            times=self._times,
            tokens_in=self._tokens_in,
            tokens_out=self._tokens_out,
        )
