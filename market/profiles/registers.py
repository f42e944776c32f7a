"""Numbers of public registers: the form each must have, and its check digits where it has some."""

import re
from collections.abc import Callable
from typing import Final

from stdnum.de import vat as de_vat
from stdnum.exceptions import ValidationError
from stdnum.pl import nip, regon

from market.i18n import N_

COURT_NUMBER: Final = re.compile(r"(?:HR\s?[AB]|VR|GnR)?\s*(\d{1,6})(?:\s?([A-Z]{1,3}))?", re.IGNORECASE)


def hrb(text: str) -> str:
    """`HRB 1234 FF`: at most six digits, the suffix some courts add. Raises ValueError with a sentence."""
    found = COURT_NUMBER.fullmatch(text.strip())
    if found is None:
        raise ValueError(N_("Write the number like this: HRB 1234 or HRB 1234 FF."))
    return f"HRB {found[1]}" + (f" {found[2].upper()}" if found[2] else "")


def krs(text: str) -> str:
    """Ten digits of the Polish court register, zeros in front included."""
    digits = re.sub(r"\D", "", text)
    if not 1 <= len(digits) <= 10:
        raise ValueError(N_("The KRS number has 10 digits, for example 0000123456."))
    return digits.zfill(10)


def _checked(check: Callable[[str], str], sentence: str) -> Callable[[str], str]:
    def clean(text: str) -> str:
        try:
            return check(text)
        except ValidationError as error:
            raise ValueError(sentence) from error

    return clean


def vat(text: str) -> str:
    """A German VAT number, `DE123456788`."""
    sentence = N_("This VAT number is not right: DE and nine digits, the last one is a check digit.")
    return "DE" + _checked(de_vat.validate, sentence)(text)


SCHEMES: Final[dict[str, Callable[[str], str]]] = {
    "DE-HRB": hrb,
    "EU-VAT": lambda text: (
        "DE"
        + _checked(
            de_vat.validate, N_("This VAT number is not right: DE and nine digits, the last one is a check digit.")
        )(text)
    ),
    "PL-NIP": _checked(nip.validate, N_("This NIP is not right: ten digits, the last one is a check digit.")),
    "PL-KRS": krs,
    "PL-REGON": _checked(regon.validate, N_("This REGON is not right: nine or fourteen digits with a check digit.")),
}
"""Scheme -> the number in its one spelling. Each raises ValueError with a sentence."""
