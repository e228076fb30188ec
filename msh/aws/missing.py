"""What a script asks of its worker that the worker's kind does not have: said by name and place, before deployment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msh.diagnostics import Diagnostic, Label

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from msh.aws.kinds import Kind
    from msh.catalog import CommandSpec
    from msh.resolve import Resolution, Use

OTHERS = 4  # further places of one command that are shown


def every_use(uses: Sequence[Use]) -> Iterator[Use]:
    """All steps, and those that they run in turn."""
    stack = list(reversed(uses))
    while stack:
        use = stack.pop()
        yield use
        stack += reversed(use.runs)


def specs_of(resolution: Resolution) -> dict[str, CommandSpec]:
    """The catalog entries that the script's text names, by name."""
    return {use.spec.name: use.spec for use in every_use(resolution.uses)}


def lacking(resolution: Resolution, kind: Kind, *, granted: bool = True) -> tuple[Diagnostic, ...]:
    """Refusals: MSH330, one for each command with all its places; MSH333, a step that uses a network that is not there,
    or that was not `granted`: on AWS nobody can add a grant any more.
    """
    places: dict[str, list[Use]] = {}
    for use in every_use(resolution.uses):
        if _reason(use.spec, kind):
            places.setdefault(use.spec.name, []).append(use)
    findings = [_lacks(resolution, kind, name, uses) for name, uses in places.items()]
    if not (kind.network and granted):
        reaching = [use for use in resolution.uses if use.effects.network != "none"]
        findings += [_without_network(resolution, kind, use) for use in reaching]
    return tuple(findings)


def _reason(spec: CommandSpec, kind: Kind) -> str:
    """Why a worker of this kind cannot start a command; "" when it can. msh itself interprets shells."""
    if spec.shell:
        return ""
    if spec.run.kind != "host":
        return (
            "" if kind.package == "image" else f"it runs in {'an image' if spec.run.kind == 'image' else spec.run.kind}"
        )
    program = spec.run.program
    if program.startswith("/"):
        directory, _, name = program.rpartition("/")
        system = directory in ("/bin", "/usr/bin", "/sbin", "/usr/sbin")
        return "" if system and kind.has(name) else "it is a file of this machine"
    if kind.has(program):
        return ""
    package = kind.absent.get(program, "")
    return f"package {package} is not installed there" if package else "it is not installed there"


def _lacks(resolution: Resolution, kind: Kind, name: str, uses: Sequence[Use]) -> Diagnostic:
    first, *others = uses
    labels = [Label(first.start, first.end, _reason(first.spec, kind))]
    labels += [Label(use.start, use.end, "here too") for use in others[:OTHERS]]
    if first.spec.run.kind == "host" and not first.spec.run.program.startswith("/"):
        help_ = (
            "a kind `image` that has it is planned and cannot be deployed yet; if your workers have it, say so in a"
            " file: `--worker FILE.toml`"
        )
    else:
        help_ = "map the name to a program that the worker has"
    message = f"`{name}`: workers of kind `{kind.name}` do not have it"
    return Diagnostic("MSH330", message, resolution.source, tuple(labels), help_)


def _without_network(resolution: Resolution, kind: Kind, use: Use) -> Diagnostic:
    if kind.network:
        message, help_ = f"`{use.spec.name}` uses the network, which was not granted", "`--net host` would grant it"
    else:
        message = f"`{use.spec.name}` uses the network, which workers of kind `{kind.name}` do not have"
        help_ = "choose another kind with `--worker`"
    return Diagnostic("MSH333", message, resolution.source, (Label(use.start, use.end),), help_)
