"""strawberry-django and graphene-django, each behind gunicorn: one worker, two threads that keep their
connections: its plain worker closes the line after each answer, and more threads only wait for each other."""

from bench.peers import toolbox
from bench.peers.peer import PROJECT, Peer, Start
from bench.peers.world import KEY, World

THREADS = 2

LIST = """
query List($low: String!, $high: String!) { households(low: $low, high: $high, first: 50) {
  edges { node { id number headName state population income registeredOn address division { name }
    pairings(first: 10) { edges { node { person { id name } } } } } }
  pageInfo { hasNextPage endCursor } } }
"""
DETAIL = """
query Detail($id: ID!) { node(id: $id) { ... on Household {
  id number headName state population income registeredOn address
  division { code name parent { name } }
  pairings(first: 10) { edges { node { beginsOn person { name } } } }
  visits(first: 5) { edges { node { occurredAt note person { name } } } } } } }
"""
TINY = "query Tiny { viewer { name posts { role { id } } } }"
COUNT = "query Count { householdCounts { value count } }"
GROUPED = COUNT.replace("Count", "Grouped", 1)
WRITE = """
mutation Write($household: ID!, $at: DateTime!) {
  visitRecord(household: $household, at: $at) { visit { id } } }
"""
QUERIES = {"list": LIST, "detail": DETAIL, "tiny": TINY, "count": COUNT, "grouped": GROUPED, "write": WRITE}


def _start(pins: str, schema: str, apps: str, world: World, port: int) -> Start:
    python = toolbox.python_with(pins)
    environment = {
        "DATABASE_URL": world.database_url,
        "KEY": KEY,
        "DJANGO_SETTINGS_MODULE": "bench.peers.djangos.settings",
        "SCHEMA_MODULE": f"bench.peers.djangos.{schema}",
        "DJANGO_APPS": apps,
        "PYTHONPATH": str(PROJECT),
    }
    served = ["bench.peers.djangos.wsgi", "--bind", f"127.0.0.1:{port}", "--log-level", "warning"]
    how = ["--workers", "1", "--worker-class", "gthread", "--threads", str(THREADS), "--keep-alive", "60"]
    return Start([str(python), "-m", "gunicorn", *served, *how], environment)


def start_strawberry(world: World, port: int) -> Start:
    return _start("strawberry-django", "strawberry_schema", "strawberry_django", world, port)


def start_graphene(world: World, port: int) -> Start:
    return _start("graphene-django", "graphene_schema", "graphene_django", world, port)


STRAWBERRY_DJANGO = Peer("strawberry_django", QUERIES, start_strawberry)
GRAPHENE_DJANGO = Peer("graphene_django", QUERIES, start_graphene)
