"""The gate of every request: whose token it is, and one transaction that reads his place and no other."""

# mypy: ignore-errors
# Django lives in an environment of its own.

from uuid import UUID

import jwt
from django.conf import settings
from django.db import connection, transaction
from django.http import HttpResponse

READS = "SET LOCAL app.tenants = '{place}'; SET LOCAL app.writer = '{place}'"


class Gate:
    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        try:
            claims = jwt.decode(token, settings.SECRET_KEY, algorithms=["HS256"], issuer="zeren")
        except jwt.InvalidTokenError:
            return HttpResponse(status=401)
        request.place_id, request.account_id = UUID(claims["place"]), UUID(claims["sub"])
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute(READS.format(place=request.place_id))
            return self.get_response(request)
