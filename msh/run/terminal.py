"""The terminal that msh was started on: what a step did to its modes (`stty raw -echo`) ends with the run.

Not with the step: `stty -echo; read -r password; stty echo` is what scripts do.
"""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable


def keep_modes(number: int) -> Callable[[], None]:
    """Remember the modes of the terminal that is open as `number`; returns what puts them back."""
    import termios

    from msh.sandbox.descriptors import keep

    terminal = keep(os.dup(number))
    before = termios.tcgetattr(terminal)

    def restore() -> None:
        try:
            # In the background it is somebody else's, and setting it would stop msh (tcsetattr(3)).
            if os.tcgetpgrp(terminal) == os.getpgrp() and termios.tcgetattr(terminal) != before:
                termios.tcsetattr(terminal, termios.TCSADRAIN, before)
        except (OSError, termios.error):
            return  # it was hung up

    return restore
