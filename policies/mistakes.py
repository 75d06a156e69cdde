"""Faults of the caller, told in both languages: a question that cannot be meant is refused, never answered.

    Mistake
      UnknownSubject    the question is about no act, no pair or no metric
      UnknownFact       the vocabulary has no fact of that name
      UnknownWord       the value of a fact is a word that the vocabulary does not know
      MistypedFact      the value is not of the fact's type, or not among its numbers
        TooMuch         there is more to judge than is judged at once

Silence is another thing: known words of which the document does not speak are answered, *unspecified*.
"""

import json

from policies.vocabulary import Names, meant

_LONGEST_ECHO = 60
_LONGEST_LIST = 12
_ENCODER = json.JSONEncoder(ensure_ascii=False, skipkeys=True, default=str)


class Mistake(ValueError):
    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.zh, self.en = zh, en


class UnknownSubject(Mistake): ...


class UnknownFact(Mistake): ...


class UnknownWord(Mistake): ...


class MistypedFact(Mistake): ...


class TooMuch(MistypedFact): ...


def shown(value: object) -> str:
    """A given value as JSON, cut: how long and how deep it is was the caller's choice."""
    written = ""
    for part in _ENCODER.iterencode(value):
        written += part
        if len(written) > _LONGEST_ECHO:
            written = written[:_LONGEST_ECHO] + "…"
            break
    return written.encode("utf-8", "backslashreplace").decode()


def instead(word: str, known: Names) -> tuple[str, str]:
    """How the sentence on an unknown word ends: with the word that was meant, or the few there are."""
    if one := meant(word, known):
        return f"，是不是 {_labelled(one, known)}？", f", did you mean {one}?"
    if not 0 < len(known) <= _LONGEST_LIST:
        return "", ""
    return f"；可用的有 {'、'.join(_labelled(id, known) for id in known)}", f"; known are {', '.join(known)}"


def _labelled(id: str, known: Names) -> str:
    return f"{id}（{known[id][0]}）" if known[id] else id
