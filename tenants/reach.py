"""The rows a viewer reaches, as a condition. The terms come from policies; only columns are added here.

Each term names its place, so the condition holds in a scope that reads several places too.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import wraps

from policies.access import Access
from policies.reach import Field, Rows, Term, Viewer
from policies.remembered import OfViewer
from tenants.asyncpg_client import TENANT
from tenants.conditions import Compared, Condition, Every, Linked, Some, Unless
from tenants.rows import PlaceRow

# Which rows a viewer may see, in general: asked when a statement is made, its values when it is run.
Visible = Callable[[Viewer, Access], Condition]


@dataclass(frozen=True, slots=True)
class Through:
    """A field that stands in the rows of another table, which refer to the row by `link`: those who are
    paired with a household are named in its pairings. `holds`: which of these count."""

    model: type[PlaceRow]
    link: str
    column: str
    holds: Condition


def per_viewer(visible: Visible) -> Visible:
    """Work a condition on what one may see out once for each viewer."""
    known = OfViewer[Condition]()

    @wraps(visible)
    def remembered(viewer: Viewer, access: Access) -> Condition:
        return known.of(viewer, access, lambda: visible(viewer, access))

    return remembered


# The column of each field that a table has. A field without a column is one that every row lacks.
Columns = Mapping[Field, str | Through]


def condition(rows: Rows, columns: Columns) -> Condition:
    """The rows as a condition on a table with these columns."""
    allowed = [said for term in rows.allow if (said := _said(term, columns)) is not None]
    denied = [said for term in rows.deny if (said := _denied(term, columns)) is not None]
    reached = Some(tuple(allowed))
    return Every((reached, *denied)) if allowed and denied else reached


def _denied(term: Term, columns: Columns) -> Condition | None:
    said, column = _said(term, columns), _column(term.field, columns)
    if said is None or column is None:
        return None
    return Unless(column if isinstance(column, str) else "id", said)


def _column(of: Field, columns: Columns) -> str | Through | None:
    return columns.get(of, TENANT if of is Field.PLACE else None)


def _said(term: Term, columns: Columns) -> Condition | None:
    column, place = _column(term.field, columns), _column(Field.PLACE, columns)
    if column is None:
        return None
    said = _of_term(term, column)
    if term.place_id is None or column == place:
        return said
    return Every((said, Compared(str(place), "=", term.place_id)))


def _of_term(term: Term, column: str | Through) -> Condition:
    if isinstance(column, Through):
        named = Compared(column.column, "=", term.value)
        return Linked(column.model, column.link, Every((named, column.holds)))
    if term.span is not None:
        lower, upper = term.span
        return Every((Compared(column, ">=", lower), Compared(column, "<", upper)))
    return Compared(column, "=", term.value)
