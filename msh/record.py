"""Frozen values, cheap to define.

Every value that passes from stage to stage is a `Record`: it is declared like a frozen dataclass and
type checkers treat it as one, but a class costs about 10 us to create instead of about 700 us, and
no import. A run creates some hundred of these classes before its first command, so the difference is most
of the start-up budget (docs/decisions/0001-records.md has the figures).
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, Self, dataclass_transform
else:

    def dataclass_transform(**_: object) -> object:
        return lambda cls: cls


class _RecordType(type):
    """Turns annotations into slots; fields of the bases come first."""

    def __new__(mcs, name: str, bases: tuple[type, ...], namespace: dict[str, Any]) -> _RecordType:
        inherited: tuple[str, ...] = ()
        defaults: dict[str, Any] = {}
        for base in bases:
            inherited += getattr(base, "__match_args__", ())
            defaults |= getattr(base, "_defaults", {})
        own = tuple(
            field
            for field, type_ in namespace.get("__annotations__", {}).items()
            if field[0] != "_" and field not in inherited and not str(type_).startswith("ClassVar")
        )
        defaults |= {field: namespace.pop(field) for field in own if field in namespace}
        namespace["__slots__"] = own
        namespace["__match_args__"] = fields = inherited + own
        namespace["_defaults"] = defaults
        cls = super().__new__(mcs, name, bases, namespace)
        type.__setattr__(cls, "_setters", tuple([getattr(cls, field).__set__ for field in fields]))
        return cls


@dataclass_transform(frozen_default=True)
class Record(metaclass=_RecordType):
    """An immutable value with named fields, compared by type and content."""

    _setters: tuple[Callable[[object, object], None], ...]
    _defaults: dict[str, Any]
    __match_args__: tuple[str, ...]

    def __init__(self, *values: object, **named: object) -> None:
        setters = self._setters
        if named or len(values) != len(setters):
            values = self._complete(values, named)
        for set_field, value in zip(setters, values, strict=True):
            set_field(self, value)

    def _complete(self, values: tuple[object, ...], named: dict[str, object]) -> tuple[object, ...]:
        """All values in their order; `named` is used up."""
        left, defaults = self.__match_args__[len(values) :], self._defaults
        try:
            more = [named.pop(field) if field in named else defaults[field] for field in left]
        except KeyError as missing:
            raise TypeError(f"{type(self).__name__}: missing {missing}") from None
        if named or len(values) > len(self._setters):
            raise TypeError(f"{type(self).__name__}: {values[len(self._setters) :] or list(named)} too many")
        return (*values, *more)

    def replace(self, **changes: object) -> Self:
        """A copy with some fields changed."""
        fields = self.__match_args__
        values = [changes.pop(field) if field in changes else getattr(self, field) for field in fields]
        return type(self)(*values, **changes)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"{type(self).__name__} is immutable: cannot set `{name}`")

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"{type(self).__name__} is immutable: cannot delete `{name}`")

    def __eq__(self, other: object) -> bool:
        if other is self:
            return True
        if type(other) is not type(self):
            return NotImplemented
        return all(getattr(self, field) == getattr(other, field) for field in self.__match_args__)

    def __hash__(self) -> int:
        return hash((type(self), *[getattr(self, field) for field in self.__match_args__]))

    def __repr__(self) -> str:
        fields = ", ".join(f"{field}={getattr(self, field)!r}" for field in self.__match_args__)
        return f"{type(self).__name__}({fields})"

    def __reduce__(self) -> tuple[object, ...]:
        return type(self), tuple([getattr(self, field) for field in self.__match_args__])
