"""Activities: what was done on the spot, such as a visit to a household. Late entry is normal in villages, so
each has both times."""

from tortoise import fields

from tenants.rows import PlaceRow, Walls


class Activity(PlaceRow):
    """`kind`: a term of category ACTIVITY. `occurred_at`: when it was done; `recorded_at`: when it was
    written down. `household_id`: whom it was about, where it was about one household."""

    kind = fields.CharField(64)
    person_id = fields.UUIDField()
    post_id = fields.UUIDField(null=True)
    unit_id = fields.UUIDField(null=True)
    code = fields.CharField(12)
    household_id = fields.UUIDField(null=True)
    occurred_at = fields.DatetimeField()
    note = fields.CharField(500, null=True)
    recorded_at = fields.DatetimeField()

    class Meta:
        table = "activities"

    walls = Walls(
        links={
            "person_id": "persons",
            "post_id": "posts",
            "unit_id": "units",
            "household_id": "households",
        },
        indexes={
            "activities_by_household": ("household_id", "occurred_at", "id"),
            "activities_by_person": ("person_id", "occurred_at", "id"),
            "activities_by_code": ("code", "occurred_at", "id"),
        },
    )
