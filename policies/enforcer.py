"""The casbin enforcer of one profile version, sealed, and the table compiled from it."""

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import astuple, dataclass, replace
from pathlib import Path
from typing import Any, NoReturn

import casbin
from casbin.util.log import DEFAULT_LOGGING

from policies.grants import Effect, Row
from policies.reach import Reach

_MODEL = str(Path(__file__).with_name("model.conf"))
_CHANGING = (
    "add_",
    "build_",
    "clear_",
    "delete_",
    "enable_",
    "init_",
    "load_",
    "remove_",
    "save_",
    "set_",
    "update_",
)
Closure = Mapping[str, frozenset[str]]


@dataclass(frozen=True, slots=True)
class Cell:
    """What one role has of one permission, by itself and by every wider role it is included in."""

    allow: tuple[Reach, ...] = ()
    deny: tuple[Reach, ...] = ()


Table = Mapping[str, Mapping[str, Cell]]


def enforcer_of(
    rows: Iterable[Row], links: Sequence[tuple[str, str]], holds: Callable[..., bool]
) -> casbin.Enforcer:
    """An enforcer that decides by these rows for ever; `holds` is the matcher's function."""
    with _loggers_left_alone():
        enforcer = casbin.Enforcer(_MODEL)
    enforcer.logger = _silent()
    enforcer.add_function("holds", holds)
    enforcer.model["p"]["p"].policy = tuple(astuple(row) for row in rows)
    enforcer.model["g"]["g"].policy = tuple(links)
    enforcer.build_role_links()
    return _sealed(enforcer)


def closure_of(enforcer: casbin.Enforcer, roles: Iterable[str]) -> Closure:
    """Each role with every wider role that includes it, from casbin's own role manager."""
    return {role: frozenset({role, *enforcer.get_implicit_roles_for_user(role)}) for role in roles}


def rows_of(enforcer: casbin.Enforcer) -> Iterator[Row]:
    return (Row(*cells) for cells in enforcer.get_policy())


def table_of(rows: Iterable[Row], closure: Closure) -> Table:
    """permission -> role -> reaches, the wider roles' rows folded into each role they include."""
    table: dict[str, dict[str, Cell]] = {}
    for row in rows:
        cells = table.setdefault(row.permission, {})
        for role in (role for role, wider in closure.items() if row.role in wider):
            cells[role] = _added(cells.get(role, Cell()), row)
    return table


def _added(cell: Cell, row: Row) -> Cell:
    side = str(Effect(row.effect))
    return replace(cell, **{side: tuple(dict.fromkeys((*getattr(cell, side), Reach(row.reach))))})


def _sealed(enforcer: casbin.Enforcer) -> casbin.Enforcer:
    for name in dir(enforcer):
        if name.lstrip("_").startswith(_CHANGING):
            setattr(enforcer, name, _refuse)
    return enforcer


def _refuse(*_: Any, **__: Any) -> NoReturn:
    raise TypeError("the enforcer of a profile version never changes; compile another version")


@contextmanager
def _loggers_left_alone() -> Iterator[None]:
    """casbin disables its loggers for the whole process whenever an enforcer is made."""
    loggers = [logging.getLogger(name) for name in DEFAULT_LOGGING["loggers"]]
    before = [logger.disabled for logger in loggers]
    try:
        yield
    finally:
        for logger, disabled in zip(loggers, before, strict=True):
            logger.disabled = disabled


def _silent() -> logging.Logger:
    """For the enforcer itself: it would write every refused viewer and row into the log."""
    logger = logging.Logger("policies.enforcer")
    logger.disabled = True
    return logger
