"""What gunicorn serves."""

# mypy: ignore-errors
# Django lives in an environment of its own.

import gc

from django.core.wsgi import get_wsgi_application

application = get_wsgi_application()
gc.freeze()
