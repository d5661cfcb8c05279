"""Hashes of addresses: one network of IPv6 is one visitor."""

from __future__ import annotations

import pytest

from pole.client_ip import hash_ip_address


@pytest.mark.parametrize(
    ("first", "second", "is_one"),
    [
        ("192.0.2.1", "192.0.2.1", True),
        ("192.0.2.1", "192.0.2.2", False),
        ("2001:db8::1", "2001:db8::ffff:1", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("n’importe quoi", "n’importe quoi", True),
    ],
)
def test_who_counts_as_one(first, second, is_one):
    hashes = {hash_ip_address(address, salt="essai") for address in (first, second)}
    assert (len(hashes) == 1) is is_one


def test_hash_holds_no_address_and_depends_on_its_purpose():
    one, other = (hash_ip_address("192.0.2.1", salt=salt) for salt in ("a", "b"))
    assert one != other
    assert len(one) == len(other) == 64
