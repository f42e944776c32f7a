"""Ways through a provider that end early: each in a page that says so, with nobody signed in who was not."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import select

from market.accounts.models import Person
from market.accounts.oidc import client as oidc_client
from market.accounts.providers import IdentityProvider
from market.db import Sessions
from tests.accounts.oidc.conftest import Provider, Walker

Walk = Callable[[], Walker]


def test_who_is_not_signed_in_signs_in_before_proving_it_again(walker: Walk) -> None:
    browser = walker().market
    asked = browser.get("/sign-in/step-up?next=/me/team")
    assert (asked.status_code, asked.headers["location"]) == (303, "/sign-in?next=%2Fme%2Fteam")
    pressed = browser.post("/sign-in/step-up", data={"next": "/me/team"})
    assert (pressed.status_code, pressed.headers["location"]) == (303, "/sign-in")


def test_an_erased_person_does_not_come_back_with_the_same_subject(
    alpha: Provider, walker: Walk, sessions: Sessions, now: datetime
) -> None:
    walker().sign_in("alpha", "p-1")
    with sessions.begin() as session:
        session.scalars(select(Person)).one().erased_at = now
    again = walker()
    answer = again.sign_in("alpha", "p-1")
    assert answer.status_code == 403
    assert "erased" in answer.text
    assert again.market.get("/me").status_code == 303


def test_a_provider_without_a_way_out_keeps_nobody_signed_in_here(alpha: Provider, walker: Walk) -> None:
    alpha.faults["metadata"] = {"end_session_endpoint": None}
    one = walker()
    one.sign_in("alpha", "p-1")
    shown = one.market.get(one.market.post("/sign-out").headers["location"])
    onward = shown.text.split('content="0;url=')[1].split('"')[0].replace("&amp;", "&")
    assert one.market.get(onward).headers["location"] == "/signed-out"
    assert one.market.get("/me").status_code == 303


def test_an_answer_without_end_is_not_read_on(alpha: Provider, walker: Walk) -> None:
    alpha.faults["metadata"] = {"padding": "x" * oidc_client.ANSWER_BYTES}
    answer = walker().market.get("/sign-in/alpha")
    assert answer.status_code == 403
    assert "bad_answer" in answer.text


def test_a_list_is_no_answer_of_a_provider(alpha: Provider, walker: Walk) -> None:
    alpha.faults["list"] = True
    answer = walker().market.get("/sign-in/alpha")
    assert answer.status_code == 403
    assert "bad_answer" in answer.text


def test_nobody_proves_it_again_at_a_provider_that_was_closed(
    alpha: Provider, walker: Walk, sessions: Sessions
) -> None:
    one = walker()
    one.sign_in("alpha", "p-1")
    with sessions.begin() as session:
        row = session.scalars(select(IdentityProvider).where(IdentityProvider.ref == alpha.row.ref)).one()
        row.issuer = "https://moved.example"
    assert one.market.get("/sign-in/step-up?next=/me/team").status_code == 404
