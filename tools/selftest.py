"""Is this Python safe to serve with? Exit 0 yes; 1 and one line a flaw: no; 3 no venv or pip here.

Old patch releases let one Cookie header burn seconds, and let an encoded subject add headers to a letter.
"""

import sys
import time
from contextlib import suppress
from email import message_from_bytes
from email.errors import MessageError
from email.message import EmailMessage
from http.cookies import CookieError, SimpleCookie


def slow_cookies() -> bool:
    """A long quoted cookie must be read in linear time (fixed in 3.11.10, 3.12.6, 3.13)."""
    started = time.process_time()
    with suppress(CookieError):
        SimpleCookie().load('a="' + "\\" * 30_000 + '"')
    return time.process_time() - started > 0.2


def injected_headers() -> bool:
    """A line break hidden in an encoded word must not become a header (fixed in 3.11.10, 3.12.5, 3.13)."""
    letter = EmailMessage()
    try:
        letter["Subject"] = "=?utf-8?q?x=0D=0ABcc:_e=40x?="
        letter.set_content("x")
        return "Bcc" in message_from_bytes(letter.as_bytes())
    except (MessageError, ValueError):
        return False


def main() -> int:
    try:
        import ensurepip  # noqa: F401
        import venv  # noqa: F401
    except ImportError:
        return 3
    flaws = []
    if slow_cookies():
        flaws.append("one long Cookie header costs seconds")
    if injected_headers():
        flaws.append("an encoded subject can add headers to a letter")
    print("; ".join(flaws))
    return 1 if flaws else 0


if __name__ == "__main__":
    sys.exit(main())
