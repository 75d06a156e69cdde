"""strawberry-django with its optimizer, as its manual builds it, at its fastest: parsed and validated
documents are kept, and each node names its id, which is otherwise looked for in every row."""

# mypy: ignore-errors
# strawberry-django lives in an environment of its own.

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

import strawberry
import strawberry_django
from django.db.models import Count
from django.urls import path
from strawberry import auto, relay
from strawberry.django.views import GraphQLView
from strawberry.extensions import ParserCache, ValidationCache
from strawberry_django.optimizer import DjangoOptimizerExtension
from strawberry_django.relay import DjangoListConnection

from bench.peers.djangos import models


@strawberry_django.type(models.Division)
class Division(relay.Node):
    id: relay.NodeID[UUID]
    code: auto
    name: auto
    parent: "Division | None"


@strawberry.type
class Role:
    id: str


@strawberry_django.type(models.Post)
class Post(relay.Node):
    id: relay.NodeID[UUID]

    @strawberry_django.field(only=["role"])
    def role(self) -> Role:
        return Role(id=self.role)


@strawberry_django.type(models.Person)
class Person(relay.Node):
    id: relay.NodeID[UUID]
    name: auto
    posts: list[Post]


@strawberry_django.type(models.Pairing)
class Pairing(relay.Node):
    id: relay.NodeID[UUID]
    begins_on: auto
    person: Person | None


@strawberry_django.type(models.Activity)
class Visit(relay.Node):
    id: relay.NodeID[UUID]
    occurred_at: auto
    note: auto
    person: Person

    @classmethod
    def get_queryset(cls, queryset, info, **kwargs):
        return queryset.filter(kind=models.VISIT)


@strawberry_django.type(models.Household)
class Household(relay.Node):
    id: relay.NodeID[UUID]
    number: auto
    head_name: auto
    state: auto
    population: auto
    income: auto
    address: auto
    registered_on: auto
    division: Division
    pairings: DjangoListConnection[Pairing] = strawberry_django.connection()
    visits: DjangoListConnection[Visit] = strawberry_django.connection(field_name="activities")


@strawberry.type
class HouseholdCount:
    value: str
    count: int


@strawberry.type
class Query:
    node: relay.Node = strawberry_django.node()

    @strawberry_django.connection(DjangoListConnection[Household])
    def households(self, low: str, high: str) -> Iterable[models.Household]:
        return models.Household.objects.filter(division_id__gte=low, division_id__lt=high)

    @strawberry.field
    def household_counts(self) -> list[HouseholdCount]:
        states = models.Household.objects.order_by("state").values("state").annotate(number=Count("id"))
        return [HouseholdCount(value=found["state"], count=found["number"]) for found in states]

    @strawberry_django.field
    def viewer(self, info: strawberry.Info) -> Person:
        return models.viewer_of(info.context.request)


@strawberry.type
class Recorded:
    visit: Visit


@strawberry.type
class Mutation:
    @strawberry.mutation
    def visit_record(self, info: strawberry.Info, household: relay.GlobalID, at: datetime) -> Recorded:
        return Recorded(visit=models.record_visit(info.context.request, household.node_id, at))


schema = strawberry.Schema(
    Query, Mutation, types=[Household], extensions=[DjangoOptimizerExtension, ParserCache, ValidationCache]
)
urlpatterns = [path("graphql", GraphQLView.as_view(schema=schema, graphql_ide=None))]
