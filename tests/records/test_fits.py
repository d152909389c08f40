"""Names kept in memory mean what they mean when they are looked up in the log."""

from __future__ import annotations

from hypothesis import given, strategies as st

from tests import ledger, strategies
from tests.strategies import History, histories
from timeline import Retraction, Timeline
from timeline.log import Kept, Log
from timeline.values import folded

NAMED = strategies.wide(["acme", "bolt", "crux", "ann"])


def _names(log: Log) -> tuple[list[str], list[str]]:
    """All ids and names there are, and some that nobody has."""
    ids = [one for (one,) in log.connection.execute("SELECT id FROM entities").fetchall()]
    names = [one for (one,) in log.connection.execute("SELECT name FROM entity_names").fetchall()]
    return [*ids, "nobody", ""], [*names, "Nobody", ""]


@given(histories(NAMED, least=4, most=10), st.data())
def test_names_at_hand_are_those_of_the_log(history: History, data: st.DataObject) -> None:
    """Whom names fit, and how entities are named; also after more was said."""
    cut = data.draw(st.integers(0, len(history.log)))
    shelf = Kept()
    with Timeline.open(":memory:", catalogue=ledger.CATALOGUE, clock=ledger.Clock()) as tl:
        tl.append(ledger.EntityNamed("2020", entity="acme", name="Acme of Old"), id="named")
        tl.append(ledger.EntityNamed("2021", entity="acme", name="Acme of New"))
        for part in history.statements[:cut], [*history.statements[cut:], Retraction("named")]:
            tl.append(*part)
            with tl._session.reading() as log:
                plain = Log(log.connection, log.codec, {})
                kept = Log(log.connection, log.codec, {}, shelf=shelf)
                ids, names = _names(log)
                wanted = data.draw(st.lists(st.sampled_from([*ids, *names]), unique=True))
                folds = {folded(one) for one in wanted}
                for _ in range(6):
                    assert _told(kept.fits(wanted, folds)) == _told(plain.fits(wanted, folds))
                    assert _told(kept.names_of(wanted).items()) == _told(plain.names_of(wanted).items())
                assert kept._book() is not None
                assert plain._book() is None


def _told(several: object) -> list[str]:
    return sorted(map(repr, several))  # type: ignore[call-overload]


def test_names_are_kept_only_where_they_are_looked_up_often(tl: Timeline) -> None:
    """One question does not read all of them."""
    tl.append(ledger.event("noted", "2020", subject="Acme", topic="mood"))
    with tl._session.reading() as read:
        log = Log(read.connection, read.codec, {}, shelf=Kept())
        assert [log._book() is not None for _ in range(5)] == [False, False, False, True, True]
