"""The sealing: what opens a bid, and that nothing else does."""

import base64
import json
from datetime import UTC, datetime, timedelta
from itertools import combinations, permutations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from nacl.signing import SigningKey
from pyrage import x25519

from market.bids import receipts, sealing
from market.bids.sealing import Cost, NotOpened, OpenerKey, TenderKey
from market.locker import derived

CHEAP = Cost(1, 8192)
DEADLINE = datetime(2026, 12, 4, 11, 0, tzinfo=UTC)
OPENERS = ("ada", "ben", "cyd", "dor")


@pytest.fixture(scope="module")
def people() -> dict[str, OpenerKey]:
    return {name: sealing.new_opener_key(f"{name} opens bids", CHEAP) for name in OPENERS}


def identity(people: dict[str, OpenerKey], name: str) -> x25519.Identity:
    return sealing.unlock(people[name], f"{name} opens bids")


def publics(people: dict[str, OpenerKey]) -> dict[str, str]:
    return {name: key.public for name, key in people.items()}


def opened(
    people: dict[str, OpenerKey], key: TenderKey, platform: bytes, first: str, second: str, tender: str = "t"
) -> x25519.Identity:
    given = sealing.give(key, first, identity(people, first), publics(people))
    return sealing.complete(key, tender, first, given, second, identity(people, second), platform)


def test_any_two_openers_in_any_order_open_and_find_what_was_sealed(people: dict[str, OpenerKey]) -> None:
    key, platform = sealing.new_tender_key("t", publics(people))
    envelope = sealing.seal(key.public, b"12 345,67")
    assert b"12 345,67" not in envelope.ciphertext
    for first, second in permutations(OPENERS, 2):
        salt, content = sealing.unseal(opened(people, key, platform, first, second), envelope.ciphertext)
        assert content == b"12 345,67"
        assert sealing.commitment(salt, content) == envelope.commitment


def test_one_opener_twice_opens_nothing(people: dict[str, OpenerKey]) -> None:
    key, platform = sealing.new_tender_key("t", publics(people))
    for name in OPENERS:
        with pytest.raises(NotOpened, match="person"):
            opened(people, key, platform, name, name)


def test_somebody_who_is_no_opener_gives_and_takes_nothing(people: dict[str, OpenerKey]) -> None:
    three = {name: public for name, public in publics(people).items() if name != "dor"}
    key, platform = sealing.new_tender_key("t", three)
    with pytest.raises(NotOpened, match="person"):
        sealing.give(key, "dor", identity(people, "dor"), publics(people))
    given = sealing.give(key, "ada", identity(people, "ada"), three)
    with pytest.raises(NotOpened, match="person"):
        sealing.complete(key, "t", "ada", given, "dor", identity(people, "dor"), platform)
    with pytest.raises(NotOpened, match="half"):  # the right name with another key
        sealing.complete(key, "t", "ada", given, "ben", identity(people, "dor"), platform)


def test_two_openers_without_the_platform_or_with_that_of_another_tender_open_nothing(
    people: dict[str, OpenerKey],
) -> None:
    key, platform = sealing.new_tender_key("t", publics(people))
    other, other_platform = sealing.new_tender_key("u", publics(people))
    for wrong in (other_platform, b"\0" * 32, b""):
        with pytest.raises(NotOpened, match="share"):
            opened(people, key, wrong, "ada", "ben")
    mixed = TenderKey(key.public, key.wrapped, other.halves)
    with pytest.raises(NotOpened, match="share"):
        opened(people, mixed, platform, "ada", "ben")
    with pytest.raises(NotOpened, match="share"):
        opened(people, key, platform, "ada", "ben", tender="u")
    assert opened(people, key, platform, "ada", "ben")


@pytest.mark.parametrize("names", [("ada",), ("ada", "ben")])
def test_a_tender_needs_three_openers(people: dict[str, OpenerKey], names: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="three"):
        sealing.new_tender_key("t", {name: people[name].public for name in names})


def test_three_names_with_one_key_are_not_three_openers(people: dict[str, OpenerKey]) -> None:
    with pytest.raises(ValueError, match="three"):
        sealing.new_tender_key("t", dict.fromkeys(OPENERS, people["ada"].public))


def test_a_passphrase_opens_only_its_own_key_and_can_be_changed(people: dict[str, OpenerKey]) -> None:
    with pytest.raises(NotOpened, match="passphrase"):
        sealing.unlock(people["ada"], "ben opens bids")
    changed = sealing.with_passphrase(people["ada"], "ada opens bids", "anders als zuvor")
    assert changed.public == people["ada"].public
    assert str(sealing.unlock(changed, "anders als zuvor")) == str(identity(people, "ada"))
    with pytest.raises(NotOpened, match="passphrase"):
        sealing.unlock(changed, "ada opens bids")
    with pytest.raises(NotOpened, match="passphrase"):
        sealing.with_passphrase(people["ada"], "falsch geraten", "anders als zuvor")


def test_a_passphrase_costs_what_is_recommended_to_try() -> None:
    key = sealing.new_opener_key("vier Worte sind gut")
    assert key.cost == Cost(3, 64 * 1024 * 1024)
    assert sealing.unlock(key, "vier Worte sind gut")


