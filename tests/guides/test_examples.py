"""What the guides tell people to type runs, on a small lake; what needs more machines is parsed."""

from pathlib import Path

import pytest
import typer
from typer.core import TyperGroup

from curate.film import FilmSpec, make_film
from jobs.cli import main, program
from jobs.commands.names import COMMANDS, RECIPE_COMMANDS, REVIEW_COMMANDS
from tests.guides.examples import ROOT, commands, documents, examples, relative, told

GUIDES = ("operator", "trainer")
PROGRAM = typer.main.get_command(program({*COMMANDS, *RECIPE_COMMANDS, *REVIEW_COMMANDS}))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a film in `media`, a recipe, and a lake on which everything has run."""
    made = tmp_path_factory.mktemp("examples")
    (made / "media").mkdir()
    make_film(made / "media" / "film.mp4", FilmSpec(seed=3, seconds=5, width=320, height=180))
    (made / "recipe.toml").write_text('sources = ["media"]\n')
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(made)
        typed(["run", "media", "--lake", "lake"])
    return made


def options(arguments: list[str]) -> set[str]:
    """The options of the command that these arguments call, which refuses what it does not know."""
    command = PROGRAM
    context, left = command.make_context("retold", [], resilient_parsing=True), arguments
    while isinstance(command, TyperGroup):
        name, found, left = command.resolve_command(context, left)
        assert name is not None, arguments
        assert found is not None, arguments
        own = [] if isinstance(found, TyperGroup) else list(left)
        context = found.make_context(name, own, context, resilient_parsing=isinstance(found, TyperGroup))
        command = found
    return {option for parameter in command.params for option in parameter.opts}


def inline(arguments: list[str]) -> list[str]:
    """The same in this process, without Ray."""
    return [*arguments, "--engine", "inline"] if "--engine" in options(arguments) else arguments


def typed(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(inline(arguments))
    assert not ended.value.code, " ".join(arguments)


@pytest.mark.parametrize("guide", GUIDES)
def test_the_examples_of_a_guide_run_in_order(guide: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    document = ROOT / "infra" / "guides" / f"{guide}.md"
    known: dict[str, object] = {}
    for example in examples(document):
        if example.language == "python":
            exec(compile("\n" * example.line + example.text, str(document), "exec"), known)  # noqa: S102  ours
        else:
            typing = list(commands(example.text))
            assert len(typing) == len(example.text.splitlines()), f"{guide}.md:{example.line}: not all is `retold`"
            for arguments in typing:
                typed(arguments)


@pytest.mark.parametrize("document", documents(), ids=relative)
def test_commands_that_a_document_tells_are_those_that_there_are(document: Path) -> None:
    for arguments in told(document):
        options(arguments)
