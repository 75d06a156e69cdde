"""Whether a quotation stands in a document, whatever became of its spaces, marks and brackets."""

import re
import unicodedata
from functools import lru_cache

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
