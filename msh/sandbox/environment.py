"""Which inherited variables a run may see.

A secret in the environment of the user's shell (`AWS_SECRET_ACCESS_KEY`, `GITHUB_TOKEN`) must not reach a step because
somebody forgot to hide it, so nothing passes that is not named here or by `--allow-env`. Variables that the script
itself assigns and exports are not inherited ones: they always pass.
"""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

# Names that say who and where the user is, how text is written, and what the terminal can do. `TMPDIR` is not one: it
# would name a directory that the private /tmp of the run replaces.
_PASSED = """
COLORTERM COLUMNS HOME LANG LANGUAGE LINES LOGNAME NO_COLOR OLDPWD PATH PWD SHELL SOURCE_DATE_EPOCH TERM TZ USER
"""


def inherited(environment: Mapping[str, str] | None = None, allowed: Iterable[str] = ()) -> dict[str, str]:
    """The variables of the process that may pass to the script and its steps."""
    environment = os.environ if environment is None else environment
    names = {*_PASSED.split(), *allowed}
    return {name: value for name, value in environment.items() if name in names or name.startswith("LC_")}
