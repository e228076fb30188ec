"""Hosts: one spelling for each, and what is none."""

from __future__ import annotations

import pytest

from msh.hosts import Range, host_in_url, is_plain, read_host, read_proxy, split_host


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Example.org", "example.org"),
        ("example.org.", "example.org"),
        ("example.org:443", "example.org:443"),
        ("*.Example.org:1", "*.example.org:1"),
        ("127.0.0.1:65535", "127.0.0.1:65535"),
        ("::1", "::1"),
        ("0:0::1", "::1"),
        ("[::1]", "::1"),
        ("[::1]:80", "[::1]:80"),
        ("::FFFF:10.0.0.1", "10.0.0.1"),
        ("10.0.0.0/8", "10.0.0.0/8"),
        ("10.0.0.0/8:443", "10.0.0.0/8:443"),
        ("fd00::/8", "fd00::/8"),
        ("[fd00::/8]:443", "[fd00::/8]:443"),
        ("0.0.0.0/0", "0.0.0.0/0"),
    ],
)
def test_spelling(text: str, expected: str) -> None:
    assert read_host(text) == expected
    assert read_host(expected) == expected


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "a name"),
        ("*", "a name"),
        ("*.", "a name"),
        ("a.*.b", "a name"),
        ("a b", "a name"),
        ("a/b", "a range"),
        ("http://a", "not a URL"),
        ("user@a", "a name"),
        ("a..b", "a name"),
        ("bücher.example", "xn--"),
        ("127.1", "in full"),
        ("0x7f.1", "in full"),
        ("010.0.0.1", "in full"),
        ("2130706433", "in full"),
        ("256.0.0.1", "in full"),
        ("1.2.3.4.5", "in full"),
        ("a:", "port"),
        ("a:0", "port"),
        ("a:65536", "port"),
        ("a:b", "port"),
        ("a:٣", "port"),
        ("[::1]x", "port"),
        ("[::1", "port"),
        ("::1%lo", "a name"),
        ("10.0.0.1/8", "more than 8 bits"),
        ("10.0.0.0/33", "a range"),
        ("10.0.0.0/", "a range"),
        ("example.org/8", "a range"),
    ],
)
def test_none(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        read_host(text)


def test_ranges() -> None:
    assert "10.255.0.1" in Range("10.0.0.0/8")
    assert "11.0.0.0" not in Range("10.0.0.0/8")
    assert "::ffff:10.0.0.1" in Range("10.0.0.0/8")
    assert "fdff::1" in Range("fd00::/8")
    assert "10.0.0.1" not in Range("::/0")
    assert "example.org" not in Range("0.0.0.0/0")
    assert "1.2.3.4" in Range("1.2.3.4/32")


def test_in_urls() -> None:
    assert [host_in_url(text) for text in ("[::1]", "A.b", "127.0.0.1")] == ["::1", "a.b", "127.0.0.1"]
    assert {host_in_url(text) for text in ("", "::1", "[]", "[a]", "[127.0.0.1]", "127.1", "a:1", "[::1%1]")} == {""}


def test_proxies() -> None:
    assert read_proxy("http://a:1/") == "http://a:1"
    assert split_host(read_proxy("socks5://[::1]:1080").partition("://")[2]) == ("::1", 1080)
    for text in ("", "a:1", "http://a", "https://a:1", "http://*.a:1", "http://10.0.0.0/8:1", "socks4://a:1"):
        with pytest.raises(ValueError, match="socks5"):
            read_proxy(text)


@pytest.mark.parametrize("name", ["example.org", "a", "_x.a-b.c9", "xn--bcher-kva.example"])
def test_plain_names(name: str) -> None:
    assert is_plain(name)


@pytest.mark.parametrize(
    "name", ["", "a b", "a\r\nb", "a..b", ".a", "a.", "a:1", "a@b", "0x7f.0x1", "127.1", "2130706433", "ä", "a" * 254]
)
def test_names_that_are_not_plain(name: str) -> None:
    assert not is_plain(name)
