"""Whatever somebody who means harm types into the doors: nothing of it works, and nothing breaks."""

from collections.abc import Callable, Iterable
from email import message_from_bytes
from typing import Any
from urllib.parse import quote

import pytest
from sqlalchemy import delete, func, select
from starlette.testclient import TestClient

from market.accounts import people
from market.accounts.links import SignInLink
from market.accounts.models import Organisation, Person
from market.db import Sessions
from market.mail.models import Letter
from market.mail.post import Post
from market.values import utc_now
from market.viewer import OPERATOR
from tests.accounts.oidc.conftest import Provider, Walker
from tests.accounts.test_views import FORM

Window = Callable[[], TestClient]
HEADERS = (
    "a\r\nX-Injected: 1",
    "a\nBcc: x@evil.example",
    "a%0d%0aSet-Cookie: session=x",
    "=?utf-8?q?x=0D=0ABcc:_e=40x?=",
)
MARKUP = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "'><svg/onload=alert(1)>",
    "</title><script>alert(1)</script>",
    "javascript:alert(1)",
    "<!--<script>",
    "\u003cscript\u003ealert(1)//",
)
TEMPLATES = ("{{7*7191}}", "{%print(7*7191)%}", "${7*7191}", "#{7*7191}", "%(link)s", "{0.__class__}", "%n%s%x")
STATEMENTS = (
    "' OR '1'='1",
    "'; DROP TABLE people; --",
    '" UNION SELECT 1 --',
    "1); DELETE FROM organisations; --",
    "\\'",
)
PATHS = (
    "../../../etc/passwd",
    "..%2f..%2fetc%2fpasswd",
    "file:///etc/passwd",
    "/proc/self/environ",
    "C:\\Windows\\win.ini",
)
ODD = (
    "a\x00b",
    "\x00",
    "\ufeffa",
    "\u202egnp.exe",
    "a\u2028b\u2029c",
    "\u0130\u0131\ufb03",
    "a\u0301" * 200,
    "\U000e0001\U000e0061",
    "\ud83d\ude00".encode("utf-16", "surrogatepass").decode("utf-16"),
    "x" * 100_000,
    "9" * 5_000,
    " ",
    "\t\n",
)
PAYLOADS = (*HEADERS, *MARKUP, *TEMPLATES, *STATEMENTS, *PATHS, *ODD)
ADDRESSES = (
    *(f"{payload}@probe.example" for payload in PAYLOADS),
    *(f"a@{payload}.example" for payload in (*HEADERS, *ODD)),
    "a@probe.example\r\nBcc: b@evil.example",
    "a@probe.example,b@evil.example",
    "a@probe.example b@evil.example",
    '"a\\"@evil.example"@probe.example',
    "a@partner.example@evil.example",
    "a@evil.example\x00@partner.example",
    "a@[127.0.0.1]",
)
ELSEWHERE = (
    "https://evil.example/",
    "HTTPS:evil.example",
    "//evil.example",
    "///evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    "\t//evil.example",
    " //evil.example",
    "/\x00/evil.example",
    "/\u202e//evil.example",
    "javascript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "evil.example",
    ".evil.example",
    "@evil.example",
    ":80@evil.example",
    "http:/evil.example",
    "/me\r\nX-Injected: 1",
    "/me\r\n\r\n<script>alert(1)</script>",
    "/" + "x" * 5_000,
    "/\U0001f600\u3002evil.example" + "\\",
)
SENT_HEADERS = {
    *("subject", "from", "to", "date", "message-id", "auto-submitted", "content-language", "mime-version"),
    "content-type",
}


def harmless(answer: Any, payload: str) -> list[str]:
    """What is wrong with an answer to a payload."""
    status, text, headers = answer.status_code, answer.text, answer.headers
    found = []
    if status >= 500:
        found.append(f"status {status}")
    if "Traceback" in text or "sqlalchemy" in text.lower() or "root:x:" in text:
        found.append("tells of the inside")
    if "50337" in text:
        found.append("was executed")
    if "<" in payload.strip("<!-") and payload in text:
        found.append("reflected as markup")
    if "x-injected" in headers or "bcc" in headers or "session=x;" in headers.get("set-cookie", ""):
        found.append("made a header")
    if not stays_here(headers.get("location", "/")):
        found.append(f"leads to {headers['location']}")
    return [f"{payload[:60]!r}: {fault}" for fault in found]


def stays_here(location: str) -> bool:
    """As a browser reads it: backslashes are slashes, and tabs and line ends are nothing."""
    location = location.removeprefix("http://testserver")
    seen = location.strip().replace("\\", "/").translate({9: None, 10: None, 13: None})
    return location.isprintable() and seen.startswith("/") and not seen.startswith("//")


