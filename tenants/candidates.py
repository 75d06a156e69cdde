"""What the record knows of a person who is put up for a seat or a pairing, as facts for the law.

It gives what follows from his rank, his posts and his unit, and leaves out what is not certain: a fact that
is missing withholds the answer, and whoever puts him up says it (`entered`). What the record knows, nobody
may say otherwise.
"""

from collections.abc import Collection, Mapping
from datetime import date
from uuid import UUID

from policies.circumstances import FactValue
from policies.jurisdiction import Level
from tenants import divisions, people, units
from tenants.people import Person, Post
from tenants.units import Unit

Facts = Mapping[str, FactValue]


async def facts_of(persons: Collection[Person], day: date) -> dict[UUID, Facts]:
    """The facts of each person on a day: his roles, his rank, and the organ and unit that he comes from,
    where his posts name only one."""
    posts = await people.posts_of_persons([person.id for person in persons])
    open_posts = {who: [post for post in his if people.is_open(post, day)] for who, his in posts.items()}
    every_post = [post for his in open_posts.values() for post in his]
    by_id = await units.by_ids({post.unit_id for post in every_post if post.unit_id})
    codes = {post.code for post in every_post} | {unit.code for unit in by_id.values()}
    levels = {code: node.level for code, node in (await divisions.known_by(codes)).items()}
    return {person.id: _facts(person, open_posts[person.id], by_id, levels) for person in persons}


def _facts(
    person: Person,
    posts: Collection[Post],
    by_id: Mapping[UUID, Unit],
    levels: Mapping[str, Level],
) -> Facts:
    found: dict[str, FactValue] = {"candidate_role": tuple(dict.fromkeys(post.role for post in posts))}
    if person.rank is not None:
        found["candidate_rank"] = person.rank
    of_units = [by_id[post.unit_id] for post in posts if post.unit_id is not None and post.unit_id in by_id]
    # Who comes from no unit is a cadre of the level itself, such as 乡镇.
    organs = {levels[post.code].value for post in posts if post.unit_id is None and post.code in levels}
    certain = {
        "candidate_organ": organs | {unit.organ for unit in of_units if unit.organ},
        "candidate_unit": {unit.organ for unit in of_units if unit.organ},
        "candidate_unit_level": {levels[unit.code].value for unit in of_units if unit.code in levels},
    }
    return found | {name: values.pop() for name, values in certain.items() if len(values) == 1}
