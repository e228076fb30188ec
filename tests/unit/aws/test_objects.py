"""Which objects the role of a worker allows, and which names in a script are refused beforehand."""

from __future__ import annotations

import pytest

from msh.aws.objects import named_objects
from msh.aws.policy import Objects
from msh.catalog import load_catalog
from msh.config import Settings
from msh.diagnostics import Diagnostic, MshError
from msh.resolve import resolve
from msh.source import Source
from msh.syntax import parse


def allowed(text: str, read: tuple[str, ...] = (), write: tuple[str, ...] = ()) -> tuple[Objects, ...]:
    source = Source("a.sh", text)
    catalog = load_catalog(Settings(None), "/", {})
    settings = Settings(None, allow_read=read, allow_write=write)
    return named_objects(resolve(parse(source), source, catalog), settings)


def refused(text: str, read: tuple[str, ...] = (), write: tuple[str, ...] = ()) -> list[Diagnostic]:
    with pytest.raises(MshError) as caught:
        allowed(text, read, write)
    assert {d.code for d in caught.value.diagnostics} == {"MSH335"}
    return list(caught.value.diagnostics)


def test_a_role_allows_what_was_granted_part_by_part() -> None:
    assert allowed("true") == ()
    assert allowed("true", ("/etc", "s3://one/in")) == (Objects("one", "in"), Objects("one", "in/", prefix=True))
    assert allowed("true", ("s3://one",), ("s3://two/out/",)) == (
        Objects("one", "", prefix=True),
        Objects("two", "out/", prefix=True, write=True),
    )


@pytest.mark.parametrize(
    ("script", "read", "write"),
    [
        ("sort a > b", (), ()),
        ("sort s3://data/in/a", ("s3://data/in",), ()),
        ("sort < s3://data/a", ("s3://data/a",), ()),
        ("sort > s3://data/a", (), ("s3://data",)),
        ("sort s3://data/a", (), ("s3://data",)),
        ("sort -o s3://data/b s3://data/a", ("s3://data/a",), ("s3://data/b",)),
        ('cat "s3://data/$day.csv"', ("s3://data/",), ()),
        ('cat "s3://data/$day.csv"', ("s3://data/2026",), ()),
        ("cat s3://data/2026-$day.csv", ("s3://data",), ()),
        ('cat "s3://$bucket/x"', ("s3://data",), ()),
        ('cat "$name"', (), ()),
    ],
)
def test_what_is_granted_may_be_named(script: str, read: tuple[str, ...], write: tuple[str, ...]) -> None:
    allowed(script, read, write)


@pytest.mark.parametrize(
    ("script", "read", "place", "help_"),
    [
        ("sort s3://data/a", (), "sort s3://data/a", "`--allow-read s3://data/a` would grant it"),
        ("sort s3://database/a", ("s3://data",), "sort s3://database/a", "`--allow-read s3://database/a`"),
        ("sort > s3://data/a", ("s3://data",), "> s3://data/a", "`--allow-write s3://data/a` would grant it"),
        ('cat "s3://data/in/$day.csv"', ("s3://other",), '"s3://data/in/$day.csv"', "`--allow-read s3://data/in`"),
        ('cat "s3://$bucket/x"', (), '"s3://$bucket/x"', "`--allow-read s3://BUCKET` would grant it"),
    ],
)
def test_what_is_not_granted_is_refused(script: str, read: tuple[str, ...], place: str, help_: str) -> None:
    [found] = refused(script, read)
    assert script[found.labels[0].start : found.labels[0].end] == place
    assert help_ in found.help


def test_all_of_them_at_once() -> None:
    assert len(refused('cat "s3://$bucket/x" s3://a/b > "s3://$bucket/y"')) == 3
