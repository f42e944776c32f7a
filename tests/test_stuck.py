"""Another system hangs and as many requests as there are threads are stuck in it: everything else goes on."""

import pytest

from market.accounts.oidc import client as oidc_client
from market.config import Settings
from market.db import Sessions
from market.files import scan
from tests.support.stuck import MANY, PARTS, place
from tests.support.town import until


@pytest.mark.parametrize("part", PARTS)
def test_requests_stuck_in_a_part_hold_up_neither_pages_nor_writers(
    settings: Settings, sessions: Sessions, part: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No page needs to be fast here: it has to answer at all while every one of the others still waits."""
    monkeypatch.setattr(oidc_client, "PATIENCE_SECONDS", 60.0)
    monkeypatch.setattr(scan.Clamd.__init__, "__defaults__", (60.0,))
    with place(settings, sessions, part) as stuck:
        stuck.stick(MANY)
        until(lambda: stuck.part.held, 30, "the first to hang")
        with stuck.client() as stranger, stuck.client(signed_in=True) as member:
            assert stranger.get("/").status_code == 200
            assert stranger.get("/search?q=Rohre").status_code == 200
            assert stranger.get("/categories").status_code == 200
            assert member.get("/me/profile").status_code == 200
            change = {"name": "Hänger GmbH", "place": "Guben"}
            assert member.post("/me/profile", data=change).status_code == 303, "somebody else writes"
        assert stuck.over == []
        stuck.end()
        assert set(stuck.over) == {503}
        assert len(stuck.over) == MANY
