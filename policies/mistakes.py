"""Faults of the caller, told in both languages: a question that cannot be meant is refused, never answered.

    Mistake
      UnknownSubject    the question is about no act, pair or metric
      UnknownFact       the vocabulary has no fact of that name
      UnknownWord       the value of a fact is a word that the vocabulary does not know
      MistypedFact      the value is not of the fact's type, or not on its scale or step

Silence is different: a known word of which the document does not speak is answered, with *unspecified*.
"""

import json

_LONGEST_ECHO = 60
_ENCODER = json.JSONEncoder(ensure_ascii=False, skipkeys=True, default=str)


class Mistake(ValueError):
    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.zh, self.en = zh, en


class UnknownSubject(Mistake): ...


class UnknownFact(Mistake): ...


class UnknownWord(Mistake): ...


class MistypedFact(Mistake): ...


def shown(value: object) -> str:
    """The beginning of a given value as JSON: neither its length nor its depth is the caller's to choose."""
    written = ""
    for part in _ENCODER.iterencode(value):
        written += part
        if len(written) > _LONGEST_ECHO:
            written = written[:_LONGEST_ECHO] + "…"
            break
    return written.encode("utf-8", "backslashreplace").decode()
