"""The tables as Django sees them: made by zeren's migrations, unmanaged here.

A key is the row's id alone: Django has no foreign keys of two columns, and the walls add the place to every
statement by themselves.
"""

# mypy: ignore-errors
# Django lives in an environment of its own.

from uuid import uuid4

from django.db import models


class Division(models.Model):
    id = models.UUIDField(primary_key=True)
    code = models.CharField(max_length=12, unique=True)
    name = models.CharField(max_length=64)
    parent = models.ForeignKey(
        "self", models.DO_NOTHING, to_field="code", db_column="parent_code", null=True, related_name="below"
    )

    class Meta:
        managed, db_table, app_label = False, "divisions", "djangos"


class Person(models.Model):
    id = models.UUIDField(primary_key=True)
    name = models.CharField(max_length=64)
    account_id = models.UUIDField(null=True)

    class Meta:
        managed, db_table, app_label = False, "persons", "djangos"


class Post(models.Model):
    id = models.UUIDField(primary_key=True)
    person = models.ForeignKey(Person, models.DO_NOTHING, related_name="posts")
    role = models.CharField(max_length=64)
    begins_on = models.DateField()

    class Meta:
        managed, db_table, app_label = False, "posts", "djangos"
        ordering = ("begins_on", "id")


class Household(models.Model):
    id = models.UUIDField(primary_key=True)
    division = models.ForeignKey(
        Division, models.DO_NOTHING, to_field="code", db_column="code", related_name="households"
    )
    number = models.CharField(max_length=32)
    head_name = models.CharField(max_length=64)
    state = models.CharField(max_length=12)
    population = models.SmallIntegerField()
    income = models.DecimalField(max_digits=10, decimal_places=2, null=True)
    address = models.CharField(max_length=200, null=True)
    registered_on = models.DateField(null=True)

    class Meta:
        managed, db_table, app_label = False, "households", "djangos"
        ordering = ("division_id", "number", "id")


class Pairing(models.Model):
    id = models.UUIDField(primary_key=True)
    household = models.ForeignKey(Household, models.DO_NOTHING, null=True, related_name="pairings")
    person = models.ForeignKey(Person, models.DO_NOTHING, null=True, related_name="pairings")
    begins_on = models.DateField()
    recorded_at = models.DateTimeField()

    class Meta:
        managed, db_table, app_label = False, "pairings", "djangos"
        ordering = ("-recorded_at", "-id")


class Activity(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid4)
    tenant_id = models.UUIDField()
    kind = models.CharField(max_length=64)
    person = models.ForeignKey(Person, models.DO_NOTHING, related_name="activities")
    code = models.CharField(max_length=12)
    household = models.ForeignKey(Household, models.DO_NOTHING, null=True, related_name="activities")
    occurred_at = models.DateTimeField()
    note = models.CharField(max_length=500, null=True)
    recorded_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        managed, db_table, app_label = False, "activities", "djangos"
        ordering = ("-occurred_at", "-id")


VISIT = "household_visit"


def viewer_of(request):
    return Person.objects.get(account_id=request.account_id)


def record_visit(request, household_id, occurred_at):
    """The bare insert."""
    household = Household.objects.only("id", "division_id").get(id=household_id)
    return Activity.objects.create(
        tenant_id=request.place_id,
        kind=VISIT,
        person=viewer_of(request),
        code=household.division_id,
        household=household,
        occurred_at=occurred_at,
    )
