"""Settings of a run, from flags, `MSH_*`, the user's file and built-in values, in that order.

A setting that is a list adds up over these; of the others the first in that order counts. A project's `msh.toml` holds
commands only: what a script's author wrote never decides what the script may do. `config.toml` is read only
when it exists, so that most runs import no parser for it.
"""

from __future__ import annotations

import os

from msh.diagnostics import Diagnostic, MshError
from msh.record import Record

TYPE_CHECKING = False  # as `typing` has it, without importing that
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping


OBJECTS = "s3://"  # how the name of an object of a bucket begins, where a path can stand


class Settings(Record):
    """What the user decided about one run.

    `workspace` is an absolute directory in which naming a file grants it, or None. Paths in `allow_*` are absolute or
    relative to the directory msh was started in.
    """

    workspace: str | None
    allow_read: tuple[str, ...] = ()
    allow_write: tuple[str, ...] = ()
    deny_read: tuple[str, ...] = ()  # as `allow_*`; what is denied is denied, whatever else grants it
    deny_write: tuple[str, ...] = ()
    policy: str = ""  # a file with answers of a run before
    record_policy: str = ""  # where this run's answers are written
    audit: str = ""  # where every grant, question and answer is written
    network: str = ""  # of steps: none, ask, host; empty: those that need one ask, when somebody or a rule can answer
    allow_hosts: tuple[str, ...] = ()  # HOST or HOST:PORT
    deny_hosts: tuple[str, ...] = ()
    proxy: str = ""  # http://HOST:PORT or socks5://…: connections of steps go through it, and nowhere else
    prompt: str = "auto"  # who is asked for what was not granted: auto, tty, stdin, no; `settled`: terminal
    allow_environment: tuple[str, ...] = ()  # names of inherited variables that steps may see
    catalogs: tuple[str, ...] = ()  # files, later wins
    backend: str = "bubblewrap"
    endpoint_url: str = ""  # of the service that has the objects named by `s3://…`; empty: Amazon's
    timeout: float | None = None  # seconds for the whole run
    limits: tuple[tuple[str, float], ...] = ()  # of the run as a whole: names of `msh.limits.KINDS`, in their units
    allow_weaker: tuple[str, ...] = ()  # limits and `PARTS` that may hold less than they say
    errors: str = "auto"  # how errors of a running script look: plain (bash's line), full (with the place), auto
    trace: bool = False  # `set -x` also says in what each step runs
    trust: bool = False  # project files count without `msh trust`
    dry_run: bool = False  # what is written is held back (`msh try`)
    options: tuple[str, ...] = ()  # shell options that are on: errexit, pipefail …; with a `+`, those that are off

    @property
    def allow_network(self) -> bool:
        """Whether steps that need a network have the host's."""
        return self.network == "host"


class Setting(Record):
    """One of them: `name` is its key in `config.toml`, and `MSH_NAME` its variable.

    `kind` says how its text is read: directory (or `none`), paths, names and weaker (lists), limits (the strongest word
    for each), flag, choice, proxy, seconds.
    """

    name: str
    field: str  # of `Settings`
    kind: str
    choices: tuple[str, ...] = ()
    in_file: bool = True


SETTINGS = (
    Setting("workspace", "workspace", "directory"),
    Setting("allow_read", "allow_read", "paths"),
    Setting("allow_write", "allow_write", "paths"),
    Setting("deny_read", "deny_read", "paths"),
    Setting("deny_write", "deny_write", "paths"),
    Setting("policy", "policy", "file"),
    Setting("record_policy", "record_policy", "file", in_file=False),
    Setting("audit", "audit", "file"),
    Setting("net", "network", "choice", ("none", "ask", "host")),
    Setting("allow_net", "allow_hosts", "hosts"),
    Setting("deny_net", "deny_hosts", "hosts"),
    Setting("proxy", "proxy", "proxy"),
    Setting("prompt", "prompt", "choice", ("auto", "tty", "stdin", "no")),
    Setting("allow_env", "allow_environment", "names"),
    Setting("catalog", "catalogs", "paths"),
    Setting("backend", "backend", "choice", ("bubblewrap", "native", "docker")),
    Setting("endpoint_url", "endpoint_url", "url"),
    Setting("timeout", "timeout", "seconds"),
    Setting("limit", "limits", "limits"),
    Setting("allow_weaker", "allow_weaker", "weaker"),
    Setting("errors", "errors", "choice", ("auto", "full", "plain")),
    Setting("trace", "trace", "flag"),
    Setting("trust", "trust", "flag", in_file=False),  # in a file it would trust every project for good
)

#: Parts of a policy, besides limits, that a backend may hold less strictly when somebody accepts it by name.
PARTS = ("paths", "programs")
LISTS = ("paths", "names", "weaker", "hosts")
FLAG_WORDS = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}
UNITS = {"s": 1.0, "m": 60.0, "h": 3600.0}


