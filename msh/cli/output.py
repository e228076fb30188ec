"""What a verb prints: its result, on standard output."""

from __future__ import annotations

import os

from msh.diagnostics import Diagnostic, MshError
from msh.source import encode


def write(text: str, status: int = 0) -> int:
    """Write all of `text` to standard output and give `status` back.

    Raises `MshError` (MSH466) when it cannot be written whole. A reader that has gone (`msh … | head`) ends msh by
    SIGPIPE, in silence, as it ends every other tool.
    """
    import signal

    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    data = encode(text)
    try:
        while data:
            data = data[os.write(1, data) :]
    except OSError as error:
        raise MshError(Diagnostic("MSH466", f"cannot write to standard output: {error.strerror}")) from None
    return status
