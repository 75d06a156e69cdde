"""Django's settings for both: no sessions, no admin, connections that stay open, GraphQL alone."""

import os
from urllib.parse import unquote, urlsplit

_database = urlsplit(os.environ["DATABASE_URL"])

SECRET_KEY = os.environ["KEY"]
ALLOWED_HOSTS = ["127.0.0.1"]
ROOT_URLCONF = os.environ["SCHEMA_MODULE"]
MIDDLEWARE = ["bench.peers.djangos.gate.Gate"]
USE_TZ = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
# The first two as in every Django: without them strawberry-django's optimizer imports and fails each time.
INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "bench.peers.djangos",
    *os.environ["DJANGO_APPS"].split(","),
]
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "HOST": unquote(_database.hostname or ""),
        "PORT": _database.port,
        "USER": _database.username,
        "PASSWORD": unquote(_database.password or ""),
        "NAME": _database.path.strip("/"),
        "CONN_MAX_AGE": None,
    }
}
