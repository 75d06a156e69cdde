"""What must hold of the environment before the server starts."""

import re
from collections.abc import Iterator
from importlib.metadata import distributions, packages_distributions

_OURS = "zeren"
_LAYERS = ("api", "schema", "tenants", "policies")


def check_environment() -> list[str]:
    """Every problem of the installed distributions, a sentence each; the server starts without any."""
    return [*_another_casbin(), *_namesakes()]


def _another_casbin() -> Iterator[str]:
    """pycasbin and casbin install the same package: the one installed later silently wins."""
    if any(_plain(found.metadata["Name"]) == "casbin" for found in distributions()):
        yield "the distribution casbin is installed and overwrites pycasbin: uninstall both, install pycasbin"


def _namesakes() -> Iterator[str]:
    """A distribution with a layer's name could be imported in its place."""
    owners = packages_distributions()
    for layer in _LAYERS:
        for name in sorted({_plain(owner) for owner in owners.get(layer, ())} - {_OURS}):
            yield f"the distribution {name} also installs a package named {layer}: uninstall it"


def _plain(name: str | None) -> str:
    return re.sub(r"[-_.]+", "-", name or "").lower()
