"""One spelling, one key."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curate.fetch.uri import local_path, normalise, scheme, source_id


@pytest.mark.parametrize(
    ("uri", "canonical"),
    [
        ("HTTP://Example.ORG:80/a%7Eb/%c3%a9?q=A%2fb#t=3", "http://example.org/a~b/%C3%A9?q=A%2fb"),
        ("https://example.org:443", "https://example.org/"),
        ("https://example.org:8443/a b", "https://example.org:8443/a%20b"),
        ("http://bücher.example/", "http://xn--bcher-kva.example/"),
        ("http://[::1]:80/x", "http://[::1]/x"),
        ("http://example.org/a+b%2Bc%2fd", "http://example.org/a+b%2Bc%2Fd"),
        ("http://example.org:port/", "http://example.org:port/"),
        ("s3://Bucket/Key with #1.mp4", "s3://Bucket/Key with #1.mp4"),
        ("file:///a/./b/../c%20d.mp4", "file:///a/c%20d.mp4"),
        ("file://localhost/a.mp4", "file:///a.mp4"),
        ("/a//b.mp4", "file:///a/b.mp4"),
    ],
)
def test_equal_uris_have_one_spelling(uri: str, canonical: str) -> None:
    assert normalise(uri) == canonical
    assert normalise(canonical) == canonical


def test_a_relative_path_is_below_its_folder() -> None:
    assert normalise("-dash.mp4", Path("/lists")) == "file:///lists/-dash.mp4"
    assert normalise("x.mp4") == f"file://{Path.cwd()}/x.mp4"


@given(st.binary(min_size=1).filter(lambda name: not set(name) & {0, 0x2F} and name not in (b".", b"..")))
def test_any_file_name_survives_the_way_to_a_uri_and_back(name: bytes) -> None:
    path = Path(os.fsdecode(b"/folder/" + name))
    uri = normalise(str(path))
    assert uri.isascii()
    assert normalise(uri) == uri
    assert local_path(uri) == path


def test_a_key_is_a_hash_of_the_spelling() -> None:
    assert source_id("file:///a") == "49f9160320a550b553674d8f187473b19e1860dc993baa6b556069a4c195c652"
    assert source_id("file:///a") != source_id("file:///b")


def test_a_windows_like_or_plain_name_has_no_scheme() -> None:
    assert [scheme(name) for name in ("a:b.mp4", "x.mp4", "S3://b/k", "-http://x")] == [None, None, "s3", None]
