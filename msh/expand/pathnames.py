"""Pathname expansion (POSIX XCU 2.13.3, bash's shopt options): fields with pattern characters become names of files."""

from __future__ import annotations

import re

from msh.expand.characters import by_bytes, locale_of
from msh.expand.environment import ExpansionError
from msh.expand.patterns import Group, Pattern, Run, parse_pattern, pattern_of
from msh.source import encode

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from msh.expand.environment import Environment
    from msh.expand.fields import Segment

_DEPTH = 200  # of directories that `**` goes down


def expand_pathnames(fields: Sequence[str | list[Segment]], environment: Environment) -> list[str]:
    """Fields after pathname expansion; what matches nothing stays, by the options nullglob and failglob."""
    noglob = environment.option("noglob")
    found: list[str] = []
    for field in fields:
        if isinstance(field, str):
            found.append(field)
            continue
        matches = None if noglob else match_paths(field, environment)
        if matches:
            found += matches
            continue
        text = "".join([part for part, _ in field])
        if matches is not None:
            if environment.option("failglob"):
                raise ExpansionError(f"no match: {text}")
            if environment.option("nullglob"):
                continue
        found.append(text)
    return found


class _Component:
    """Text between slashes, with the slashes that follow it: a name, or a pattern for names."""

    __slots__ = ("name", "pattern", "recursive", "slashes")

    def __init__(self, name: str | None, pattern: Pattern | None, slashes: str, recursive: bool) -> None:
        self.name = name
        self.pattern = pattern
        self.slashes = slashes
        self.recursive = recursive


def match_paths(field: list[Segment], environment: Environment) -> list[str] | None:
    """The paths that a field matches, sorted; None when it is no pattern after all."""
    walk = _Walk(environment)
    components = walk.components(field)
    if all(component.pattern is None for component in components):
        return None
    found = walk.match(components)
    ignored = environment.get("GLOBIGNORE")
    if ignored:
        found = _without_ignored(found, ignored, walk)
    return sort_paths(found, environment)


_between_colons = re.compile(r"(?:\[[!^]?\]?(?:\[:\w+:\]|[^]])*\]|\\.|[^:])+", re.DOTALL).findall


def _without_ignored(found: list[str], ignored: str, walk: _Walk) -> list[str]:
    """Paths that no pattern of GLOBIGNORE matches; like a path name's, its stars do not go over a slash."""
    patterns = [[walk.pattern([(name, False)]) for name in text.split("/")] for text in _between_colons(ignored)]
    return [path for path in found if not any(_fits_path(path.split("/"), pattern) for pattern in patterns)]


def _fits_path(names: list[str], patterns: list[Pattern]) -> bool:
    return len(names) == len(patterns) and all(map(Pattern.matches, patterns, names))


def sort_paths(paths: list[str], environment: Environment) -> list[str]:
    """Paths in the order of the locale: by code points under C, POSIX and C.UTF-8, else as strcoll(3) does."""
    name = locale_of("LC_COLLATE", environment)
    if name.partition(".")[0] not in ("C", "POSIX"):
        key = _collation(name)
        if key is not None:
            return sorted(paths, key=lambda path: (key(path), path))
    return sorted(paths) if all(path.isascii() for path in paths) else sorted(paths, key=encode)


def _collation(name: str) -> Callable[[str], str] | None:
    """What turns names into keys that sort as a locale has it; None when it is not installed."""
    import locale

    try:
        locale.setlocale(locale.LC_COLLATE, name)
    except locale.Error:  # not installed: the C library stays with C
        return None
    return locale.strxfrm


