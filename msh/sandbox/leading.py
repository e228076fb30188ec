"""Where a step's connections are led: past no proxy that its entry or the run names."""

from __future__ import annotations

from msh.catalog.model import OWN_PROXY
from msh.diagnostics import Diagnostic, MshError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from msh.catalog.model import CommandSpec
    from msh.config import Settings
    from msh.effects import Effects

_URL = "http://127.0.0.1:3128"  # broker/outlet.py
_HERE = "localhost,127.0.0.1,::1"
#: What tells a program of msh's own proxy: by no standard, but curl, wget, Python, Go, git and Node 24 know it.
OUTLET = {
    **dict.fromkeys(("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"), _URL),
    **dict.fromkeys(("no_proxy", "NO_PROXY"), _HERE),
    "NODE_USE_ENV_PROXY": "1",
}


def proxy_of(spec: CommandSpec, effects: Effects, settings: Settings) -> tuple[str, bool]:
    """The proxy of a step, "" for none, and whether one of msh's own is to stand in its sandbox.

    Raises MshError MSH458 where the step's entry names a proxy that its connections could be led past.
    """
    named = [proxy for proxy in effects.proxies if proxy != OWN_PROXY]
    if not named:
        return settings.proxy, OWN_PROXY in effects.proxies
    if len(named) > 1:
        message = f"`{spec.name}` runs commands that go through `{named[0]}` and `{named[1]}`: a step has one proxy"
        raise MshError(Diagnostic("MSH458", message, help="run them as steps of their own"))
    message = f"`{spec.name}` goes through the proxy `{named[0]}` and by no other way"
    if settings.network == "host":
        help_ = "`--net ask` or `--allow-net HOST` go through it; `--net host` leads past every proxy"
        raise MshError(Diagnostic("MSH458", f"{message}, and `--net host` leads past it", help=help_))
    if spec.run.kind != "host" or settings.backend not in ("bubblewrap", "native"):
        where = f"an `{spec.run.kind}`" if spec.run.kind != "host" else f"the backend `{settings.backend}`"
        raise MshError(
            Diagnostic("MSH458", f"{message}, which {where} cannot hold it to", help="use the host's program")
        )
    return named[0], OWN_PROXY in effects.proxies
