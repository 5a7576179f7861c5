"""A model, wherever it runs: behind servers, or in the worker."""

from dataclasses import dataclass, replace
from pathlib import Path

from captioners.asking.ask import Ask, Reply
from captioners.asking.server import Server
from captioners.asking.vllm import Vllm
from curate.errors import RecipeError
from curate.stage import Run


@dataclass(frozen=True, slots=True)
class Model:
    """Exactly one of the two engines; both give one outcome for each ask."""

    server: Server | None = None
    vllm: Vllm | None = None

    def __post_init__(self) -> None:
        if (self.server is None) == (self.vllm is None):
            raise RecipeError("a model has either `server` or `vllm`: give exactly one of the two tables")

    @property
    def engine(self) -> str:
        """Which of the two it is."""
        return self._engine.name

    @property
    def name(self) -> str:
        """As the servers call it, or its folder is called."""
        engine = self._engine
        return engine.model if isinstance(engine, Server) else Path(engine.model).name

    @property
    def revision(self) -> str:
        """Of its weights: what whoever runs the servers calls it, or their hash."""
        engine = self._engine
        return engine.revision if isinstance(engine, Server) else engine.sha256

    @property
    def environment(self) -> str | None:
        """The kind of workers that it needs; None: those of the core."""
        return "vllm" if self.vllm else None

    def open(self) -> Run[Ask, Reply]:
        """Reach the servers or load the weights; RecipeError where that cannot be.

        What it returns may be used by several threads at once: they share the engine.
        """
        return self._engine.open()

    def keyed(self, key: str | None) -> "Model":
        """The same with the key that its servers want."""
        return Model(replace(self.server, api_key=key), self.vllm) if self.server else self

    @property
    def _engine(self) -> Server | Vllm:
        engine = self.server or self.vllm
        assert engine is not None  # noqa: S101  __post_init__ has seen to it
        return engine
