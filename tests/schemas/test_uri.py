"""What is shown of a URI tells what it is of, and opens nothing."""

import pytest

from schemas.uri import shown_text, shown_uri


@pytest.mark.parametrize(
    ("uri", "shown"),
    [
        ("https://example.org/a%20b.mp4", "https://example.org/a%20b.mp4"),
        ("https://example.org/watch?v=abc&t=10#x", "https://example.org/watch?v=abc&t=10#x"),
        ("http://user:pass@example.org:8080/a.mp4", "http://example.org:8080/a.mp4"),
        ("http://a@b:c@example.org", "http://example.org"),
        ("https://b.example/k.mp4?X-Amz-Credential=AK%2F1&X-Amz-Date=2&X-Amz-Signature=ff",
         "https://b.example/k.mp4?X-Amz-Credential=…&X-Amz-Date=2&X-Amz-Signature=…"),
        ("https://b.example/k.mp4?Key-Pair-Id=K&Policy=P&Signature=S&v=1",
         "https://b.example/k.mp4?Key-Pair-Id=…&Policy=…&Signature=…&v=1"),
        ("https://b.example/k.mp4?sig=x%3D&token", "https://b.example/k.mp4?sig=…&token"),
        ("https://example.org/@someone/v?x=a@b", "https://example.org/@someone/v?x=a@b"),
        ("ftp://user:pass@example.org/a.mp4", "ftp://example.org/a.mp4"),
        ("s3://bucket/k?token=1@2", "s3://bucket/k?token=1@2"),
        ("file:///films/a@b.mp4", "file:///films/a@b.mp4"),
        ("", ""),
    ],
)  # fmt: skip
def test_logins_and_signatures_are_not_shown(uri: str, shown: str) -> None:
    assert shown_uri(uri) == shown


def test_uris_in_a_text_lose_what_opens_a_door() -> None:
    said = "of 'https://ann:pw@a.org/b?token=t&x=1' and s3://key:pw@bucket/c, not a@b: see http://c.org/?q=1"
    assert shown_text(said) == "of 'https://a.org/b?token=…&x=1' and s3://bucket/c, not a@b: see http://c.org/?q=1"
