"""What a model that sees, or hears, says of a clip, and exactly what it was asked."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Asked:
    """One window of the clip, as it was shown. Times are of the media."""

    start_us: int
    end_us: int
    frames_us: tuple[int, ...]  # the frames that were shown; none to a model that only hears
    width: int | None
    height: int | None
    heard: bool  # whether the sound went with it
    facts: tuple[str, ...]  # the rows that it was told of
    facts_left_out: int  # for which there was no room
    times: int  # how often it was asked: twice if the first answer could not be taken
    tokens_in: int  # of all times together
    tokens_out: int


@dataclass(frozen=True, slots=True)
class View:
    """The record as JSON (`captioners.record.Record`) of what one model says, and all that its answer depends on."""

    clip_id: str
    record: str
    model: str
    revision: str | None  # sha256 of its weights, or what its server says that it is
    engine: str
    profile: str
    prompt: str | None  # None: the model takes no words
    prompt_hash: str | None  # of the templates and the schema of the answer
    sampling: str  # JSON
    windows: tuple[Asked, ...]
    tokens_in: int
    tokens_out: int

    @property
    def id(self) -> str:
        return self.clip_id
