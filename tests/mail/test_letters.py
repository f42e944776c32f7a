"""Letters: clean heads, both forms, three languages."""

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from market.mail import letters
from market.mail.letters import clean, postable
from market.mail.models import Letter
from market.mail.post import Post

FACTS = {
    "link": "https://x.example/a?b=1&c=2",
    "code": "AAAA-BBBB",
    "register": "https://x.example/r",
    "firm": "Ä & Ö <b>",
}


@pytest.mark.parametrize(
    ("written", "sent"),
    [
        ("ute@probe.example", "ute@probe.example"),
        (" Ute.Probe+x@probe.example ", "Ute.Probe+x@probe.example"),
        ("info@müller-stahl.example", "info@xn--mller-stahl-thb.example"),
        ("a@b", None),
        ("a b@c.example", None),
        ("a@b@c.example", None),
        ("<a@b.example>", None),
        ("a@b.example,c@d.example", None),
        ("a@b.example\nBcc: c@d.example", None),
        ("ä@b.example", None),
        ("\U0001f600@b.example", None),
        ("@b.example", None),
        ("a@" + "b" * 250 + ".example", None),
    ],
)
def test_addresses_letters_can_go_to(written: str, sent: str | None) -> None:
    assert postable(written) == sent


@given(st.text(max_size=120))
def test_no_subject_adds_a_header(text: str) -> None:
    post = Post.__new__(Post)
    post.host = "werkplatz.example"
    letter = Letter(
        ref="r", to="a@b.example", subject=text, text="t", html="<p>t</p>", language="de", unsubscribe="",
        created_at=datetime(2026, 11, 24).astimezone(), event="x",
    )  # fmt: skip
    from email import message_from_bytes

    sent = message_from_bytes(bytes(post.message(letter)))
    assert {name.lower() for name in sent.keys()} <= {  # noqa: SIM118
        "subject", "from", "to", "date", "message-id", "auto-submitted", "content-language", "mime-version",
        "content-type",
    }  # fmt: skip


@pytest.mark.parametrize(
    "bad", ["=?utf-8?q?x=0D=0ABcc:_e=40x?=", "a\r\nBcc: e@x.example", "a\u2028b\u2029c", "a\x00b\x85c"]
)
def test_a_subject_that_tries_is_defused(bad: str) -> None:
    assert "=?" not in clean(bad)
    assert clean(bad).isprintable()


@pytest.mark.parametrize(
    ("language", "subject"),
    [("de", "Ihr Link zum Anmelden"), ("en", "Your link to sign in"), ("pl", "Państwa link do logowania")],
)
def test_a_letter_speaks_the_readers_language(session: Session, now: datetime, language: str, subject: str) -> None:
    letter = letters.write(
        session, now, "a@b.example", language, "accounts/sign_in", secret=True, expires_at=now, **FACTS
    )
    assert letter.subject == subject
    assert FACTS["link"] in letter.text
    assert "b=1&amp;c=2" in letter.html
    assert f'lang="{language}"' in letter.html
    assert "prefers-color-scheme" in letter.html
    assert 'style="' in letter.html


def test_what_people_typed_is_escaped_in_html_only(session: Session, now: datetime) -> None:
    letter = letters.write(session, now, "a@b.example", "de", "accounts/register", secret=True, expires_at=now, **FACTS)
    assert "<b>" not in letter.html.replace("<body", "")
    assert letter.subject == "Ä & Ö <b> eintragen"


def test_an_address_no_letter_can_go_to_is_refused(session: Session, now: datetime) -> None:
    with pytest.raises(ValueError, match="no letter"):
        letters.write(session, now, "nobody", "de", "accounts/sign_in", expires_at=now, **FACTS)
