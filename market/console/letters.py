"""Letters to firms: to the address on record, in the firm's language."""

from typing import Any

from market.accounts.models import Organisation
from market.i18n import language_of
from market.mail import letters
from market.values import LANGUAGES
from market.web.endpoint import Call


def language_of_firm(organisation: Organisation) -> str:
    """The first it speaks of ours; without one Polish for firms in Poland, German for others."""
    spoken = next((code for code in organisation.languages if code in LANGUAGES), "")
    return language_of(spoken or ("pl" if organisation.country == "PL" else "de"))


def tell_firm(call: Call, organisation: Organisation, event: str, **context: Any) -> bool:
    """Write a letter; False where no letter can go to the address on record."""
    if letters.postable(organisation.email) is None:
        return False
    spoken = language_of_firm(organisation)
    letters.write(call.session, call.now, organisation.email, spoken, event, firm=organisation.name, **context)
    return True
