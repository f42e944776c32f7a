"""Which of our languages a text is in, by its small words: enough for a label, safe in every code page."""

import re
from typing import Final

from market.values import DEFAULT_LANGUAGE, Language

_SMALL: Final[dict[Language, frozenset[str]]] = {
    "de": frozenset(
        "der die das und in von mit im den des zur zum auf dem ein eine einer eines einen bei bis nach "
        "aus als auch oder ist sind wird werden wir sich nicht durch vom am an alle ihre ihr sie".split()
    ),
    "en": frozenset(
        "the of and for to in with on by at from is are be this that which a an or our your we as it under "
        "provision supply services service including within".split()
    ),
    "pl": frozenset(
        "i w na do z oraz dla od ze po przez przy lub jest wraz o nie to jako tym ich jego pod nad tego nr "
        "sp ul dostawa budowa wykonanie remont roboty zakup naprawa modernizacja przebudowa".split()
    ),
}
_LETTERS: Final[dict[Language, str]] = {"de": "äöüß", "en": "", "pl": "łąęśćżźńó"}
_WORD = re.compile(r"[^\W\d_]+")


def language_of_text(text: str, default: Language = DEFAULT_LANGUAGE) -> Language:
    """The language whose small words and letters stand there most often; the default one where none does."""
    lowered = text[:20_000].lower()
    words = _WORD.findall(lowered)
    scores = {language: sum(word in small for word in words) for language, small in _SMALL.items()}
    for language, letters in _LETTERS.items():
        scores[language] += sum(lowered.count(letter) for letter in letters)
    best = max(scores.values())
    return next(language for language, score in scores.items() if score == best) if best else default
