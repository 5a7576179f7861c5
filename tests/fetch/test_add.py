"""What a person names becomes sources."""

from collections import Counter
from pathlib import Path

import pytest

from curate.errors import UsageError
from curate.fetch.add import Adding, sources_from
from curate.fetch.uri import source_id
from schemas.media import Source
from tests.fetch.servers import s3

NOW = Adding(added_us=7, licence="CC0-1.0")


def added(where: Path | str) -> list[Source]:
    return list(sources_from(str(where), NOW))


def touch(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()


def test_a_file_is_a_source_whatever_its_extension(tmp_path: Path) -> None:
    touch(tmp_path, "a.xyz")
    assert added(tmp_path / "a.xyz") == [
        Source(
            source_id(f"file://{tmp_path}/a.xyz"),
            f"file://{tmp_path}/a.xyz",
            "CC0-1.0",
            None,
            None,
            None,
            False,
            7,
            root=str(tmp_path),
        )
    ]


def test_a_folder_gives_its_media_at_any_depth_in_order(tmp_path: Path) -> None:
    touch(tmp_path, "b/2.MKV", "b/1.jpg", "a.mp4", "-dash.mp4", "c/name with é中 #1.mp4", "plain")
    touch(tmp_path, ".hidden.mp4", ".git/x.mp4", "notes.txt", "sub/list.csv")
    (tmp_path / "broken.mp4").symlink_to(tmp_path / "nowhere")
    skipped: Counter[str] = Counter()
    sources = list(sources_from(str(tmp_path), NOW, lambda _, reason: skipped.update([reason])))
    names = [source.uri.removeprefix(f"file://{tmp_path}/") for source in sources]
    assert names == ["-dash.mp4", "a.mp4", "b/1.jpg", "b/2.MKV", "c/name%20with%20%C3%A9%E4%B8%AD%20%231.mp4", "plain"]
    assert skipped == {
        "hidden": 2, "no media extension (.txt)": 1, "no media extension (.csv)": 1, "not a regular file": 1,
    }  # fmt: skip


@pytest.mark.golden
def test_the_cabinet_is_added_whole(media: Path) -> None:
    folder = media / "nasty"
    assert len(added(folder)) == len(list(folder.iterdir()))


def test_a_url_is_a_source(tmp_path: Path) -> None:
    assert [source.uri for source in added("HTTPS://Example.org:443/a.mp4#x")] == ["https://example.org/a.mp4"]


def test_a_path_that_is_not_there_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"no such file or folder: .*/none"):
        added(tmp_path / "none")


def test_a_text_list_gives_a_source_a_line(tmp_path: Path) -> None:
    (tmp_path / "list.txt").write_text("# comment\nhttps://example.org/a.mp4\n\nsub/b c.mp4\ns3://bucket/k\n")
    assert [source.uri for source in added(tmp_path / "list.txt")] == [
        "https://example.org/a.mp4", f"file://{tmp_path}/sub/b%20c.mp4", "s3://bucket/k",
    ]  # fmt: skip


def test_a_bucket_is_listed_below_a_prefix() -> None:
    with s3(
        {"film/b.mp4": b"", "film/a.mkv": b"", "film/x/.tmp.mp4": b"", "film/notes.txt": b"", "other.mp4": b""}
    ) as options:
        adding = Adding(added_us=7, storage_options=options)
        skipped: list[tuple[str, str]] = []
        found = sources_from("s3://bucket/film/", adding, lambda name, why: skipped.append((name, why)))
        assert [source.uri for source in found] == ["s3://bucket/film/a.mkv", "s3://bucket/film/b.mp4"]
    assert skipped == [("film/notes.txt", "no media extension (.txt)"), ("film/x/.tmp.mp4", "hidden")]


def test_no_key_of_a_bucket_keeps_the_others_out() -> None:
    """Keys are any bytes: those that are no paths are sources too, and `fetch` says what becomes of them."""
    odd = ["odd/../x.mp4", "odd/./y.mp4", "odd//z.mp4", "odd/a b#?%20.mp4", "odd/\u00e9.mp4"]
    with s3({key: b"" for key in [*odd, "odd/", "odd/sub/", "oddly.mp4"]}) as options:
        found = list(sources_from("s3://bucket/odd", Adding(added_us=7, storage_options=options)))
    assert [source.uri for source in found] == [f"s3://bucket/{key}" for key in sorted(odd)]


@pytest.mark.parametrize("where", ["s3://bucket/secret/", "s3://no bucket/x/"])
def test_a_bucket_that_cannot_be_listed_is_named_with_the_cure(where: str) -> None:
    with s3({}) as options, pytest.raises(UsageError, match=r"cannot be listed.*AWS_ENDPOINT_URL") as found:
        list(sources_from(where, Adding(added_us=7, storage_options=options)))
    assert "\n" not in str(found.value)


def test_one_object_of_a_bucket_needs_no_listing() -> None:
    assert [source.uri for source in added("s3://bucket/a.mp4")] == ["s3://bucket/a.mp4"]
