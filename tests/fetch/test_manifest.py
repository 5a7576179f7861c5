"""Manifests of every kind become sources, a row at a time; what cannot be used is told and costs nothing else."""

import gzip
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from deltalake import write_deltalake

from curate.errors import UsageError
from curate.fetch.add import Adding, sources_from
from schemas.media import Source
from tests.fetch.servers import s3, web

ROWS: list[dict[str, object]] = [
    {
        "url": "https://example.org/1.mp4",
        "license": "MIT",
        "title": "One",
        "caption": "A cat.",
        "lang": "en",
        "views": 3,
    },
    {"url": "https://example.org/2.mp4", "license": None, "title": None, "caption": None, "lang": None, "views": None},
]
NAMES = list(ROWS[0])


def csv_of(rows: list[dict[str, object]], mark: str = ",") -> bytes:
    lines = [NAMES, *(["" if value is None else str(value) for value in row.values()] for row in rows)]
    return "".join(mark.join(line) + "\r\n" for line in lines).encode()


def jsonl_of(rows: list[dict[str, object]]) -> bytes:
    return "".join(json.dumps(row) + "\n" for row in rows).encode()


def zstd(data: bytes) -> bytes:
    packed: bytes = pa.Codec("zstd").compress(data, asbytes=True)
    return packed


def parquet_of(rows: list[dict[str, object]]) -> bytes:
    sink = pa.BufferOutputStream()
    pq.write_table(pa.Table.from_pylist(rows), sink)
    return sink.getvalue().to_pybytes()


KINDS: dict[str, Callable[[], bytes]] = {
    "a.csv": lambda: csv_of(ROWS),
    "b.csv.gz": lambda: gzip.compress(csv_of(ROWS)[:60]) + gzip.compress(csv_of(ROWS)[60:]),  # two members
    "c.csv.zst": lambda: zstd(csv_of(ROWS)),
    "d.tsv": lambda: csv_of(ROWS, "\t"),
    "e.CSV": lambda: b"\xef\xbb\xbf" + csv_of(ROWS),
    "f.csv": lambda: csv_of(ROWS).decode().encode("utf-16"),
    "g.jsonl": lambda: jsonl_of(ROWS),
    "h.jsonl.gz": lambda: gzip.compress(jsonl_of(ROWS)),
    "i.ndjson.zst": lambda: zstd(jsonl_of(ROWS)),
    "j.parquet": lambda: parquet_of(ROWS),
}


class Skips(list[tuple[str, str]]):
    def __call__(self, name: str, reason: str) -> None:
        self.append((name, reason))

    @property
    def reasons(self) -> list[str]:
        return [reason for _, reason in self]


def added(where: Path | str, skips: Skips | None = None, adding: Adding = Adding(7)) -> list[Source]:  # noqa: B008
    return list(sources_from(str(where), adding, skips if skips is not None else Skips()))


def put(path: Path, data: bytes | str) -> Path:
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return path


def same(first: Source, second: Source, typed: bool) -> None:
    assert (first.uri, first.licence, first.title) == ("https://example.org/1.mp4", "MIT", "One")
    assert (first.description, first.language) == ("A cat.", "en")
    assert json.loads(first.hints or "") == {"views": 3 if typed else "3"}
    assert second == Source(second.source_id, "https://example.org/2.mp4", None, None, None, None, False, 7)


@pytest.mark.parametrize("name", KINDS)
def test_every_kind_fills_the_fields_and_keeps_the_rest_as_hints(tmp_path: Path, name: str) -> None:
    first, second = added(put(tmp_path / name, KINDS[name]()))
    same(first, second, typed="jsonl" in name or "ndjson" in name or "parquet" in name)


@pytest.mark.parametrize("name", ["a.csv", "h.jsonl.gz", "j.parquet"])
def test_a_manifest_is_read_from_the_web_and_from_a_bucket(name: str) -> None:
    typed = name != "a.csv"
    with web({f"/lists/{name}": KINDS[name]()}) as address:
        same(*added(f"{address}/lists/{name}?signed=1"), typed=typed)
    with s3({f"lists/{name}": KINDS[name]()}) as options:
        same(*added(f"s3://bucket/lists/{name}", adding=Adding(7, storage_options=options)), typed=typed)


