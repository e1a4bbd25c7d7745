"""`dataclass(frozen=True, slots=True)` in less time: what the standard one compiles for each
class, six methods, is here shared by all, and `__init__` is compiled when the first object is made.

Measured with Python 3.11: 0.7 ms a class there, 0.07 ms here; 57 classes stand before the first
frame of the terminal UI, and three times as many before a command's first answer.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from functools import partial
from operator import attrgetter
from typing import TYPE_CHECKING, Any, TypeVar

T = TypeVar("T")

if TYPE_CHECKING:
    from dataclasses import dataclass as dataclass
else:

    def dataclass(*, slots: bool, frozen: bool = False) -> Callable[[type[T]], type[T]]:
        """As `dataclasses.dataclass` with slots, frozen or not; it is there for nothing else.

        Fields are all of `__init__`, in their order; there is no `__post_init__`.
        """
        assert slots
        return partial(_made, frozen=frozen)


def _made(cls: type[T], *, frozen: bool) -> type[T]:
    made: Any = dataclasses.dataclass(init=False, repr=False, eq=False, slots=True)(cls)
    made.__init__ = _first_init(made, frozen)
    _compare(made, [field.name for field in dataclasses.fields(made) if field.compare])
    if frozen:
        made.__setattr__ = _refuse
        made.__delattr__ = _refuse
        made.__reduce__ = _reduce
    else:
        made.__hash__ = None
    if "__repr__" not in made.__dict__:
        made.__repr__ = _repr
    return made


def _first_init(cls: Any, frozen: bool) -> Callable[..., None]:
    def __init__(self: object, *args: object, **named: object) -> None:
        cls.__init__ = _compiled(cls, frozen)
        cls.__init__(self, *args, **named)

    return __init__


def _compiled(cls: type, frozen: bool) -> Callable[..., None]:
    known: dict[str, Any] = {"_set": object.__setattr__, "_absent": dataclasses.MISSING}
    parameters, body = ["self"], ["pass"]
    for field in dataclasses.fields(cls):
        name, value = field.name, field.name
        if field.default is not dataclasses.MISSING:
            known[f"_default_{name}"] = field.default
            parameters.append(f"{name}=_default_{name}")
        elif field.default_factory is not dataclasses.MISSING:
            known[f"_make_{name}"] = field.default_factory
            parameters.append(f"{name}=_absent")
            value = f"_make_{name}() if {name} is _absent else {name}"
        else:
            parameters.append(name)
        body.append(f"_set(self, {name!r}, {value})" if frozen else f"self.{name} = {value}")
    exec(f"def __init__({', '.join(parameters)}): {'; '.join(body)}", known)
    init: Callable[..., None] = known["__init__"]
    init.__qualname__ = f"{cls.__qualname__}.__init__"
    return init


def _compare(cls: Any, names: list[str]) -> None:
    values: Callable[[object], object] = attrgetter(*names) if names else lambda each: ()

    def __eq__(self: object, other: object) -> bool:
        if other.__class__ is not self.__class__:
            return NotImplemented
        return values(self) == values(other)

    def __hash__(self: object) -> int:
        return hash(values(self))

    cls.__eq__, cls.__hash__ = __eq__, __hash__


def _refuse(self: object, name: str, *value: object) -> None:
    raise dataclasses.FrozenInstanceError(f"{self.__class__.__name__}.{name} can't be changed")


def _reduce(self: Any) -> tuple[object, ...]:
    return self.__class__, tuple(getattr(self, each.name) for each in dataclasses.fields(self))


def _repr(self: Any) -> str:
    shown = (each.name for each in dataclasses.fields(self) if each.repr)
    inner = ", ".join(f"{name}={getattr(self, name)!r}" for name in shown)
    return f"{self.__class__.__qualname__}({inner})"
