"""How names look outside, each worked out once: the library does so for every argument of every call."""

from functools import cache

from strawberry.schema.name_converter import NameConverter
from strawberry.utils.str_converters import to_camel_case

camel_case = cache(to_camel_case)


class Names(NameConverter):
    def apply_naming_config(self, name: str) -> str:
        """The names of our own code: a bounded number."""
        return camel_case(name)
