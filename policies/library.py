"""The profiles and the stored texts that come with the platform."""

from functools import cache
from importlib.resources import files
from pathlib import Path

from policies.lineage import merge
from policies.profile import Profile
from policies.reading import read_profile


def shipped() -> tuple[str, ...]:
    """The ids of the profiles that come with the platform."""
    listed = files("policies").joinpath("profiles").iterdir()
    return tuple(sorted(file.name.removesuffix(".yaml") for file in listed if file.name.endswith(".yaml")))


def profile_path(id: str) -> Path:
    return Path(str(files("policies").joinpath("profiles", f"{id}.yaml")))


def profile_text(id: str) -> str:
    """The YAML text of a profile, as it is published. Raises FileNotFoundError."""
    return profile_path(id).read_text("utf-8")


def document_text(name: str) -> str:
    """The stored text of an official document, as named by `Profile.text`. Raises FileNotFoundError."""
    return files("policies").joinpath("documents", name).read_text("utf-8")


@cache
def own_profile(id: str) -> Profile:
    """What the document itself says."""
    return read_profile(profile_text(id))


@cache
def profile(id: str) -> Profile:
    """What holds in the place: its document, and what it leaves standing of its parent's."""
    return joined(own_profile(id))


def joined(own: Profile) -> Profile:
    """A profile together with the parent that it pins, if it pins one."""
    return merge(own, profile(own.parent.id)) if own.parent else own
