"""Terms: the words of the documents, with their labels. Codes are never translated; labels come from here."""

from typing import Annotated, Self

import strawberry

from policies.vocabulary import Category, Vocabulary, vocabulary
from schema.costs import Cost
from schema.enums import enum
from schema.fields import ANYBODY, Info, read_field
from tenants.refusals import Flaw, invalid

enum(Category, name="TermCategory", description="词的类别 / What kind of word it is.")


@strawberry.type(description="文件中的一个词及其名称 / A word of the documents and its names.")
class Term:
    id: strawberry.ID = strawberry.field(description="The word itself: stable, never translated.")
    label: str = strawberry.field(description="The Chinese name, as the documents write it.")
    label_en: str = strawberry.field(description="The English name.")

    @classmethod
    def of(cls, word: str, words: Vocabulary | None = None) -> Self:
        """The word with its labels, from a document's words or the common ones; an unknown word is its own
        label."""
        known = words or vocabulary()
        return cls(id=strawberry.ID(word), label=known.label(word), label_en=known.label(word, "en"))

    @classmethod
    def maybe(cls, word: str | None) -> Self | None:
        return cls.of(word) if word is not None else None


@strawberry.type
class TermQuery:
    @read_field(
        permission=ANYBODY,
        description="某类的全部用词，登录后含本地文件自有的 / All words of a category; signed in, with the"
        " words of the place's own document.",
        cost=Cost(items=50),
    )
    async def terms(
        self,
        info: Info,
        category: Annotated[Category, strawberry.argument(description="Which words.")],
    ) -> list[Term]:
        words = info.context.words
        return [Term.of(term.id, words) for term in words.terms(category)]


def known_term(word: str, category: Category, path: str) -> str:
    """The word, if the vocabulary has it in this category. Raises INVALID otherwise."""
    if word not in {term.id for term in vocabulary().terms(category)}:
        raise invalid(Flaw.UNKNOWN_WORD, path, word=word[:64], category=category)
    return word
