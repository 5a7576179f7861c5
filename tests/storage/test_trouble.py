"""Errors of storage are told in a line with what can be done; others stay what they are."""

import pytest
from deltalake.exceptions import DeltaError
from obstore.exceptions import GenericError, PermissionDeniedError

from curate.errors import LakeError
from curate.storage.trouble import once_more, refuses_keys, told_as_trouble

REFUSED = (
    "The operation lacked the necessary privileges: Error performing PUT http://127.0.0.1:1/b/x.tar in 5ms - "
    "Server returned non-2xx status code: 403 Forbidden: <Error><Code>{}</Code></Error>\n\nDebug source:\nPermission {}"
)
FULL = "Generic error: Unable to copy data to file: No space left on device (os error 28)\n\nDebug source:\nGeneric"
BROKEN_OFF = "request or response body error\nCaused by:\n  0: error reading a body from connection\n  1: end of file"


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (PermissionDeniedError(REFUSED.format("ExpiredToken", "{}")), "trouble: ExpiredToken; give valid keys in AWS_"),
        (OSError(REFUSED.format("InvalidAccessKeyId", "{}")), "trouble: InvalidAccessKeyId; give valid keys in AWS_"),
        (DeltaError(REFUSED.format("RequestTimeTooSkewed", "{}")), "RequestTimeTooSkewed; set the clock"),
        (GenericError(FULL), r"No space left on device \(os error 28\); make room on the disk of the lake"),
        (OSError(28, "No space left on device", "x.tar"), "make room on the disk of the lake"),
        (OSError(BROKEN_OFF), "1: end of file; see to the network"),
    ],
)
def test_what_storage_says_is_told_with_its_cure(error: Exception, says: str) -> None:
    with pytest.raises(LakeError, match=says) as told, told_as_trouble():
        raise error
    assert "\n" not in str(told.value)


def test_an_error_that_may_be_anything_stays_what_it_is() -> None:
    with pytest.raises(FileNotFoundError), told_as_trouble():
        raise FileNotFoundError(2, "No such file or directory", "film.mp4")


def test_keys_are_refused_by_some_codes_and_a_row_by_others() -> None:
    assert refuses_keys(PermissionDeniedError(REFUSED.format("ExpiredToken", "{}"))) == "ExpiredToken"
    assert refuses_keys(PermissionDeniedError(REFUSED.format("AccessDenied", "{}"))) is None


def test_an_answer_that_breaks_off_is_asked_for_again_and_nothing_else_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("curate.storage.trouble._PAUSES_S", (0.0, 0.0))

    def work(errors: list[Exception]) -> int:
        if errors:
            raise errors.pop()
        return 1

    twice: list[Exception] = [OSError(BROKEN_OFF), DeltaError(BROKEN_OFF)]
    assert once_more(lambda: work(twice)) == 1
    always: list[Exception] = [OSError(BROKEN_OFF)] * 3
    with pytest.raises(OSError, match="end of file"):
        once_more(lambda: work(always))
    other: list[Exception] = [OSError(BROKEN_OFF), DeltaError("a conflict")]
    with pytest.raises(DeltaError, match="a conflict"):
        once_more(lambda: work(other))
    assert len(other) == 1