def test_a_delta_table_is_a_manifest(tmp_path: Path) -> None:
    where = tmp_path / "table"
    for row in reversed(ROWS):
        table = pa.Table.from_pylist([row], pa.Table.from_pylist(ROWS).schema)
        write_deltalake(str(where), table.append_column("part", [["x"]]), mode="append", partition_by=["part"])
    one, two = sorted(added(where), key=lambda source: source.uri)
    assert (one.licence, json.loads(one.hints or "")) == ("MIT", {"views": 3, "part": "x"})
    assert json.loads(two.hints or "") == {"part": "x"}


@pytest.mark.parametrize(
    ("name", "data", "uris", "reasons"),
    [
        ("a.csv", "title,url\na,\nb,http://x/1\n", 1, ["no URL"]),
        ("a.csv", 'url,title\nhttp://x/1,"a\nb"\nhttp://x/2,"a" b\nhttp://x/3,c\n', 2, ["',' expected after '\"'"]),
        ("a.csv", "url,title\nhttp://x/1,a,b\nhttp://x/2\n\nhttp://x/3,c\n", 2, 
         ["more cells than the header has names"]),
        ("a.csv", b"url,title\nhttp://x/1,\xff\nhttp://x/2,\xc3\xa9\n", 1, ["text that is not UTF-8"]),
        ("a.csv", 'url,title\nhttp://x/1,a\nhttp://x/2,"never closed\nhttp://x/3,b\n', 1, ["unexpected end of data"]),
        ("a.csv", b"url,title\nhttp://x/1\0,a\nhttp://x/2,b\0c\n", 1, ["a URL with a zero byte"]),
        ("a.jsonl", '{nope\n[1]\n\n{"url": "http://x/1"}\n', 1,
         ["not JSON: Expecting property name enclosed in double quotes", "not a JSON object"]),
        ("a.jsonl", '{"url": "http://x/\\ud800"}\n{"url": "http://x/1", "t": "\\udfff"}\n{"url": "http://x/2"}\n', 1,
         ["text that is not UTF-8", "text that is not UTF-8"]),
        ("a.jsonl", '{"url": ["http://x/1"]}\n{"url": null}\n{"url": 7, "path": "http://x/2"}\n{"uri": "s3://b"}\n',
         2, ["no URL", "no URL"]),
        ("a.jsonl", '{"url": "http://x/1", "t": ' + "[" * 100_000 + "]" * 100_000 + '}\n{"url": "http://x/2"}\n', 1,
         ["not JSON: nested too deep"]),
        ("a.jsonl", '{"url": "http://x/1", "t": ' + "9" * 5000 + '}\n{"url": "http://x/2"}\n', 1,
         ["not JSON: a number of thousands of digits"]),
        ("a.txt", "# comment\r\nhttp://x/1\r\n\r\n http://x/2 \r\nhttp://x/" + "y" * 70_000, 2,
         ["a URL of more than 65536 characters"]),
    ],
)  # fmt: skip
def test_a_row_that_cannot_be_used_is_told_and_costs_nothing_else(
    tmp_path: Path, name: str, data: bytes | str, uris: int, reasons: list[str]
) -> None:
    skips = Skips()
    assert len(added(put(tmp_path / name, data), skips)) == uris
    assert skips.reasons == reasons
    assert all(f"{tmp_path}/{name}, line " in place for place, _ in skips)
    with pytest.raises(UsageError, match=r"line \d+: "):
        added(tmp_path / name, adding=Adding(7, strict=True))


def test_the_rows_of_a_table_are_numbered(tmp_path: Path) -> None:
    skips = Skips()
    added(put(tmp_path / "a.parquet", parquet_of([ROWS[0], {**ROWS[0], "url": None}, ROWS[1]])), skips)
    assert skips == [(f"{tmp_path}/a.parquet, row 2", "no URL")]