@given(some.integers(-(10**12), 10**12).filter(bool), some.text("abc", min_size=1, max_size=4))
@settings(max_examples=50, deadline=None)
def test_the_platforms_share_fits_exactly_one_tender_and_one_microsecond(apart: int, tender: str) -> None:
    key = derived("k" * 32, "test")
    wrapped = sealing.wrap_share(key, b"s" * 32, tender, DEADLINE)
    assert sealing.unwrap_share(key, wrapped, tender, DEADLINE) == b"s" * 32
    for wrong in (
        (key, wrapped, tender, DEADLINE + timedelta(microseconds=apart)),
        (key, wrapped, tender + "x", DEADLINE),
        (derived("l" * 32, "test"), wrapped, tender, DEADLINE),
        (key, wrapped[:-1], tender, DEADLINE),
        (key, b"", tender, DEADLINE),
    ):
        with pytest.raises(NotOpened, match="share"):
            sealing.unwrap_share(*wrong)


json_values = some.recursive(
    some.none() | some.booleans() | some.integers() | some.text(max_size=20),
    lambda inner: some.lists(inner, max_size=4) | some.dictionaries(some.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)


@given(
    some.dictionaries(some.text(max_size=8), json_values, max_size=4), some.lists(some.binary(max_size=60), max_size=4)
)
@settings(max_examples=60, deadline=None)
def test_what_is_packed_and_sealed_comes_out_as_it_went_in(said: dict[str, Any], files: list[bytes]) -> None:
    said["files"] = [{"name": f"{n}.pdf", "size": len(file)} for n, file in enumerate(files)]
    identity = x25519.Identity.generate()
    envelope = sealing.seal(str(identity.to_public()), sealing.pack(said, files))
    _, content = sealing.unseal(identity, envelope.ciphertext)
    assert sealing.unpack(content) == (said, files)
    with pytest.raises(NotOpened, match="envelope"):
        sealing.unseal(identity, envelope.ciphertext[:-1])
    with pytest.raises(NotOpened, match="envelope"):
        sealing.unseal(x25519.Identity.generate(), envelope.ciphertext)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\0" * 8,
        sealing.pack({"files": [{"size": 3}]}, [b"ab"]),
        sealing.pack({"files": [{"size": 1}]}, [b"ab"]),
        sealing.pack({"files": [{}]}),
        sealing.pack({"files": [3]}),
        (2).to_bytes(8) + b"[]",
    ],
)
def test_what_was_not_packed_by_us_is_refused(content: bytes) -> None:
    with pytest.raises(NotOpened, match="content"):
        sealing.unpack(content)


# Receipts

SAID: dict[str, Any] = {
    "kind": "received",
    "receipt": "abcd234567",
    "tender": "t",
    "version": 1,
    "bidder": "b",
    "received_at": sealing.moment(DEADLINE - timedelta(milliseconds=1)),
    "deadline": sealing.moment(DEADLINE),
    "bytes": 12,
    "sha256": "a" * 64,
    "commitment": "b" * 64,
    "log_place": 1,
    "log_head": "c" * 64,
}
SIGNING = SigningKey(b"7" * 32)
PUBLIC = {receipts.key_id(bytes(SIGNING.verify_key)): base64.b64encode(bytes(SIGNING.verify_key)).decode()}


def test_a_receipt_holds_after_a_journey_through_a_file() -> None:
    receipt = json.loads(json.dumps(receipts.signed(SIGNING, SAID), indent=2))
    assert receipts.fault(receipt, PUBLIC) == ""


@pytest.mark.parametrize("name", [*receipts.FIELDS, "signature"])
def test_a_receipt_with_one_other_field_does_not_hold(name: str) -> None:
    receipt = receipts.signed(SIGNING, SAID)
    changed = receipt[name] + 1 if isinstance(receipt[name], int) else receipt[name][:-6] + "000000"
    assert "signature" in receipts.fault(receipt | {name: changed}, PUBLIC)


def test_a_receipt_of_another_key_or_shape_does_not_hold() -> None:
    receipt = receipts.signed(SIGNING, SAID)
    assert "not among the keys" in receipts.fault(receipt | {"key": "0" * 16}, PUBLIC)
    assert "no receipt" in receipts.fault({**receipt, "more": 1}, PUBLIC)
    assert "no receipt" in receipts.fault([receipt], PUBLIC)
    other = SigningKey(b"8" * 32)
    assert "signature" in receipts.fault(receipts.signed(other, SAID) | {"key": receipt["key"]}, PUBLIC)
    assert "signature" in receipts.fault(receipt | {"signature": 7}, PUBLIC)
    assert "signature" in receipts.fault(receipt | {"signature": "!"}, PUBLIC)


def test_every_pair_has_two_halves_and_neither_alone_says_anything(people: dict[str, OpenerKey]) -> None:
    key, _ = sealing.new_tender_key("t", publics(people))
    assert set(key.halves) == {f"{a}>{b}" for pair in combinations(OPENERS, 2) for a, b in (pair, pair[::-1])}
    for name, half in key.halves.items():
        holder = name.partition(">")[0]
        for other in OPENERS:
            if other != holder:
                with pytest.raises(NotOpened, match="half"):
                    sealing._read(identity(people, other), half, "half")
