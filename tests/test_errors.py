"""The tree of errors, and the kinds that a person may ask to be tried again."""

from collections.abc import Iterator

from curate.errors import ROW_ERRORS, RowError, meant


def _kinds(error: type[RowError]) -> Iterator[type[RowError]]:
    for kind in error.__subclasses__():
        yield kind
        yield from _kinds(kind)


def test_every_kind_of_row_error_is_known_by_its_name() -> None:
    ours = [error for error in _kinds(RowError) if error.__module__ == "curate.errors"]
    assert {error.kind: error for error in ours} == ROW_ERRORS


def test_a_name_that_is_not_known_is_told_with_the_nearest_or_with_all() -> None:
    assert meant("sharpnes", ["motion", "sharpness"]) == "did you mean 'sharpness'?"
    assert meant("beauty", ["motion", "sharpness"]) == "choose from motion, sharpness"
