"""A file of a bid whose network fails: it goes on by itself, and after the page was closed, from where it was."""

import os
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, Route, expect

from market.bids.uploads import PIECE
from tests.files.test_checks import PDF
from tests.flows.tendering import sound

PIECES = 4


class Line:
    """What brings the pieces, until it fails; and again once it is mended."""

    def __init__(self, tab: Page) -> None:
        self.left, self.sent = 0, 0
        tab.route("**/bid/files/*", self._carry)

    def _carry(self, route: Route) -> None:
        if not self.left:
            route.abort("connectionreset")
            return
        self.left -= 1
        self.sent += 1
        route.continue_()


def broken_off(tab: Page, folder: Path, choose_again: Callable[[], None]) -> None:
    """`choose_again` leaves the page and comes back to it."""
    paper = folder / "Konzept.pdf"
    paper.write_bytes(PDF + os.urandom(PIECES * PIECE - len(PDF)))
    line, files = Line(tab), tab.locator("#files")
    line.left = 1
    tab.set_input_files("#upload", paper)
    expect(files.get_by_text("25 %")).to_be_visible()
    expect(files.get_by_text("Keine Verbindung. Es geht von selbst weiter.")).to_be_visible()
    sound(tab, "broken-off")
    line.left = 1
    expect(files.get_by_text("50 %")).to_be_visible()
    expect(files.get_by_text("Keine Verbindung")).to_be_visible()
    tab.once("dialog", lambda dialog: dialog.accept())  # leaving asks whether that is meant
    choose_again()
    expect(files.get_by_text("1 MB von 2,1 MB sind da.")).to_be_visible()
    sound(tab, "to-go-on")
    line.left = PIECES
    tab.set_input_files("#upload", paper)
    expect(files.get_by_text("2,1 MB", exact=True)).to_be_visible()
    expect(files.get_by_role("button", name="Entfernen Konzept.pdf")).to_have_count(1)
    assert line.sent == PIECES  # nothing was brought twice
    line.left = 1
    refused(tab, folder)
    tab.unroute("**/bid/files/*")


def refused(tab: Page, folder: Path) -> None:
    """What is not taken says so, has nothing to stop any more and can be taken off."""
    paper, files = folder / "Programm.exe", tab.locator("#files")
    paper.write_bytes(b"MZ" + os.urandom(100))
    tab.set_input_files("#upload", paper)
    row = files.get_by_role("listitem").filter(has_text="Programm.exe")
    expect(row.get_by_role("alert")).not_to_be_empty()
    expect(row.get_by_role("button", name="Abbrechen")).to_have_count(0)
    row.get_by_role("button", name="Entfernen Programm.exe").click()
    expect(row).to_have_count(0)
