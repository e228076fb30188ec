"""One step through `Session`, as a program: `python -m tests.support.step JSON`.

Keys: argv, accesses (kind, path, create), and optionally backend, workspace, allow_read, allow_write, network,
environment, image, effects (fields of `Effects`). The exit status is the step's; a refusal is printed and gives 126.
"""

from __future__ import annotations

import json
import os
import sys

from msh.catalog.model import CommandSpec, Run
from msh.config import Settings
from msh.diagnostics import MshError
from msh.effects import Access, Effects
from msh.render import report
from msh.sandbox import Session, close_inherited


def main(text: str) -> int:
    """Run the request; returns the step's status."""
    close_inherited()
    request = json.loads(text)
    argv = request["argv"]
    settings = Settings(
        request.get("workspace"),
        tuple(request.get("allow_read", ())),
        tuple(request.get("allow_write", ())),
        backend=request.get("backend", "bubblewrap"),
    ).replace(network=request.get("network", ""))
    image = request.get("image", "")
    spec = CommandSpec(os.path.basename(argv[0]), Run("image" if image else "host", argv[0], image))
    effects = Effects(tuple([Access(*access) for access in request["accesses"]]), **request.get("effects", {}))
    environment = {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": os.environ["HOME"], **request.get("environment", {})}
    try:
        with Session(settings) as session:
            policy = session.policy(spec, effects, argv, environment, os.getcwd())
            return session.start(policy, {0: 0, 1: 1, 2: 2}).wait().status
    except MshError as error:
        report(error.diagnostics)
        return 126


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
