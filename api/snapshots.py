"""What the code says of itself, printed into files that people and editors read: `make schema`."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

from policies import library
from policies.kinds.rule import Rule
from policies.profile import Profile
from policies.vocabulary import CATEGORY_NAMES, Category, Fact, Term, vocabulary
from schema.root import schema

HOUSE = Path(__file__).parents[1]
_INTRODUCTION = """# Words of the documents · 文件用语

Written by `make schema` from `policies/vocabulary.yaml` and the shipped profiles; change it there.

*in*: the shipped profiles whose rules use the word; – where none does yet. *includes*: the wider word stands
for these too, and a condition on it matches them. All Chinese variants of a word are one word.
"""


def schema_text() -> str:
    return schema.as_str() + "\n"


def profile_schema_text() -> str:
    """For editors: what a profile file may say."""
    return json.dumps(Profile.model_json_schema(), ensure_ascii=False, indent=1) + "\n"


def vocabulary_text() -> str:
    """Every common word and fact, by category."""
    used = _used()
    parts = [_INTRODUCTION]
    for category, (zh, en) in CATEGORY_NAMES.items():
        rows = (_term_row(term, used.get(term.id, [])) for term in vocabulary().terms(category))
        order = "由低到高 · lowest first" if category is Category.RANK else ""
        parts.append(
            _table(f"{en.capitalize()} · {zh}", "identifier | 中文 | English | in | note", rows, order)
        )
    facts = (_fact_row(name, fact) for name, fact in vocabulary().facts.items())
    introduction = "What conditions may name. *from*: the noun that supplies it, or entered by hand."
    parts.append(_table("Facts · 事实", "identifier | 中文 | type | from | note", facts, introduction))
    return "\n".join(parts)


SNAPSHOTS: Mapping[Path, Callable[[], str]] = {
    HOUSE / "schema" / "schema.graphql": schema_text,
    HOUSE / "policies" / "profile.schema.json": profile_schema_text,
    HOUSE / "docs" / "vocabulary.md": vocabulary_text,
}


def write() -> None:
    for path, text in SNAPSHOTS.items():
        path.write_text(text(), encoding="utf-8")


def outdated() -> list[str]:
    """The files, from the house on, that are not as the code says."""
    return [
        path.relative_to(HOUSE).as_posix()
        for path, text in SNAPSHOTS.items()
        if not path.exists() or path.read_text(encoding="utf-8") != text()
    ]


def _table(heading: str, columns: str, rows: Iterable[str], introduction: str = "") -> str:
    line = "|" + "---|" * len(columns.split("|"))
    return "\n".join(
        [
            f"## {heading}",
            "",
            *([introduction, ""] if introduction else []),
            f"| {columns} |",
            line,
            *rows,
            "",
        ]
    )


def _term_row(term: Term, used_in: list[str]) -> str:
    names = "；".join((term.label, *term.also))
    includes = "、".join(f"`{word}`" for word in term.includes)
    notes = [
        f"includes {includes}" if includes else "",
        term.why,
        f"`{term.permission}`" if term.permission else "",
    ]
    note = "；".join(note for note in notes if note)
    return f"| `{term.id}` | {names} | {term.label_en} | {' '.join(used_in) or '–'} | {note} |"


def _fact_row(name: str, fact: Fact) -> str:
    kind = ", ".join(
        part
        for part in (fact.type, fact.unit or "", fact.scale or "", "several" if fact.many else "")
        if part
    )
    note = "；".join(part for part in (*fact.reading, fact.note) if part)
    return f"| `{name}` | {fact.label} | {kind} | {fact.source} | {note} |"


def _used() -> Mapping[str, list[str]]:
    found: dict[str, list[str]] = {}
    for id in library.shipped():
        for word in dict.fromkeys(word for rule in library.own_profile(id).rules for word in _words(rule)):
            found.setdefault(word, []).append(id)
    return found


def _words(rule: Rule) -> Iterator[str]:
    for word in rule.terms():
        yield from word.split(".")
    for _, bound in rule.bounds():
        yield from bound.words
