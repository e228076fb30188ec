"""Calls: functions and sourced files."""

from __future__ import annotations

from msh.expand.environment import ExpansionError
from msh.run.control import FunctionReturn, ShellError, ShellExit
from msh.run.functions import SOURCE, Call
from msh.run.numbers import is_decimal
from msh.run.script import run_source
from msh.run.signals import DEBUG, ERR, RETURN
from msh.source import Source

TYPE_CHECKING = False
if TYPE_CHECKING:
    from msh.run.functions import Function
    from msh.run.shell import Shell
    from msh.run.variable import Variable

OF_CALLER = (DEBUG, ERR, RETURN)
DEPTH = 4000  # of function calls; far beyond any script that ends


def call(sh: Shell, function: Function, argv: list[str]) -> int:
    """Call a function with parameters, scope and loops of its own; its status."""
    if function.run is None:
        from msh.run.commands import compile_command

        function.run = compile_command(function.node.body)
    if "FUNCNEST" in sh.variables.table:
        _check_nesting(sh, argv[0])
    if len(sh.calls) >= DEPTH:
        raise ShellError(f"{argv[0]}: maximum function nesting level exceeded ({DEPTH})", fatal=True)
    outer = sh.positional, sh.loops, sh.source, sh.here
    getopts = sh.getopts_index, sh.getopts_offset
    signals = sh.signals
    hidden = signals.hide(_not_inherited(sh, function)) if signals.traps else None
    debugged = _enter(sh, function, argv)
    try:
        status = _status(sh, function)
    except ShellExit as jump:
        if jump.asked:
            from msh.run.commands import exit_here

            exit_here(sh, jump)
        outer = sh.positional, *outer[1:3], sh.here  # what ends the script leaves these to the EXIT trap, as in bash
        raise
    except ExpansionError as error:
        sh.tell(error)
        raise
    finally:
        last = sh.here
        if "OPTIND" in _leave(sh, debugged):
            sh.getopts_index, sh.getopts_offset = getopts
        sh.positional, sh.loops, sh.source, sh.here = outer
        if hidden:
            signals.reveal(hidden)
    sh.returned = sh.here, last
    return status


def _not_inherited(sh: Shell, function: Function) -> tuple[int, ...]:
    """The caller's traps that are not run in the function; one with `declare -ft` keeps DEBUG and RETURN."""
    return tuple([n for n in OF_CALLER if not (sh.signals.inherited(n) or (function.traced and n != ERR))])


def _enter(sh: Shell, function: Function, argv: list[str]) -> bool:
    """Begin a call; whether BASH_ARGV has its arguments."""
    sh.calls.append(Call(argv[0], sh.line(), sh.source))
    debugged = "extdebug" in sh.options
    if debugged:
        sh.argument_lists.append(argv[1:])
    sh.variables.enter()
    sh.positional, sh.loops, sh.source = argv[1:], 0, function.source
    return debugged


def _leave(sh: Shell, debugged: bool) -> dict[str, Variable | None]:
    """End a call; what its local variables have hidden."""
    frame = sh.variables.leave()
    if frame.options is not None:
        sh.options = set(frame.options)
    sh.calls.pop()
    if debugged:
        sh.argument_lists.pop()
    return frame.hidden


def _status(sh: Shell, function: Function) -> int:
    """Run the body, then the RETURN trap, which may itself return."""
    try:
        status = _body(sh, function)
        if RETURN in sh.signals.traps:
            sh.signals.run(RETURN)
    except FunctionReturn as jump:
        return jump.status
    return status


def _check_nesting(sh: Shell, name: str) -> None:
    """FUNCNEST: how many functions may be called within each other."""
    text = sh.get("FUNCNEST") or ""
    most = int(text) if is_decimal(text) else 0
    if most and sum([call.is_function for call in sh.calls]) >= most:
        raise ExpansionError(f"{name}: maximum function nesting level exceeded ({most})")


def _body(sh: Shell, function: Function) -> int:
    if sh.debugging and not sh.signals.before_body(function.node.body):
        return 0
    try:
        status = function.run(sh)  # type: ignore[misc]  # compiled by `call`
    except FunctionReturn as jump:
        return jump.status
    if RETURN in sh.signals.traps:
        sh.here = function.node.body  # where bash says that a function returns which comes to its end
    return status


def source_file(sh: Shell, path: str, arguments: list[str]) -> int:
    """`source path arg…`: found along PATH when it has no slash, then in the current directory (bash)."""
    found = _find(sh, path)
    try:
        text = sh.read_file(found)
    except OSError as error:
        raise ShellError(f"{path}: {error.strerror}", 1, fatal="posix" in sh.options) from None
    if "\0" in text:
        raise ShellError(f".: {path}: cannot execute binary file", 126)
    outer, given = sh.positional, bool(arguments)
    if given:
        sh.positional = arguments
    hidden = {} if sh.signals.inherited(DEBUG) else sh.signals.hide((DEBUG,))
    sh.sourcing += 1
    sh.calls.append(Call(SOURCE, sh.line(), sh.source))
    sh.argument_lists.append(arguments.copy() if given else [path])
    try:
        sh.status = run_source(sh, Source(path, text, found), special=True)
    except FunctionReturn as jump:
        sh.status = jump.status
    finally:
        sh.calls.pop()
        sh.argument_lists.pop()
        sh.sourcing -= 1
        if given and (sh.positional is arguments or sh.calls):
            sh.positional = outer  # unless `set` has given others: these stay, outside of functions, as in bash
        sh.signals.reveal(hidden)
    sh.signals.run(RETURN)
    return sh.status


def _find(sh: Shell, path: str) -> str:
    if "/" in path:
        return path
    for directory in (sh.get("PATH") or "").split(":"):
        candidate = f"{directory or '.'}/{path}"
        status = sh.gate.peek(sh.absolute(candidate))
        if status is not None and (status.st_mode & 0o170000) == 0o100000:
            return candidate
    if "posix" in sh.options:
        raise ShellError(f".: {path}: file not found", fatal=True)
    return path
