"""Substitutions that run commands: `$(list)`, `<(list)`, `>(list)`."""

from __future__ import annotations

import os

from msh.diagnostics import MshError
from msh.run.descriptors import keep
from msh.run.inside import output_of
from msh.run.pipelines import Stage
from msh.source import encode
from msh.syntax.nodes import SimpleCommand, Word

TYPE_CHECKING = False
if TYPE_CHECKING:
    from msh.run.shell import Shell
    from msh.syntax.nodes import CommandSubstitution, ProcessSubstitution


def command_substitution(sh: Shell, node: CommandSubstitution) -> bytes:
    """The standard output of a list run in a subshell; its status is `$?` until something else runs."""
    if sh.aliases and "expand_aliases" in sh.options:
        from msh.run.reread import read_again

        try:
            node = read_again(sh, node)
        except MshError as error:
            sh.status = sh.substitution_status = sh.report(error)
            return b""
    if not node.body:
        sh.substitution_status = 0
        return b""
    file = _file_only(node)
    if file is not None:
        return _contents(sh, sh.redirect_target(file))
    stage = sh.stages.get(id(node))
    if stage is None:
        stage = sh.stages[id(node)] = _stage(node)
    output = output_of(sh, node, stage.run)
    if output is not None:
        sh.signals.children_ended()
        sh.substitution_status = sh.status
        return output
    read, write = (keep(fd) for fd in os.pipe())
    outer, sh.substituting = sh.substituting, True
    try:
        process = stage.start(sh, {1: write}, (read,))
    finally:
        sh.substituting = outer
        os.close(write)
    data = bytearray()
    sh.foreground = [process]
    while chunk := os.read(read, 65536):
        data += chunk
    os.close(read)
    [status] = sh.wait_foreground([process])
    sh.status = sh.substitution_status = status
    return bytes(data)


def process_substitution(sh: Shell, node: ProcessSubstitution) -> str:
    """`<(list)`, `>(list)`: the list in a subshell at the other end of a pipe, which has a name in /dev/fd."""
    from msh.run.commands import compile_body

    if sh.aliases and "expand_aliases" in sh.options:
        from msh.run.reread import read_again

        node = read_again(sh, node)
    ends = [keep(fd) for fd in os.pipe()]
    reads = node.direction == "<"
    inner, outer = (ends[1], ends[0]) if reads else (ends[0], ends[1])
    run, loops = compile_body(node.body), sh.loops

    def listed(sh: Shell) -> int:
        sh.loops = loops  # as in a command substitution
        sh.signals.forget_parent()
        return run(sh)

    def child() -> int:
        os.close(outer)
        for number, _ in sh.substitutions:
            sh.descriptors.close(number)
        os.dup2(inner, 1 if reads else 0)
        os.close(inner)
        sh.nesting += 1
        return sh.subshell(listed)

    process = sh.fork(child)
    os.close(inner)
    number = sh.descriptors.allocate_last(outer)
    sh.substitutions.append((number, process))
    sh.jobs.last_pid = process.pid
    sh.jobs.others[process.pid] = process
    if not reads:
        sh.consumers.append(process)
    return descriptor_path(number)


def descriptor_path(number: int) -> str:
    """The name of an open descriptor: `/dev/fd/63`, as in bash. In AWS Lambda `/dev` is fixed and names only the first
    three; there it is the same under `/proc`.
    """
    path = f"/dev/fd/{number}"
    return path if os.path.lexists(path) else f"/proc/self/fd/{number}"


def close(sh: Shell, mark: int) -> None:
    """Close the ends opened since there were `mark`; the lists see the end of input or of their reader."""
    while len(sh.substitutions) > mark:
        number, _ = sh.substitutions.pop()
        sh.descriptors.close(number)


def _contents(sh: Shell, path: str) -> bytes:
    """What `$(< file)` gives; what goes wrong is said, and is its status."""
    sh.substitution_status = 0
    try:
        return encode(sh.read_file(path))
    except OSError as error:
        sh.complain(sh.refused(f"{path}: {error.strerror}").message)
        sh.substitution_status = 1
    except MshError as error:
        sh.substitution_status = sh.report(error)
    return b""


def _stage(node: CommandSubstitution) -> Stage:
    from msh.run.commands import compile_body

    [first, *rest] = node.body
    if not rest and not first.background:
        return Stage(first.command)
    return Stage.of_body(compile_body(node.body), node.body)


def _file_only(node: CommandSubstitution) -> Word | None:
    """The file of `$(< file)`."""
    if len(node.body) != 1 or not isinstance(command := node.body[0].command, SimpleCommand):
        return None
    if command.words or command.assignments or len(command.redirects) != 1:
        return None
    redirect = command.redirects[0]
    plain = redirect.operator == "<" and redirect.fd in (None, 0) and redirect.variable is None
    return redirect.target if plain and isinstance(redirect.target, Word) else None
