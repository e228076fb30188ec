"""Which objects the role of a worker names."""

from __future__ import annotations

import pytest

from msh.aws.objects import named_objects
from msh.aws.policy import Objects
from msh.catalog import load_catalog
from msh.config import Settings
from msh.diagnostics import MshError
from msh.resolve import resolve
from msh.source import Source
from msh.syntax import parse


def named(text: str, settings: Settings | None = None) -> tuple[Objects, ...]:
    source = Source("a.sh", text)
    catalog = load_catalog(Settings(None), "/", {})
    return named_objects(resolve(parse(source), source, catalog), settings or Settings(None))


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("sort a > b", ()),
        ("sort s3://data/in/a", (Objects("data", "in/a"),)),
        ("sort < s3://data/a", (Objects("data", "a"),)),
        ("sort > s3://data/a", (Objects("data", "a", write=True),)),
        ("sort >> 's3://data/a b'", (Objects("data", "a b", write=True),)),
        ("sort -o s3://data/b s3://data/a", (Objects("data", "a"), Objects("data", "b", write=True))),
        ('cat "s3://data/$day.csv"', (Objects("data", "", prefix=True),)),
        ("cat s3://data/2026-$day.csv", (Objects("data", "2026-", prefix=True),)),
        ('cat "$name"', ()),
    ],
)
def test_names_in_the_text(script: str, expected: tuple[Objects, ...]) -> None:
    assert named(script) == expected


def test_a_bucket_that_is_not_known_has_to_be_granted() -> None:
    script = 'cat "s3://$bucket/x" > "s3://$bucket/y"'
    with pytest.raises(MshError) as caught:
        named(script)
    places = [script[d.labels[0].start : d.labels[0].end] for d in caught.value.diagnostics]
    assert places == ['"s3://$bucket/x"', '> "s3://$bucket/y"']
    assert {d.code for d in caught.value.diagnostics} == {"MSH335"}
    assert named(script, Settings(None, allow_read=("s3://one/in/",), allow_write=("s3://two",))) == (
        Objects("one", "in/", prefix=True),
        Objects("two", "", prefix=True, write=True),
    )