class _Walk:
    """One expansion: the options, and the directories gone through."""

    __slots__ = ("bytes", "dotglob", "environment", "extglob", "globstar", "nocase", "skip_dots")

    def __init__(self, environment: Environment) -> None:
        self.environment = environment
        self.extglob = environment.option("extglob")
        self.dotglob = environment.option("dotglob") or bool(environment.get("GLOBIGNORE"))
        self.globstar = environment.option("globstar")
        self.nocase = environment.option("nocaseglob")
        self.skip_dots = environment.option("globskipdots") or bool(environment.get("GLOBIGNORE"))
        self.bytes = by_bytes(environment)

    def components(self, field: list[Segment]) -> list[_Component]:
        """A field cut at its slashes; a slash inside parentheses or brackets cuts too, as in bash."""
        components: list[_Component] = []
        segments: list[Segment] = []
        slashes = ""
        for text, quoted in field:
            pieces = text.split("/")
            for i, piece in enumerate(pieces):
                if i:
                    slashes += "/"
                if piece:
                    if slashes:
                        components.append(self._component(segments, slashes))
                        segments, slashes = [], ""
                    segments.append((piece, quoted))
        components.append(self._component(segments, slashes))
        patterns = 0
        for component in components:
            patterns += component.pattern is not None
            component.slashes = component.slashes[:1] if patterns else component.slashes  # as bash writes them
        return [
            component  # `**/**` means `**`
            for i, component in enumerate(components)
            if not (component.recursive and i + 1 < len(components) and components[i + 1].recursive)
        ]

    def pattern(self, segments: list[Segment]) -> Pattern:
        """A pattern for names under the options of this expansion."""
        units = [(self._units(text), quoted) for text, quoted in segments] if self.bytes else segments
        return pattern_of(units, extglob=self.extglob, nocase=self.nocase, by_bytes=self.bytes)

    def _component(self, segments: list[Segment], slashes: str) -> _Component:
        if self.globstar and segments == [("**", False)]:
            return _Component(None, pattern_of([("*", False)], extglob=False), slashes, True)
        pattern = self.pattern(segments)
        plain = pattern.plain if not self.nocase and not self.bytes else _plain_text(segments, self.extglob)
        return _Component(plain, pattern if plain is None else None, slashes, False)

    def match(self, components: list[_Component]) -> list[str]:
        """All paths that match, in no order."""
        paths = [""]
        for i, component in enumerate(components):
            last = i == len(components) - 1
            if component.recursive:
                paths = self._recursive(paths, component, last, any(each.pattern for each in components[:i]))
            elif component.pattern is None:
                check = any(each.pattern for each in components[:i])
                paths = self._named(paths, component, check, last or components[i + 1].recursive)
            else:
                paths = self._matched(paths, component)
        return paths

    def _named(self, paths: list[str], component: _Component, check: bool, at_end: bool) -> list[str]:
        """A component without pattern characters; whether it is there matters at the end and before `**`."""
        added = [path + (component.name or "") + component.slashes for path in paths]
        return [path for path in added if self.environment.exists(path)] if check and at_end else added

    def _matched(self, paths: Iterable[str], component: _Component) -> list[str]:
        found = []
        slashes = component.slashes
        for path in paths:
            names = [name for name in self._names(path) if self._fits(name, component.pattern)]
            if slashes:
                names = [name for name in names if self.environment.is_directory(path + name)]
            found += [path + name + slashes for name in names]
        return found

    def _names(self, path: str) -> Sequence[str]:
        names = self.environment.list_directory(path)
        return names if self.skip_dots else [".", "..", *names]

    def _fits(self, name: str, pattern: Pattern | None) -> bool:
        assert pattern is not None
        if name[0] == "." and not self._shows_hidden(name, pattern):
            return False
        return pattern.matches(self._units(name))

    def _units(self, name: str) -> str:
        return encode(name).decode("latin-1") if self.bytes and not name.isascii() else name

    def _shows_hidden(self, name: str, pattern: Pattern) -> bool:
        """A leading dot must be written, unless dotglob; `.` and `..` always."""
        if self.dotglob and name not in (".", ".."):
            return True
        return _begins_with_dot(pattern.tokens)

    def _recursive(self, paths: list[str], component: _Component, last: bool, bare: bool) -> list[str]:
        """`**`: this directory and all below, not through symbolic links; at the end of the pattern files too.

        `bare`: a directory that a pattern before found is listed without its slash, as bash does.
        """
        found: dict[str, None] = {}
        slashes = component.slashes
        for path in paths:
            if not last or slashes or path:
                found[path.rstrip("/") if bare and last and not slashes else path] = None
            pending = [(path, 0)]
            while pending:
                directory, depth = pending.pop()
                for name in self.environment.list_directory(directory):
                    if name[0] == "." and not self.dotglob:
                        continue
                    below = directory + name
                    is_directory = self.environment.is_directory(below)
                    is_link = is_directory and self.environment.is_link(below)
                    if is_directory and slashes and (last or not is_link):
                        found[below + slashes] = None
                    elif last and not slashes:
                        found[below] = None
                    if is_directory and not is_link and depth < _DEPTH:
                        pending.append((below + "/", depth + 1))
        if last and slashes:
            found.pop("", None)
        return list(found)


def _plain_text(segments: list[Segment], extglob: bool) -> str | None:
    tokens = parse_pattern(segments, extglob=extglob)
    if all(isinstance(token, Run) for token in tokens):
        return "".join([text for text, _ in segments])
    return None


def _begins_with_dot(tokens: Sequence[object]) -> bool:
    if not tokens:
        return False
    first = tokens[0]
    if isinstance(first, Group):
        if first.kind in "*?" and _begins_with_dot(tokens[1:]):  # it may stand for nothing
            return True
        return any(_begins_with_dot(alternative) for alternative in first.alternatives)
    return isinstance(first, Run) and first.text.startswith(".")