def test_one_value_that_cannot_be_read_does_not_spoil_its_batch(tmp_path: Path) -> None:
    urls = pa.array([b"http://x/1", b"http://x/\xff", b"http://x/3"], pa.binary())
    text = pa.StringArray.from_buffers(3, *urls.buffers()[1:])
    pq.write_table(pa.table({"url": text}), tmp_path / "a.parquet")
    skips = Skips()
    assert [source.uri for source in added(tmp_path / "a.parquet", skips)] == ["http://x/1", "http://x/3"]
    assert skips == [(f"{tmp_path}/a.parquet, row 2", "a value cannot be read: UnicodeDecodeError")]


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("a.csv", "name,size\nx,1\n", "no column of URLs.*its columns are: name, size.*--column url=NAME"),
        ("a.parquet", b"not Parquet", "a.parquet cannot be read as Parquet"),
        ("a.csv.gz", b"\x1f\x8bnot gzip", "a.csv.gz cannot be read"),
        ("a.jsonl", '[{"url": "http://x/"}]\n', "no row that can be used as jsonl .not a JSON object"),
        ("a.jsonl", '{"href": 1}\n', "no URL.*its columns are: href"),
        ("a.csv", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR,\n1,2,3\n", "no row that can be used"),
    ],
)
def test_a_manifest_that_is_none_is_refused(tmp_path: Path, name: str, data: bytes | str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        added(put(tmp_path / name, data))


def test_a_table_without_a_column_of_urls_is_refused_at_its_first_row(tmp_path: Path) -> None:
    skips = Skips()
    with pytest.raises(UsageError, match="its columns are: name"):
        added(put(tmp_path / "a.parquet", parquet_of([{"name": "x"}] * 5)), skips)
    assert not skips


def test_hints_keep_what_types_they_can(tmp_path: Path) -> None:
    row = {
        "url": "http://x/1", "n": 3, "f": 0.5, "yes": True, "none": None, "nan": float("nan"), "bytes": b"\xff\0",
        "list": [1, None, 2], "nested": {"a": {"b": "é"}, "c": [float("nan")]},
        "when": datetime(2026, 1, 2, tzinfo=UTC),
    }  # fmt: skip
    (source,) = added(put(tmp_path / "a.parquet", parquet_of([row])))
    assert json.loads(source.hints or "") == {
        "n": 3, "f": 0.5, "yes": True, "bytes": "/wA=", "list": [1, None, 2],
        "nested": {"a": {"b": "é"}, "c": [None]}, "when": "2026-01-02T00:00:00+00:00",
    }  # fmt: skip


def test_hints_of_another_lake_stay_hints(tmp_path: Path) -> None:
    (source,) = added(put(tmp_path / "a.jsonl", '{"uri": "http://x/1", "hints": "{\\"views\\": 3}", "more": 1}\n'))
    assert source.hints == '{"more": 1, "views": 3}'


def test_hints_that_cannot_be_read_stay_text(tmp_path: Path) -> None:
    hints = '{"n": ' + "9" * 5000 + "}"
    (source,) = added(put(tmp_path / "a.jsonl", json.dumps({"url": "http://x/1", "hints": hints})))
    assert json.loads(source.hints or "") == {"hints": hints}


def test_a_cell_of_ten_megabytes_is_kept_whole(tmp_path: Path) -> None:
    (source,) = added(put(tmp_path / "a.csv", "url,description,note\nhttp://x/1," + "x" * 10_000_000 + ",y\n"))
    assert source.description == "x" * 10_000_000
    with pytest.raises(UsageError, match="a line of more than"):
        added(put(tmp_path / "b.csv", "url\n" + "x" * 70_000_000))


def test_columns_of_one_name_are_told_apart(tmp_path: Path) -> None:
    (one,) = added(put(tmp_path / "a.csv", "url,title,title,URI\nhttp://x/1,a,b,http://x/2\n"))
    assert (one.uri, one.title, json.loads(one.hints or "")) == (
        "http://x/1", "a", {"title.2": "b", "URI": "http://x/2"},
    )  # fmt: skip
    table = pa.table([["http://x/1"], ["a"], ["b"]], names=["url", "title", "title"])
    pq.write_table(table, tmp_path / "a.parquet")
    (one,) = added(tmp_path / "a.parquet")
    assert (one.title, one.hints) == ("a", '{"title.2": "b"}')


def test_columns_are_named_by_whoever_adds_them(tmp_path: Path) -> None:
    adding = Adding(7, columns={"uri": "link", "title": "Name"})
    (one,) = added(put(tmp_path / "a.csv", "url,link,Name,title\nhttp://x/1,http://x/2,a,b\n"), adding=adding)
    assert (one.uri, one.title) == ("http://x/2", "a")
    assert json.loads(one.hints or "") == {"url": "http://x/1", "title": "b"}


def test_what_is_said_of_all_holds_where_the_manifest_says_nothing(tmp_path: Path) -> None:
    adding = Adding(7, licence="CC0-1.0", provenance="archive", language="de", evaluation="bench")
    one, two = added(put(tmp_path / "a.csv", csv_of(ROWS)), adding=adding)
    assert (one.licence, one.language, two.licence, two.language) == ("MIT", "en", "CC0-1.0", "de")
    assert {(s.provenance, s.evaluation) for s in (one, two)} == {("archive", "bench")}


def test_a_manifest_by_another_name_is_forced(tmp_path: Path) -> None:
    put(tmp_path / "list", csv_of(ROWS))
    assert [source.uri for source in added(tmp_path / "list")] == [f"file://{tmp_path}/list"]
    assert len(added(tmp_path / "list", adding=Adding(7, manifest="csv"))) == 2
    with pytest.raises(UsageError, match="a manifest is one of txt, csv"):
        Adding(7, manifest="xls")


def test_paths_of_a_local_manifest_are_below_its_folder(tmp_path: Path) -> None:
    (tmp_path / "lists").mkdir()
    sources = added(put(tmp_path / "lists/a.txt", "sub/b c.mp4\n../out.mp4\n/etc/x.mp4\nfile:///y.mp4\nhttp://x/1\n"))
    assert [(source.uri, source.root) for source in sources] == [
        (f"file://{tmp_path}/lists/sub/b%20c.mp4", f"{tmp_path}/lists"),
        (f"file://{tmp_path}/out.mp4", f"{tmp_path}/lists"),  # kept: its fetch is forbidden
        ("file:///etc/x.mp4", f"{tmp_path}/lists"),
        ("file:///y.mp4", f"{tmp_path}/lists"),
        ("http://x/1", None),
    ]


def test_a_manifest_from_elsewhere_names_no_file_of_this_machine(tmp_path: Path) -> None:
    (tmp_path / "away").symlink_to("/etc")
    text = f"/etc/passwd\nfile:///etc/passwd\n{tmp_path}/a.mp4\n{tmp_path}/../x\n{tmp_path}/away/passwd\n"
    text += f"file://{tmp_path}/%00\nsub/a b.mp4\n"
    for roots, local in (((), []), ((str(tmp_path),), [(f"file://{tmp_path}/a.mp4", None)])):
        skips = Skips()
        with web({"/lists/a.txt": text.encode()}) as address:
            found = added(f"{address}/lists/a.txt", skips, Adding(7, roots=roots))
        assert [(s.uri, s.root) for s in found] == [*local, (f"{address}/lists/sub/a%20b.mp4", None)]
        assert len(skips) == 6 - len(local)
        assert {reason.partition(",")[0] for reason in skips.reasons} == {
            "a file of this machine",
            "a path with a zero byte",
        }


def test_paths_of_a_manifest_in_a_bucket_are_keys_beside_it() -> None:
    with s3({"lists/a.txt": b"sub/b.mp4\n../c.mp4\n../../d.mp4\n"}) as options:
        skips = Skips()
        found = added("s3://bucket/lists/a.txt", skips, Adding(7, storage_options=options))
    assert [source.uri for source in found] == ["s3://bucket/lists/sub/b.mp4", "s3://bucket/c.mp4"]
    assert skips.reasons == ["a path that leads out of the bucket of its list"]


def test_a_manifest_that_does_not_come_is_a_usage_error() -> None:
    with web({}) as address, pytest.raises(UsageError, match="404"):
        added(f"{address}/a.csv")
    with s3({}) as options, pytest.raises(UsageError, match=r"s3://bucket/a.csv cannot be read"):
        added("s3://bucket/a.csv", adding=Adding(7, storage_options=options))
