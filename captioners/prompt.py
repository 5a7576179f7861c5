"""A prompt by its name, or from a file of one's own: a template, and the hash by which captions remember it."""

import hashlib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path

import jinja2

from curate.errors import RecipeError

AGAIN = "again.v1"
"""What is said once to a model whose answer cannot be taken."""

_TEMPLATES = jinja2.Environment(undefined=jinja2.StrictUndefined, autoescape=False, keep_trailing_newline=False)  # noqa: S701  text for a model, not HTML


@dataclass(frozen=True, slots=True)
class Prompt:
    """The text of a template, and its sha256."""

    name: str
    text: str

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.text.encode()).hexdigest()

    def render(self, **values: object) -> str:
        """The words that are sent; RecipeError where the template asks for what nobody gives."""
        try:
            return _compiled(self.text).render(**values).strip()
        except jinja2.TemplateError as error:
            raise RecipeError(
                f"the prompt {self.name} cannot be rendered: {error}; given are {sorted(values)}"
            ) from error


@cache
def prompt(name: str, sha256: str | None = None) -> Prompt:
    """A prompt of the house by its name ("see.v1"), or a file by its path with the hash that it must have."""
    if "/" not in name and not name.endswith(".md"):
        return _own(name)
    try:
        found = Prompt(name, Path(name).read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise RecipeError(f"the prompt {name} cannot be read: {error}") from error
    if found.sha256 != sha256:
        raise RecipeError(f"prompt_sha256: that of {name} is {found.sha256}, not {sha256!r}")
    return found


@cache
def _compiled(text: str) -> jinja2.Template:
    return _TEMPLATES.from_string(text)


def _own(name: str) -> Prompt:
    folder = resources.files("captioners.prompts")
    known = sorted(file.name.removesuffix(".md") for file in folder.iterdir() if file.name.endswith(".md"))
    if name not in known:
        raise RecipeError(f"there is no prompt {name!r}; of the house are {', '.join(known)}, others are given by path")
    return Prompt(name, folder.joinpath(f"{name}.md").read_text("utf-8"))