def unlimited(sessions: Sessions) -> None:
    """The limits of links are not meant here."""
    with sessions.begin() as session:
        session.execute(delete(SignInLink))


def each(sessions: Sessions, payloads: Iterable[str], send: Callable[[str], object]) -> list[str]:
    faults: list[str] = []
    for number, payload in enumerate(payloads):
        if number % 8 == 0:
            unlimited(sessions)
        faults += harmless(send(payload), payload)
    return faults


def test_no_address_typed_at_the_sign_in_does_harm(alpha: Provider, window: Window, sessions: Sessions) -> None:
    """One form asks for a link and finds the company of an address."""
    client = window()
    assert each(sessions, ADDRESSES, lambda typed: client.post("/sign-in", data={"email": typed})) == []
    assert each(sessions, PAYLOADS, lambda typed: client.get("/sign-in/sent", params={"to": typed[:3000]})) == []
    assert each(sessions, PAYLOADS, lambda typed: client.post("/sign-in/code", data={"code": typed})) == []
    addresses = sent_well(sessions)
    assert all(to.count("@") == 1 and to.isprintable() and " " not in to and "," not in to for to in addresses)
    with sessions() as session:
        assert session.scalar(select(func.count()).select_from(Person)) == 0


@pytest.mark.parametrize("fields", [("email",), ("firm", "name"), ("trade", "place")], ids=str)
def test_nothing_typed_at_the_registration_does_harm(
    window: Window, sessions: Sessions, fields: tuple[str, ...]
) -> None:
    client = window()
    typed = ADDRESSES if "email" in fields else PAYLOADS
    faults = each(sessions, typed, lambda text: client.post("/register", data=FORM | dict.fromkeys(fields, text)))
    assert faults == []
    assert ("firm" in fields) <= bool(sent_well(sessions)), "a firm may be called what it likes"
    with sessions() as session:
        assert session.scalar(select(func.count()).select_from(Organisation)) == 0, "nobody has followed a letter"


def test_no_part_of_an_address_of_the_doors_does_harm(alpha: Provider, window: Window) -> None:
    client = window()
    doors = ("/sign-in/{}", "/sign-in/link/{}", "/auth/{}/callback", "/signed-out?journey={}", "/signed-out?state={}")
    for door in (*doors, "/auth/ref-alpha/callback?state=x&code={}", "/sign-out/leave?journey={}"):
        addresses = {payload: door.format(quote(payload[:3000], safe="")) for payload in PAYLOADS}
        assert [fault for text, path in addresses.items() for fault in harmless(client.get(path), text)] == []


def test_no_way_on_from_the_sign_in_leads_to_another_site(
    alpha: Provider,
    walker: Callable[[], Walker],
    window: Window,
    sessions: Sessions,
    mailed: Callable[[], tuple[str, str]],
) -> None:
    with sessions.begin() as session:
        people.create(session, OPERATOR, utc_now(), "ute@probe.example")
    client, faults = window(), []
    for onward in ELSEWHERE:
        unlimited(sessions)
        faults += harmless(client.get("/sign-in", params={"next": onward}), onward)
        faults += harmless(client.post("/sign-in", data={"email": "ute@probe.example", "next": onward}), onward)
        landed = client.post(mailed()[0])
        faults += harmless(landed, onward)
        assert landed.headers["location"] == "/me", onward
        faults += harmless(client.get("/sign-in", params={"next": onward}), onward)  # signed in it leads on at once
        faults += harmless(client.get("/sign-in/step-up", params={"next": onward}), onward)
        faults += harmless(client.post("/sign-in/step-up", data={"next": onward}), onward)
        client.cookies.clear()
        found = client.post("/sign-in", data={"email": "paula@partner.example", "next": onward})
        faults += harmless(found, onward)
        assert "evil" not in found.text.partition("</head>")[0], (
            "a page that leads on by itself leads to our own address"
        )
    assert faults == []
    for onward in ELSEWHERE[:4]:
        assert walker().sign_in("alpha", "p-1", f"?next={quote(onward, safe='')}").headers["location"] == "/me"


def sent_well(sessions: Sessions) -> list[str]:
    """Every letter written has its own headers and no other; gives whom they went to."""
    post = Post.__new__(Post)
    post.host = "werkplatz.example"
    with sessions() as session:
        letters = list(session.scalars(select(Letter)))
    for letter in letters:
        message = message_from_bytes(bytes(post.message(letter)))
        assert {name.lower() for name in message.keys()} <= SENT_HEADERS, letter.subject  # noqa: SIM118
        assert "<script" not in letter.html
        assert "<img src=x" not in letter.html
        assert "50337" not in letter.html + letter.text + letter.subject
    return [letter.to for letter in letters]
