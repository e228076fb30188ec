"""Which commands exist, and what each of them touches."""

from __future__ import annotations

from msh.catalog.load import Catalog as Catalog
from msh.catalog.load import load_catalog as load_catalog
from msh.catalog.model import CommandSpec as CommandSpec
