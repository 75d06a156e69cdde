"""Numbers that a rule names instead of carrying them: given, assumed by a reading, or open."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Literal

from pydantic import Field, StrictBool, StrictInt, StrictStr, model_validator

from policies.form import Day, Form, Words
from policies.outcomes import GapState

Value = StrictBool | StrictInt | Decimal | StrictStr


class CountyNote(Form):
    """Who filled something in for the county, on which day, from which paper."""

    by: str
    on: Day
    paper: str


class Parameter(Form):
    """A setting standing, by its name, in the place of a value."""

    parameter: str


class Setting(Form):
    """One value, or a table over one fact or the year (`by`), or open with its state.

    `assumed` marks a value that a reading supplied: it is used, and shown until a person confirms it.
    `noted` says from which paper the county filled the value in; `clause` where the document gives it.
    """

    label: str
    value: Value | None = None
    by: str | None = None
    values: dict[str, Value] = Field(default={})
    state: GapState | Literal["assumed"] | None = None
    to: str | None = None
    owner: Literal["own", "parent"] = "own"
    reading: Words = ()
    clause: str = ""
    noted: CountyNote | None = None
    note: str = ""

    @model_validator(mode="after")
    def _says_one_thing(self) -> "Setting":
        if bool(self.by) != bool(self.values):
            raise ValueError("a table needs both `by` and `values`")
        if self.is_given and self.state not in (None, "assumed"):
            raise ValueError("a setting with a value is not open")
        if not self.is_given and self.state in (None, "assumed"):
            raise ValueError("a setting without a value says why it is open")
        if self.noted and (not self.is_given or self.is_assumed):
            raise ValueError("a county's note stands beside the value that it gives")
        return self

    @property
    def is_given(self) -> bool:
        return self.value is not None or bool(self.values)

    @property
    def told(self) -> str:
        """Its value as a person reads it; of a table, each value after its key."""
        return "、".join(f"{key}：{value}" for key, value in self.values.items()) or str(self.value)

    @property
    def is_assumed(self) -> bool:
        return self.state == "assumed"

    @property
    def looked_up_by(self) -> str | None:
        """The fact that the table is over, if it is over a fact."""
        return self.by if self.by != "year" else None

    def resolved(self, facts: Mapping[str, object], on: date) -> Value | None:
        """The value for these facts and this day. A key that the table lacks is open, never the nearest."""
        if self.by is None:
            return self.value
        return self.values.get(str(on.year if self.by == "year" else facts.get(self.by)))