class Given(Record):
    """A value somebody gave to a setting; `origin` names the flag, the variable or the file."""

    setting: Setting
    text: str
    origin: str


def load_settings(flags: Iterable[Given], environment: Mapping[str, str], directory: str) -> Settings:
    """The settings of a run started in `directory`. Raises `MshError` (MSH461, MSH467) for a wrong value."""
    fields: dict[str, object] = {}
    for given in all_given(flags, environment):
        value = read_value(given, directory)
        field = given.setting.field
        if given.setting.kind in LISTS:
            value = (*_tuple(fields.get(field, ())), *_tuple(value))
        elif isinstance(value, dict):
            value = {**_dict(fields.get(field, {})), **value}
        fields[field] = value
    if "limits" in fields:
        _settle(fields)
    settings = Settings(workspace=directory).replace(**fields)
    if settings.network or settings.deny_read or settings.deny_write or settings.deny_hosts:
        _refuse_contradictions(settings)
    return settings


def _refuse_contradictions(settings: Settings) -> None:
    """What cannot both hold: neither is left out in silence. Raises MshError MSH461."""
    named = ""
    if settings.proxy and settings.network == "host":
        named = f"`--proxy` is `{settings.proxy}`, and `--net host` leads past every proxy"
        help_ = "`--net ask` or `--allow-net HOST` go through the proxy"
    elif settings.deny_hosts and settings.network == "host":
        named = f"`--deny-net` is `{settings.deny_hosts[0]}`, and with `--net host` nobody judges connections"
        help_ = "`--net ask` or `--allow-net HOST` let each connection be judged"
    elif settings.allow_hosts and settings.network == "none":
        named = f"`--allow-net` is `{settings.allow_hosts[0]}`, and `--net` is `none`"
        help_ = "leave out `--net none`: what is allowed is allowed then, and nothing else"
    for flag, allowed, denied in (
        ("read", settings.allow_read, settings.deny_read),
        ("write", settings.allow_write, settings.deny_write),
        ("net", settings.allow_hosts, settings.deny_hosts),
    ):
        both = [each for each in denied if each in allowed]
        if both and not named:
            named = f"`{both[0]}` is both for `--allow-{flag}` and for `--deny-{flag}`"
            help_ = "what is denied is denied, whatever allows it: leave out one of them"
    if named:
        raise MshError(Diagnostic("MSH461", named, help=help_))


def _settle(fields: dict[str, object]) -> None:
    """The limits as pairs. That of time is the run's timeout: of two that differ neither can be meant."""
    bounds = {name: value for name, value in _dict(fields["limits"]).items() if value is not None}
    time = bounds.pop("time", None)
    if time is not None:
        if fields.get("timeout", time) != time:
            message = f"`--timeout` is {fields['timeout']} s, and `--limit time` is {time} s"
            raise MshError(Diagnostic("MSH461", message, help="they mean the same: give one of them"))
        fields["timeout"] = time
    fields["limits"] = tuple(sorted(bounds.items()))


def all_given(flags: Iterable[Given], environment: Mapping[str, str]) -> Iterator[Given]:
    """What was given to all settings, the strongest last."""
    path = user_file(environment)
    if path is not None and os.path.exists(path):
        from msh.config_file import given_in_file

        yield from given_in_file(path)
    for setting in SETTINGS:
        variable = f"MSH_{setting.name.upper()}"
        text = environment.get(variable)
        if text:
            parts = split_list(text) if setting.kind in LISTS else [text]
            yield from [Given(setting, part, variable) for part in parts if part]
    yield from flags


def split_list(text: str) -> list[str]:
    """`a:b:s3://bucket` cut at its colons, but for those of `s3://`."""
    parts: list[str] = []
    for part in text.split(":"):
        if parts and parts[-1] == "s3" and part.startswith("//"):
            parts[-1] = f"s3:{part}"
        else:
            parts.append(part)
    return parts


def settled(settings: Settings) -> Settings:
    """With who is asked as it is at the beginning of a run, before a script moves its descriptors."""
    if settings.prompt != "auto":
        return settings
    return settings.replace(prompt="terminal" if at_terminal() else "no")


def at_terminal() -> bool:
    """Whether standard input and error are a terminal."""
    try:
        return os.isatty(0) and os.isatty(2)
    except OSError:
        return False


def user_file(environment: Mapping[str, str]) -> str | None:
    """Where the user's settings are kept, whether or not they exist (XDG Base Directory Specification)."""
    base = environment.get("XDG_CONFIG_HOME", "")
    if not base.startswith("/"):  # the specification: relative values are to be ignored
        home = environment.get("HOME", "")
        if not home.startswith("/"):
            return None
        base = f"{home}/.config"
    return f"{base}/msh/config.toml"


