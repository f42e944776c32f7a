"""`/me/profile`: the organisation's own page about itself."""

from typing import Any

from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from market.accounts import me, service
from market.accounts.me import Todo, own
from market.accounts.models import Organisation
from market.accounts.rules import may_edit
from market.certificates.service import of_organisations
from market.errors import Forbidden, Unavailable
from market.files import service as files
from market.files.checks import IMAGES, Unfit
from market.files.views import store_of, taken
from market.i18n import N_
from market.offerings.labels import language
from market.profiles import service as profiles
from market.profiles.completeness import Item, items, next_missing
from market.profiles.forms import FIELDS, SPOKEN, ProfileForm, not_in_the_future
from market.taxonomy.places import Gazetteer
from market.web.endpoint import Call, endpoint
from market.web.forms import Filled, read


def profile(call: Call) -> Response:
    organisation = own(call)
    return _page(call, organisation, Filled(values_of(organisation)))


def values_of(organisation: Organisation) -> dict[str, Any]:
    """The profile as the form shows it."""
    plain = ("name", "legal_form", "street", "phone", "email", "website", "contact", "imprint", "employees", "founded")
    values: dict[str, Any] = {name: getattr(organisation, name) or "" for name in plain}
    values["place"] = f"{organisation.postcode} {organisation.town}".strip()
    values["languages"] = list(organisation.languages)
    values |= {f"about_{code}": text for code, text in (organisation.about or {}).items()}
    numbers = {entry["scheme"]: entry for entry in organisation.registers}
    values |= {name: numbers[scheme]["number"] for name, scheme in FIELDS.items() if scheme in numbers}
    values["court"] = numbers.get("DE-HRB", {}).get("court", "")
    return values


def found_items(call: Call, organisation: Organisation) -> list[Item]:
    held = of_organisations(call.session, [organisation.id])[organisation.id]
    return items(organisation, profiles.logo_of(call.session, organisation.id), held)


def _page(call: Call, organisation: Organisation, filled: Filled[ProfileForm], status: int = 200) -> Response:
    found = found_items(call, organisation)
    return call.render(
        "profiles/edit.html",
        status=status,
        organisation=organisation,
        filled=filled,
        edits=may_edit(call.viewer, organisation),
        items=found,
        missing=next_missing(found),
        logo_file=profiles.logo_of(call.session, organisation.id),
        spoken=[(code, language(call.words, code), "") for code in SPOKEN],
    )


def change(call: Call) -> Response:
    organisation = own(call)
    if not may_edit(call.viewer, organisation):
        raise Forbidden("this role does not edit the profile")
    filled = read(call.form, ProfileForm, call.words)
    if filled.data is not None and not not_in_the_future(filled.data, call.today):
        filled.refuse("founded", call.words(N_("This year is still to come.")))
    spot = Gazetteer.load(call.session).locate(filled.values["place"]) if filled.values["place"] else None
    if spot is None and "place" not in filled.errors:
        filled.refuse("place", call.words(N_("We do not know this place. Give a postcode or a town of the region.")))
    if filled.data is not None:
        _logo(call, organisation, filled)
    form = filled.data
    if form is None or spot is None:
        return _page(call, organisation, filled, 422)
    moved = (organisation.postcode, organisation.town) != (spot.postcode, spot.town)
    point = {"lat": spot.lat, "lon": spot.lon, "district": spot.district} if moved else {}
    service.change(
        call.session,
        call.viewer,
        organisation,
        call.now,
        about=form.about(),
        registers=form.registers(),
        languages=tuple(form.languages),
        postcode=spot.postcode,
        town=spot.town,
        country=spot.country,
        **point,
        **form.model_dump(include=_PLAIN),
    )
    return call.redirect("profile")


_PLAIN = {"name", "legal_form", "street", "employees", "founded", "phone", "email", "website", "contact", "imprint"}


def _logo(call: Call, organisation: Organisation, filled: Filled[ProfileForm]) -> None:
    """Take the new logo, or drop the old one if that is ticked."""
    store = store_of(call)
    if files.is_chosen(call.form.get("logo")):
        try:
            logo = taken(call, "logo", frozenset(IMAGES))
            profiles.set_logo(call.session, call.viewer, store, organisation, logo, call.now)
        except Unfit as unfit:
            filled.refuse("logo", call.words(str(unfit)))
        except Unavailable as away:
            filled.refuse("logo", call.words(files.excuse(away)))
    elif call.form.get("drop_logo"):
        profiles.drop_logo(call.session, call.viewer, store, organisation, call.now)


def todo(call: Call, organisation: Organisation) -> list[Todo]:
    """The next thing the profile lacks."""
    if not may_edit(call.viewer, organisation):
        return []
    found = found_items(call, organisation)
    missing = next_missing(found)
    if missing is None:
        return []
    open_ = sum(not item.done for item in found)
    text = call.words.ngettext("Profile: %(num)s item missing", "Profile: %(num)s items missing", open_) % {
        "num": open_
    }
    more = call.words(N_("Next: %(item)s"), item=call.words(missing.text))
    return [Todo(open_, text % {"num": open_}, more, call.link("profile") + f"#{missing.field}", me.LATER)]


me.TODOS.append(todo)

routes: list[BaseRoute] = [
    Route("/me/profile", endpoint(profile), name="profile", methods=["GET"]),
    Route("/me/profile", endpoint(change), name="profile:change", methods=["POST"]),
]
