"""Words everyone may use."""

from hypothesis import given
from hypothesis import strategies as st

from market.values import readable


@given(st.text(st.characters(exclude_categories=())))
def test_a_readable_text_can_be_stored_sent_and_shown(text: str) -> None:
    clean = readable(text)
    assert len(clean) <= len(text)
    assert readable(clean) == clean
    clean.encode()
    assert not any((ord(letter) < 32 and letter not in "\t\n\r") or 0x7F <= ord(letter) < 0xA0 for letter in clean)
    assert not any(
        0xD800 <= ord(letter) < 0xF900 or ord(letter) >= 0xF0000 or ord(letter) & 0xFFFE == 0xFFFE for letter in clean
    )


def test_what_people_write_stays_as_it_is() -> None:
    text = "Schweißen nach EN ISO 9606‑1\n\t„Łukasz“, 20 µm, ½\u202f€ 😀"
    assert readable(text) == text
    assert readable("Prüf\u00adbericht\ufeff, \u202egnp.exe\u202c") == "Prüfbericht, gnp.exe"
    assert readable("a\0b\x85c\ue000d\U0001fffe") == "a b c d "
