"""graphene-django. It has no optimizer: each resolver names what it prefetches, and pages within a household
are cut from what was prefetched."""

# mypy: ignore-errors
# graphene-django lives in an environment of its own.

import graphene
from django.db.models import Count, Prefetch
from django.urls import path
from graphene import relay
from graphene_django import DjangoConnectionField, DjangoObjectType
from graphene_django.views import GraphQLView
from graphql_relay import from_global_id

from bench.peers.djangos import models


class Division(DjangoObjectType):
    class Meta:
        model, interfaces = models.Division, (relay.Node,)
        fields = ("code", "name", "parent")


class Role(graphene.ObjectType):
    id = graphene.ID(required=True)


class Post(DjangoObjectType):
    role = graphene.Field(Role)

    class Meta:
        model, interfaces, fields = models.Post, (relay.Node,), ()

    def resolve_role(post, info):
        return Role(id=post.role)


class Person(DjangoObjectType):
    posts = graphene.List(Post)

    class Meta:
        model, interfaces, fields = models.Person, (relay.Node,), ("name",)

    def resolve_posts(person, info):
        return person.posts.all()


class Pairing(DjangoObjectType):
    class Meta:
        model, interfaces = models.Pairing, (relay.Node,)
        fields = ("begins_on", "person")


class Visit(DjangoObjectType):
    class Meta:
        model, interfaces = models.Activity, (relay.Node,)
        fields = ("occurred_at", "note", "person")


class Pairings(relay.Connection):
    class Meta:
        node = Pairing


class Visits(relay.Connection):
    class Meta:
        node = Visit


class Household(DjangoObjectType):
    pairings = relay.ConnectionField(Pairings)
    visits = relay.ConnectionField(Visits)

    class Meta:
        model, interfaces = models.Household, (relay.Node,)
        fields = (
            "number",
            "head_name",
            "state",
            "population",
            "income",
            "address",
            "registered_on",
            "division",
        )

    def resolve_pairings(household, info, **_):
        return list(household.pairings.all())

    def resolve_visits(household, info, **_):
        return household.visits

    @classmethod
    def get_node(cls, info, id):
        visits = models.Activity.objects.filter(kind=models.VISIT).select_related("person")
        return (
            models.Household.objects.select_related("division__parent")
            .prefetch_related(WITH_PERSON, Prefetch("activities", visits, to_attr="visits"))
            .get(id=id)
        )


WITH_PERSON = Prefetch("pairings", models.Pairing.objects.select_related("person"))


class HouseholdCount(graphene.ObjectType):
    value = graphene.String(required=True)
    count = graphene.Int(required=True)


class Query(graphene.ObjectType):
    node = relay.Node.Field()
    households = DjangoConnectionField(
        Household, low=graphene.String(required=True), high=graphene.String(required=True)
    )
    household_counts = graphene.List(HouseholdCount)
    viewer = graphene.Field(Person)

    def resolve_households(root, info, low, high, **_):
        found = models.Household.objects.filter(division_id__gte=low, division_id__lt=high)
        return found.select_related("division").prefetch_related(WITH_PERSON)

    def resolve_household_counts(root, info):
        states = models.Household.objects.order_by("state").values("state").annotate(number=Count("id"))
        return [HouseholdCount(value=found["state"], count=found["number"]) for found in states]

    def resolve_viewer(root, info):
        return models.viewer_of(info.context)


class VisitRecord(graphene.Mutation):
    class Arguments:
        household = graphene.ID(required=True)
        at = graphene.DateTime(required=True)

    visit = graphene.Field(Visit)

    def mutate(root, info, household, at):
        return VisitRecord(visit=models.record_visit(info.context, from_global_id(household).id, at))


class Mutation(graphene.ObjectType):
    visit_record = VisitRecord.Field()


schema = graphene.Schema(query=Query, mutation=Mutation, types=[Household])
urlpatterns = [path("graphql", GraphQLView.as_view(schema=schema, graphiql=False))]
