"""Somebody adds a passkey, goes, comes back with it, and removes it; the device is Chromium's virtual one."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, TimeoutError, expect

from tests.flows.accounts.conftest import WAIT_MS, Letter, Open
from tests.flows.accounts.test_small_firm import check, press, register

pytestmark = pytest.mark.browser
expect.set_options(timeout=WAIT_MS)
DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
}
ADD = "Passkey hier hinzufügen"
USE = "Mit Passkey anmelden"
SLOWLY = """
  const known = window.PublicKeyCredential?.isConditionalMediationAvailable?.bind(PublicKeyCredential)
  if (known && location.hash === "#slowly") PublicKeyCredential.isConditionalMediationAvailable = async () => {
    await new Promise(pressed => addEventListener("submit", pressed, { capture: true, once: true }))
    return known()
  }
"""
"""A browser that says only once the button is pressed that it can offer passkeys by itself."""


class Device:
    """The virtual device of a page: whether it answers, and what it holds."""

    def __init__(self, page: Page) -> None:
        self.tools = page.context.new_cdp_session(page)
        self.tools.send("WebAuthn.enable")
        options = DEVICE | {"automaticPresenceSimulation": False}
        self.id = self.tools.send("WebAuthn.addVirtualAuthenticator", {"options": options})["authenticatorId"]

    def answers(self, on: bool) -> None:
        switch = {"authenticatorId": self.id, "enabled": on}
        self.tools.send("WebAuthn.setAutomaticPresenceSimulation", switch)

    def held(self) -> list[dict[str, object]]:
        found = self.tools.send("WebAuthn.getCredentials", {"authenticatorId": self.id})["credentials"]
        return list(found)


def sign_out(page: Page) -> None:
    page.goto("/me")
    page.get_by_role("button", name="Abmelden").click()
    page.wait_for_url("**/signed-out")


def entered(page: Page, heard: list[str]) -> None:
    """Signed in; where that fails, with what the browser and the page said of it."""
    try:
        page.wait_for_url("**/me", timeout=2 * WAIT_MS)
    except TimeoutError:
        shown = page.locator("[data-passkey-said]:visible, main [role=alert]").all_inner_texts()
        raise AssertionError(f"still at {page.url}; heard {heard}, shown {shown}") from None


def test_a_passkey_from_first_to_last(tab: Open, letter: Callable[[str], Letter]) -> None:
    page, email = tab("/register"), "pia@toechter.example"
    heard: list[str] = []
    page.on("console", lambda said: heard.append(said.text))
    page.on("pageerror", lambda fault: heard.append(str(fault)))
    register(page, email)
    page.goto(letter(email).link)
    press(page, page.get_by_role("button", name="Jetzt anmelden"))
    entered(page, heard)
    device = Device(page)
    device.answers(True)

    page.goto("/me/account")
    press(page, page.get_by_role("button", name=ADD))
    expect(page.locator("#passkeys .rows li")).to_have_count(1)
    assert [key["rpId"] for key in device.held()] == ["localhost"]
    assert device.held()[0]["isResidentCredential"]
    check(page)
    press(page, page.get_by_role("button", name=ADD))
    expect(page.locator("[data-passkey-said=known]")).to_be_visible()
    expect(page.locator("#passkeys .rows li")).to_have_count(1)

    sign_out(page)
    page.add_init_script(SLOWLY)
    page.goto("/sign-in#slowly")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if request.method == "POST" else None)
    press(page, page.get_by_role("button", name=USE))
    entered(page, heard)
    # One challenge and its answer: another one for the offer would make this one worthless.
    assert len(asked) == 2, asked
    sign_out(page)
    page.goto("/sign-in")  # the address field offers the passkey, and the device takes it
    entered(page, heard)
    page.goto("/me/account")
    expect(page.locator("#passkeys")).to_contain_text("zuletzt benutzt")

    press(page, page.locator("#passkeys").get_by_role("link", name="Entfernen"))
    expect(page.locator("h1")).to_contain_text("entfernen?")
    press(page, page.get_by_role("button", name="Entfernen"))
    page.wait_for_url("**/me/account#passkeys")
    expect(page.locator("#passkeys .rows li")).to_have_count(0)
    sign_out(page)
    page.goto("/sign-in")
    expect(page.locator("main [role=alert]").first).to_contain_text("Passkey ließ sich hier nicht benutzen")
    check(page)
    page.wait_for_load_state()
    page.goto("/me")
    assert "/sign-in" in page.url
    assert [said for said in heard if "403" not in said] == []
