"""What words mean at run time: parameters, substitutions, arithmetic, splitting, path names, patterns, quoting."""

from __future__ import annotations

from msh.expand.environment import ExpansionError
from msh.expand.expander import Expander, compile_pattern
from msh.expand.words import compile_fields, compile_parts, compile_text

__all__ = ["Expander", "ExpansionError", "compile_fields", "compile_parts", "compile_pattern", "compile_text"]
