"""`hash`: the files of commands, remembered by name (POSIX XCU hash).

In msh the catalog says what a name runs, so the table is what a script sees of that. `hash -p path name` makes a name
stand for a path all the same: that is then resolved as any other path, and refused when it is not mapped.
"""

from __future__ import annotations

from msh.expand.arrays import hash_order
from msh.expand.environment import AssociativeArray
from msh.run.builtins.letters import letters
from msh.run.control import ShellError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from msh.run.builtins import Builtin
    from msh.run.shell import Shell

_USAGE = "hash: usage: hash [-lr] [-p pathname] [-dt] [name ...]"
_BUCKETS = 256  # of bash's table, by which it lists


def hash_(sh: Shell, argv: list[str]) -> int:
    if "hashall" not in sh.options:
        raise ShellError("hash: hashing disabled")
    given, operands = letters(argv, "lrpdt", _USAGE)
    if "r" in given:
        sh.hashed.clear()
    if "p" in given:
        return _map(sh, operands)
    if not operands:
        missing = next((letter for letter in "dt" if letter in given), "")
        if missing:
            raise ShellError(f"hash: -{missing}: option requires an argument")
        if "r" not in given:
            _list(sh, long="l" in given)
        return 0
    status = 0
    for name in operands:
        if "t" in given or "d" in given:
            known = name in sh.hashed
            if known and "t" in given:
                _tell(sh, name, long="l" in given, named=len(operands) > 1)
            elif known:
                del sh.hashed[name]
        else:
            known = _remember(sh, name)
        if not known:
            sh.complain(f"hash: {name}: not found")
            status = 1
    return status


def _map(sh: Shell, operands: list[str]) -> int:
    if not operands:
        raise ShellError("hash: -p: option requires an argument", 2, usage=_USAGE)
    for name in operands[1:]:
        sh.hashed[name] = (operands[0], 0)
    return 0


def _remember(sh: Shell, name: str) -> bool:
    from msh.run.builtins import TOPICS

    if "/" in name or name in sh.functions or name in TOPICS:
        return True
    sh.hashed.pop(name, None)
    path = sh.locate(name)
    if path:
        sh.hashed[name] = (path, 0)
    return bool(path)


def _tell(sh: Shell, name: str, *, long: bool, named: bool) -> None:
    path, _ = sh.hashed[name]
    if long:
        sh.write(f"builtin hash -p {path} {name}\n")
    else:
        sh.write(f"{name}\t{path}\n" if named else f"{path}\n")


def _list(sh: Shell, *, long: bool) -> None:
    if not sh.hashed:
        sh.write("hash: hash table empty\n")
        return
    if not long:
        sh.write("hits\tcommand\n")
    for name in hash_order(AssociativeArray(dict.fromkeys(sh.hashed, "")), _BUCKETS):
        path, hits = sh.hashed[name]
        sh.write(f"builtin hash -p {path} {name}\n" if long else f"{hits:4d}\t{path}\n")


BUILTINS: dict[str, Builtin] = {"hash": hash_}
