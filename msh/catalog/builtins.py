"""The commands that the interpreter itself implements.

`msh/run` implements exactly these; a test compares. Left out of bash's set: what belongs to a prompt (`bind`, `fc`,
`history`, `logout`, `suspend`) and `newgrp`, which changes what a user may do.
"""

from __future__ import annotations

#: POSIX XCU 2.14: assignments before them last, and an error in one ends a non-interactive shell.
_SPECIAL = ": . break continue eval exec exit export readonly return set shift times trap unset"

#: POSIX's other builtins, those that XCU lists as utilities but every shell builds in, and bash's everyday ones.
_REGULAR = (
    "alias bg cd command false fg getopts hash jobs kill pwd read true type ulimit umask unalias wait [ echo "
    "printf test builtin caller compgen complete compopt declare dirs disown enable help let local mapfile popd pushd "
    "readarray shopt source typeset"
)

#: Shells that keep to POSIX from the start: also bash does, when it is called so.
POSIX_SHELLS = frozenset(["sh", "dash", "ash"])

SPECIAL_BUILTINS = frozenset(_SPECIAL.split(" "))
BUILTINS = SPECIAL_BUILTINS | frozenset(_REGULAR.split(" "))
