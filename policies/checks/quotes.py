"""Whether a quotation stands in a document, whatever became of its spaces, marks and brackets."""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

from policies.outcomes import Basis
from policies.problems import Problem
from policies.profile import Profile

_MARKS = "“”„‟‘’‚‛「」『』〝〞＂＇'"
_OPENING, _CLOSING = "〔【［[｛{〖", "〕】］]｝}〗"
_SHAPES = str.maketrans(
    dict.fromkeys(_MARKS, '"') | dict.fromkeys(_OPENING, "(") | dict.fromkeys(_CLOSING, ")")
)


def folded(text: str) -> str:
    """NFKC without white space, all quotation marks one, brackets of one shape."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text)).translate(_SHAPES)


# Every quotation of a document is looked for in the same text.
_folded_once = lru_cache(maxsize=8)(folded)


def stands_in(quote: str, text: str) -> bool:
    """An empty quotation stands nowhere."""
    wanted = folded(quote)
    return bool(wanted) and wanted in _folded_once(text)


def examine(profile: Profile, text: str) -> Iterator[Problem]:
    for rule in profile.own_rules:
        if rule.basis is Basis.DOCUMENT and not stands_in(rule.quote, text):
            yield Problem(
                "quote_not_found",
                f"rules.{rule.id}.quote",
                f"存文里没有这句话：{rule.quote}",
                "the quotation does not stand in the stored text",
                "逐字照抄原文；空白、引号和括号的写法不计，其余标点要一致",
            )
