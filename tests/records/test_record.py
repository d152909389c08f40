"""What is said, in words."""

from __future__ import annotations

from tests.ledger import event, opened


def test_a_commit_tells_what_its_records_do_to_others() -> None:
    """An assertion speaks of no other; the rest say of which, and what they are to it."""
    with opened() as tl:
        said = tl.append(event("noted", "2020", subject="Acme", topic="mood", text="up"), id="A")
        right = event("noted", "2021", subject="Acme", topic="mood", text="up")
        assert str(said) == "A (#1) 2020: Acme on mood: up"
        assert str(tl.correct("A", right)) == "#2 2021: Acme on mood: up, corrects #1"
        assert str(tl.attest(2, source="Gazette")) == "#3 also said: Acme on mood: up, attests #2"
        assert str(tl.retract(2)) == "#4 retracted: Acme on mood: up, retracts #2"
