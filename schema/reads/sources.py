"""Where rows come from, and how they stand in an answer: one as its object, several as a list."""

from dataclasses import dataclass

from graphql import GraphQLObjectType

from schema.reads.declared import Mapped
from schema.reads.statements import Spot
from schema.reads.texts import Said, put_together
from tenants.pages import Order

# A piece of SQL, and what is left to compute in what it answers with.
Compiled = tuple[str, Spot]


@dataclass(frozen=True, slots=True)
class Source:
    """Rows of one type: FROM and WHERE, with the alias that the row goes by."""

    kind: type[Mapped]
    type: GraphQLObjectType
    row: str
    where: str

    @property
    def rows(self) -> str:
        return f"FROM {self.kind.model._meta.db_table} {self.row} WHERE {self.where}"

    def ordered(self, order: Order) -> str:
        return f"{self.rows} {self.in_order(order)}"

    def in_order(self, order: Order) -> str:
        way = " DESC" if order.descending else ""
        return "ORDER BY " + ", ".join(f"{self.row}.{column}{way}" for column in order.columns)

    def listed(self, text: str, order: Order) -> str:
        """A JSON list of the texts over the rows, in their order."""
        found = f"SELECT {text} AS j {self.ordered(order)}"
        return f"(SELECT concat('[', string_agg(l.j, ','), ']') FROM ({found}) l)"

    def one_of_several(self, text: str, spot: Spot) -> str:
        """The row; under the name of its type, where anything is left to compute in one of the types."""
        if not spot.is_settled:
            text = put_together([Said(f'{{"{self.type.name}":'), text, Said("}")])
        return f"SELECT {text} {self.rows}"

    @property
    def brought(self) -> str:
        """The row, as its leaves need it."""
        if not self.kind.brings:
            return f"to_json({self.row})::text"
        chosen = ", ".join(f"{self.row}.{column}" for column in self.kind.brings)
        return f"(SELECT to_json(b) FROM (SELECT {chosen}) b)::text"
