"""Which households a list shows, and in which order; wherever a list of households stands."""

from typing import Annotated

import strawberry

from schema.enums import enum
from schema.reads.declared import Asked
from schema.texts import division_code
from tenants import households
from tenants.conditions import Every
from tenants.households import ORDERS, OrderBy

enum(households.HouseholdState, name="HouseholdState", description="贫困户状态 / Its state.")
enum(OrderBy, name="HouseholdOrder", description="次序 / The order of a list of households.")


@strawberry.input(description="筛选贫困户 / Which households; what is left out does not matter.")
class HouseholdFilter:
    division: str | None = strawberry.field(
        default=None, description="In the division with this 12-digit code, or below it."
    )
    state: households.HouseholdState | None = strawberry.field(default=None, description="In this state.")
    main_cause: str | None = strawberry.field(default=None, description="Poor for this cause: a term's id.")

    @property
    def wanted(self) -> households.Wanted:
        """Raises BAD_USER_INPUT for a code that no division can have."""
        code = division_code(self.division) if self.division is not None else None
        return households.Wanted(division=code, state=self.state, main_cause=self.main_cause)


Which = Annotated[HouseholdFilter | None, strawberry.argument(description="Which of them.")]
InOrder = Annotated[OrderBy, strawberry.argument(description="In which order.")]


def wanted_of(filter: HouseholdFilter | None) -> households.Wanted:
    return (filter or HouseholdFilter()).wanted


def households_asked(filter: HouseholdFilter | None = None, order_by: OrderBy = OrderBy.NUMBER) -> Asked:
    """What a list below another object asks for."""
    return Asked(Every(tuple(wanted_of(filter).conditions())), ORDERS[OrderBy(order_by)])