def read_value(given: Given, directory: str) -> object:
    """The value a text stands for; a list gives a tuple of one."""
    setting, text = given.setting, given.text
    if setting.kind == "directory":
        return _directory(given, directory)
    if setting.kind == "paths" and text.startswith(OBJECTS):
        return (_prefix(given),)
    if setting.kind == "paths":
        return (os.path.abspath(os.path.join(directory, text)),)
    if setting.kind == "file":
        return os.path.abspath(os.path.join(directory, text))
    if setting.kind == "names":
        if not (text.isidentifier() and text.isascii()):
            raise _wrong(given, "expected the name of a variable")
        return (text,)
    if setting.kind == "limits":
        return _bounds(given)
    if setting.kind == "weaker":
        return _weaker(given)
    if setting.kind == "hosts":
        return (_host(given),)
    if setting.kind == "proxy":
        return _proxy(given)
    if setting.kind == "flag":
        if text.lower() not in FLAG_WORDS:
            raise _wrong(given, "expected `true` or `false`")
        return FLAG_WORDS[text.lower()]
    if setting.kind == "choice":
        if text not in setting.choices:
            if text == "task":
                raise _wrong(given, "that is for workers in a microVM; here it would be weaker than `bubblewrap`")
            raise _wrong(given, "expected one of " + ", ".join([f"`{choice}`" for choice in setting.choices]))
        return text
    return _url(given) if setting.kind == "url" else _seconds(given)


def _directory(given: Given, directory: str) -> str | None:
    if given.text == "none":
        return None
    path = os.path.realpath(os.path.join(directory, given.text))
    if not os.path.isdir(path):
        raise _wrong(given, "expected a directory, or `none`")
    return path


def _prefix(given: Given) -> str:
    from msh.object_names import fault

    bucket, _, prefix = given.text.removeprefix(OBJECTS).partition("/")
    wrong = fault(bucket, prefix)
    if wrong:
        raise _wrong(given, f"{wrong} (expected `s3://BUCKET[/PREFIX]`)")
    return given.text


def _bounds(given: Given) -> dict[str, float | None]:
    from msh.limits import parse_bounds

    try:
        return parse_bounds(given.text)
    except ValueError as error:
        raise _wrong(given, str(error)) from None


def _weaker(given: Given) -> tuple[str, ...]:
    from msh.limits import KINDS, unknown

    names = tuple([name.strip() for name in given.text.split(",")])
    for name in names:
        if name not in KINDS and name not in PARTS:
            raise _wrong(given, f"{unknown(name)}; parts of what a container holds are {' and '.join(PARTS)}")
    return names


def _host(given: Given) -> str:
    """`HOST` or `HOST:PORT`, see `msh.hosts`."""
    from msh.hosts import read_host

    try:
        return read_host(given.text)
    except ValueError as error:
        raise _wrong(given, f"expected `HOST` or `HOST:PORT`: {error}") from None


def _url(given: Given) -> str:
    """`http://HOST[:PORT]`, or https."""
    scheme, _, rest = given.text.partition("://")
    if scheme not in ("http", "https") or not rest or not given.text.isprintable() or " " in rest:
        raise _wrong(given, "expected a URL with `http://` or `https://`")
    return given.text


def _proxy(given: Given) -> str:
    """`http://HOST:PORT` or `socks5://HOST:PORT`; what may be a password is not shown."""
    from msh.hosts import PROXIES, read_proxy

    if "@" in given.text:
        message = f"`{given.origin}` has a name or a password in it: expected {PROXIES}"
        raise MshError(Diagnostic("MSH461", message, help="msh speaks to proxies that ask for none"))
    try:
        return read_proxy(given.text)
    except ValueError as error:
        raise _wrong(given, f"expected {error}") from None


def _seconds(given: Given) -> float:
    """`10`, `1.5`, `10s`, `2m`, `1h`."""
    text = given.text
    unit = UNITS.get(text[-1:], 0.0)
    number = text[:-1] if unit else text
    if not number.replace(".", "", 1).isascii() or not number.replace(".", "", 1).isdigit() or float(number) <= 0:
        raise _wrong(given, "expected seconds, or a number with `s`, `m` or `h`, above zero")
    seconds = float(number) * (unit or 1.0)
    if seconds > 1 << 31:
        raise _wrong(given, "that is longer than any machine runs")
    return seconds


def _dict(value: object) -> dict[str, float | None]:
    return value if isinstance(value, dict) else {}


def _tuple(value: object) -> tuple[object, ...]:
    return value if isinstance(value, tuple) else (value,)


def _wrong(given: Given, expected: str) -> MshError:
    return MshError(Diagnostic("MSH461", f"`{given.origin}` is `{given.text}`: {expected}"))
