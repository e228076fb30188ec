"""What AWS charges, one dated table a region (`REGION.toml`); no price is in code."""

from __future__ import annotations

import tomllib
from importlib.resources import files

from msh.diagnostics import Diagnostic, MshError
from msh.nearest import nearest
from msh.record import Record


class Prices(Record):
    """US dollars: for one transition, request, GB-second …; `unverified` names those that no source confirmed."""

    region: str
    date: str
    transition: float
    express_run: float
    express_gb_second: float
    lambda_request: float
    lambda_gb_second: float
    lambda_disk_gb_second: float
    put: float
    get: float
    storage_gb_month: float
    log_gb: float
    fargate_vcpu_hour: float
    fargate_gb_hour: float
    unverified: tuple[str, ...] = ()


def regions() -> tuple[str, ...]:
    """The regions that there is a table of."""
    return tuple(
        sorted([path.name.removesuffix(".toml") for path in files(__name__).iterdir() if path.name.endswith(".toml")])
    )


def load_prices(region: str) -> Prices:
    """The table of a region. Raises MshError (MSH334) when there is none."""
    if region not in regions():
        near = nearest(region, regions())
        known = ", ".join([f"`{name}`" for name in regions()])
        help_ = f"did you mean `{near}`?" if near else f"there are tables of {known}"
        raise MshError(Diagnostic("MSH334", f"there is no price table of region `{region}`", help=help_))
    document = tomllib.loads(files(__name__).joinpath(f"{region}.toml").read_text("utf-8"))
    tables = {name: table for name, table in document.items() if isinstance(table, dict)}
    return Prices(
        region=document["region"],
        date=str(document["date"]),
        unverified=tuple(sorted([name for name, table in tables.items() if not table["verified"]])),
        **{name: float(table["price"]) for name, table in tables.items()},
    )
