"""Settings: what wins over what, and what is refused."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from msh.config import SETTINGS, Given, Settings, load_settings, user_file
from msh.diagnostics import MshError

if TYPE_CHECKING:
    from pathlib import Path

BY_NAME = {setting.name: setting for setting in SETTINGS}


def load(directory: Path, flags: dict[str, str] | None = None, file: str = "", **variables: str) -> Settings:
    (directory / "msh").mkdir(exist_ok=True)
    if file:
        (directory / "msh/config.toml").write_text(file)
    given = [Given(BY_NAME[name], text, f"--{name}") for name, text in (flags or {}).items()]
    return load_settings(given, {"XDG_CONFIG_HOME": str(directory), **variables}, str(directory))


def refusal(directory: Path, flags: dict[str, str] | None = None, file: str = "", **variables: str) -> tuple[str, str]:
    with pytest.raises(MshError) as caught:
        load(directory, flags, file, **variables)
    (diagnostic,) = caught.value.diagnostics
    return diagnostic.code, f"{diagnostic.message}; {diagnostic.help}"


def test_built_in(tmp_path: Path) -> None:
    assert load(tmp_path) == Settings(workspace=str(tmp_path))


def test_flags_win_over_variables_and_these_over_the_file(tmp_path: Path) -> None:
    file = "timeout = 1\nbackend = 'docker'\nnet = 'host'\n"
    settings = load(tmp_path, {"timeout": "3"}, file, MSH_TIMEOUT="2", MSH_BACKEND="bubblewrap")
    assert (settings.timeout, settings.backend, settings.allow_network) == (3.0, "bubblewrap", True)
    assert load(tmp_path, {}, MSH_NET="none").allow_network is False


def test_lists_add_up(tmp_path: Path) -> None:
    settings = load(tmp_path, {"allow_read": "flag"}, "allow_read = ['/file', '~/home']\n", MSH_ALLOW_READ="/a:b")
    home = os.path.expanduser("~/home")
    assert settings.allow_read == ("/file", home, "/a", f"{tmp_path}/b", f"{tmp_path}/flag")


def test_no_workspace(tmp_path: Path) -> None:
    assert load(tmp_path, {"workspace": "none"}).workspace is None
    (tmp_path / "sub").mkdir()
    (tmp_path / "link").symlink_to("sub")
    assert load(tmp_path, {"workspace": "link"}).workspace == str(tmp_path / "sub")


@pytest.mark.parametrize(
    ("text", "seconds"), [("10", 10.0), ("1.5", 1.5), ("10s", 10.0), ("2m", 120.0), ("1h", 3600.0)]
)
def test_seconds(tmp_path: Path, text: str, seconds: float) -> None:
    assert load(tmp_path, {"timeout": text}).timeout == seconds


@pytest.mark.parametrize("text", ["0", "-1", "x", "1.2.3", "nan", "inf", "", "s", "1e3", "٣"])
def test_not_seconds(tmp_path: Path, text: str) -> None:
    assert refusal(tmp_path, {"timeout": text})[0] == "MSH461"


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        ({"workspace": "missing"}, "`--workspace` is `missing`: expected a directory, or `none`"),
        ({"backend": "dokcer"}, "expected one of `bubblewrap`, `native`, `docker`"),
        ({"allow_env": "A=b"}, "expected the name of a variable"),
        ({"trust": "maybe"}, "expected `true` or `false`"),
        ({"allow_net": "a b"}, "expected `HOST` or `HOST:PORT`"),
        ({"deny_net": "a:99999"}, "expected `HOST` or `HOST:PORT`"),
        ({"proxy": "ftp://a:1"}, "expected `http://HOST:PORT` or `socks5://HOST:PORT`"),
        ({"proxy": "http://a"}, "expected `http://HOST:PORT` or `socks5://HOST:PORT`"),
        ({"proxy": "socks5://a\r\nb:1"}, "expected `http://HOST:PORT`"),
        ({"proxy": "http://a:1/path"}, "expected `http://HOST:PORT` or `socks5://HOST:PORT`"),
        ({"proxy": "http://a:1", "net": "host"}, "`--net host` leads past every proxy"),
    ],
)
def test_wrong_flags(tmp_path: Path, flags: dict[str, str], words: str) -> None:
    code, text = refusal(tmp_path, flags)
    assert code == "MSH461"
    assert words in text


@pytest.mark.parametrize(
    ("file", "words"),
    [
        pytest.param("timout = 3\n", "`timout` is not a setting; did you mean `timeout`?", id="unknown"),
        pytest.param("allow_read = '/x'\n", "expected a list of paths for `allow_read`", id="not a list"),
        pytest.param("allow_read = ['x']\n", "`x` is a relative path", id="relative path"),
        pytest.param(
            "timeout = [3]\n", "expected a number of seconds or a text such as '2m' for `timeout`", id="not seconds"
        ),
        pytest.param("trust = true\n", "`trust` is not a setting", id="trust for good"),
        pytest.param("timeout = \n", "not TOML", id="not TOML"),
    ],
)
def test_wrong_files(tmp_path: Path, file: str, words: str) -> None:
    code, text = refusal(tmp_path, file=file)
    assert code == "MSH467"
    assert words in text


def test_the_place_in_the_file_is_shown(tmp_path: Path) -> None:
    with pytest.raises(MshError) as caught:
        load(tmp_path, file="backend = 'docker'\n\ntimeout = \n")
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.source is not None
    assert diagnostic.source.position(diagnostic.labels[0].start) == (3, 11)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_a_file_of_somebody_else_does_not_count(tmp_path: Path) -> None:
    load(tmp_path, file="net = 'host'\n")
    os.chown(tmp_path / "msh/config.toml", 12345, 12345)
    assert "belongs to another user" in refusal(tmp_path)[1]


def test_where_the_users_file_is() -> None:
    assert user_file({"HOME": "/home/me"}) == "/home/me/.config/msh/config.toml"
    assert user_file({"HOME": "/home/me", "XDG_CONFIG_HOME": "/x"}) == "/x/msh/config.toml"
    assert user_file({"HOME": "/home/me", "XDG_CONFIG_HOME": "x"}) == "/home/me/.config/msh/config.toml"
    assert user_file({"HOME": ""}) is None


def test_limits_are_merged_by_name(tmp_path: Path) -> None:
    file = "[limit]\nmemory = '1g'\npids = 64\ncpu = 10\n"
    settings = load(tmp_path, {"limit": "memory=512m"}, file, MSH_LIMIT="pids=none,files=32")
    assert settings.limits == (("cpu", 10.0), ("files", 32), ("memory", 512 << 20))
    assert load(tmp_path, {}, "limit = 'memory=8m'\n").limits == (("memory", 8 << 20),)


def test_a_limit_of_time_is_the_timeout(tmp_path: Path) -> None:
    settings = load(tmp_path, {"limit": "time=2m"})
    assert (settings.timeout, settings.limits) == (120.0, ())
    code, words = refusal(tmp_path, {"limit": "time=2m", "timeout": "10"})
    assert (code, words) == (
        "MSH461",
        "`--timeout` is 10.0 s, and `--limit time` is 120.0 s; they mean the same: give one of them",
    )


@pytest.mark.parametrize(
    ("flags", "file", "words"),
    [
        ({"limit": "memory=lots"}, "", "`--limit` is `memory=lots`: `memory=lots`: expected a number of bytes"),
        ({"limit": "x=1"}, "", "`x` is not a limit"),
        ({}, "limit = true\n", "expected `NAME=VALUE`"),
        ({}, "[limit]\nmemory = [1]\n", "`memory=None`: expected a number of bytes"),
        ({"allow_weaker": "memory,everything"}, "", "`everything` is not a limit"),
    ],
)
def test_wrong_limits(tmp_path: Path, flags: dict[str, str], file: str, words: str) -> None:
    code, text = refusal(tmp_path, flags, file)
    assert code == "MSH461"
    assert words in text


def test_what_may_be_weaker(tmp_path: Path) -> None:
    settings = load(tmp_path, {"allow_weaker": "memory,cpu"}, "allow_weaker = ['pids']\n")
    assert settings.allow_weaker == ("pids", "memory", "cpu")


def test_a_proxy(tmp_path: Path) -> None:
    assert load(tmp_path, MSH_PROXY="socks5://[::1]:1080/").proxy == "socks5://[::1]:1080"
    assert load(tmp_path, file="proxy = 'http://proxy.example:3128'\n").proxy == "http://proxy.example:3128"


def test_a_proxys_password_is_not_shown(tmp_path: Path) -> None:
    code, text = refusal(tmp_path, {"proxy": "http://me:hunter2@a:1"})
    assert (code, "hunter2" in text) == ("MSH461", False)
