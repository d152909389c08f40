"""The file follows its vocabulary: new fields, new types, and what does not fit."""

from __future__ import annotations

import gzip
import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from attrs import field, frozen

from timeline import Money, Timeline
from timeline.compile import statement
from timeline.declare import (
    Entity,
    EntityState,
    Event,
    Funds,
    decimal,
    event_type,
    last,
    money,
    state_type,
    total,
)
from timeline.errors import (
    CatalogueError,
    FaultyCopy,
    NewerTimeline,
    NotATimeline,
    OlderTimeline,
    ReadOnlyTimeline,
    StandIn,
)
from timeline.log import FORMAT, OLDEST
from timeline.values import exactly
from timeline.vocabulary import Catalogue, State


@event_type("sale", says="{seller} sells for {price}")
@frozen(kw_only=True)
class OldSale(Event):
    """A sale, as the first version of the vocabulary has it."""

    seller: Entity
    price: str


@state_type("seller")
class OldSeller(EntityState):
    """What somebody sold for last, as the first version of the vocabulary has it."""

    last_price: str | None = last(OldSale.price, of="seller")


def _read_price(data: dict[str, Any]) -> dict[str, Any]:
    return {"seller": data["seller"], "amount": data["price"], "buyer": None}


@event_type("sale", version=2, upcasts=(_read_price,), says="{seller} sells[ to {buyer}] for {amount}")
@frozen(kw_only=True)
class Sale(Event):
    """A sale, as the second version of the vocabulary has it."""

    seller: Entity
    buyer: Entity | None
    amount: Money | None = field(converter=money)


@event_type("gift", says="{giver} gives")
@frozen(kw_only=True)
class Gift(Event):
    """A gift, which the first version of the vocabulary does not know."""

    giver: Entity


@state_type("seller")
class Seller(EntityState):
    """What somebody sold last."""

    last_amount: Money | None = last(Sale.amount, of="seller")


@event_type("figure", says="{payer} pays {amount}[ for {score}]")
@frozen(kw_only=True)
class Figure(Event):
    """An amount and a number."""

    payer: Entity
    amount: Money | None = field(converter=money)
    score: Decimal | None = field(converter=decimal)


@state_type("payer")
class Payer(EntityState):
    """What somebody paid, and what that scored."""

    paid: Funds = total(Figure.amount, of="payer")
    scored: Decimal | Any = total(Figure.score, of="payer")


LARGEST = ("999999999999999999999999.999999", "0.000001", "2.50", "0")
"""Numbers that the third format could just hold."""
DATA = Path(__file__).parents[1] / "data"
FIGURES = Catalogue.of(Figure, Payer)
OLD = Catalogue.of(OldSale, OldSeller)
NEW = Catalogue.of(Sale, Gift, Seller)


def _old_file(tmp_path: Path) -> Path:
    path = tmp_path / "t.duckdb"
    with Timeline.open(path, catalogue=OLD) as tl:
        tl.append(OldSale("2020", seller="Ann", price="$5"), id="s1")
        tl.correct("s1", OldSale("2020", seller="Ann", price="$7"), id="s2")
    return path


def test_older_data_is_brought_up_to_date_when_read(tmp_path: Path) -> None:
    """A record of version 1 answers as version 2; what is stored stays as it was hashed."""
    path = _old_file(tmp_path)
    with Timeline.open(path, catalogue=NEW) as tl:
        assert tl.as_of("2021").of(Seller, "Ann").last_amount == Money("$7")
        assert tl.record("s1").version == 1
        assert tl.record("s1").data == '{"price":"$5","seller":"ann"}'


def test_typed_tables_are_made_anew_for_a_changed_vocabulary(tmp_path: Path) -> None:
    """Typed tables get the new columns and types, and the view still shows only what stands."""
    path = _old_file(tmp_path)
    Timeline.open(path, catalogue=NEW)
    with duckdb.connect(str(path), read_only=True) as connection:
        assert connection.execute("SELECT amount, buyer FROM sale").fetchall() == [(Decimal(7), None)]
        assert connection.execute("SELECT count(*) FROM said.sale").fetchall() == [(2,)]
        assert connection.execute("SELECT count(*) FROM gift").fetchall() == [(0,)]


def test_the_same_statement_of_an_older_version_is_known_already(tmp_path: Path) -> None:
    """An id said again under a newer version is compared by what it says now."""
    with Timeline.open(_old_file(tmp_path), catalogue=NEW) as tl:
        again = tl.append(Sale("2020", seller="Ann", buyer=None, amount="$5"), id="s1")
    assert (len(again.records), [record.ref for record in again.unchanged]) == (0, ["s1"])


def test_a_vocabulary_that_lacks_types_in_use_is_refused(tmp_path: Path) -> None:
    """A file is not opened, and not changed, under a vocabulary that cannot read it."""
    path = _old_file(tmp_path)
    with pytest.raises(CatalogueError, match="sale"):
        Timeline.open(path, catalogue=Catalogue.of(Gift))
    with Timeline.open(path, catalogue=OLD) as tl:
        assert len(tl.sql("SELECT * FROM sale")) == 1


def test_rebuilding_changes_nothing_that_can_be_asked(tmp_path: Path) -> None:
    """What is derived from the log comes out the same when it is made anew."""
    tables = ["entities", "entity_names", "hidden", "said.sale", "sale", "records", "sources"]
    with Timeline.open(_old_file(tmp_path), catalogue=NEW) as tl:
        tl.append(Gift("2021", giver="Ann Lee"), source="Gazette")
        tl.retract("s2", id="r")
        tl.retract("r")
        before = [sorted(map(repr, tl.sql(f"FROM {table}"))) for table in tables]
        tl.rebuild()
        assert [sorted(map(repr, tl.sql(f"FROM {table}"))) for table in tables] == before


# Older formats


def _in_format(number: int, folder: Path) -> Path:
    """A file as a format had it: seven records, among them a correction that is retracted."""
    path = folder / f"format-{number}.duckdb"
    path.write_bytes(gzip.decompress((DATA / f"sales-of-format-{number}.duckdb.gz").read_bytes()))
    return path


@pytest.fixture(params=range(OLDEST, FORMAT))
def older(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A file of each older format."""
    return _in_format(request.param, tmp_path)


def _format(path: Path) -> tuple[Any, ...]:
    with duckdb.connect(str(path), read_only=True) as connection:
        (row,) = connection.execute("FROM meta").fetchall()
        return tuple(row)


def _said(path: Path) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(path), read_only=True) as connection:
        return [
            *connection.execute("FROM log ORDER BY position").fetchall(),
            *connection.execute("FROM commits").fetchall(),
        ]


@pytest.mark.parametrize(
    ("catalogue", "state", "answers"),
    [
        (OLD, OldSeller, {"last_price": "$1"}),
        (NEW, Seller, {"last_amount": Money("$1")}),
    ],
    ids=["same vocabulary", "newer vocabulary"],
)
def test_a_file_of_an_older_format_is_brought_to_this_one(
    older: Path, catalogue: Catalogue, state: type[State], answers: dict[str, object]
) -> None:
    """Opened to be written it answers, verifies and grows; what was written stays as it was, digests too."""
    said = _said(older)
    assert _format(older)[0] < FORMAT
    with Timeline.open(older, catalogue=catalogue) as tl:
        assert tl.verify().ok
        assert [record.position for record in tl.as_of().records(stands=True)] == [1, 3, 4, 5, 6, 7]
        assert tl.as_of("2023").of(state, "Ann").values() == answers
        head = str(tl.head())
        tl.retract(5, note="a slip")
        report = tl.verify(head)
        assert report.ok
        assert report.records == 8
    assert _format(older)[0] == FORMAT
    assert _said(older)[:7] == said[:7]


@pytest.mark.parametrize("number", range(OLDEST, FORMAT))
def test_numbers_of_an_older_format_stay_as_they_are(tmp_path: Path, number: int) -> None:
    """The largest, and those stored that could not be read, are kept, found by their ids, and added up."""
    path = tmp_path / "figures.duckdb"
    path.write_bytes(gzip.decompress((DATA / f"figures-of-format-{number}.duckdb.gz").read_bytes()))
    said = _said(path)
    with Timeline.open(path, catalogue=FIGURES) as tl:
        assert tl.verify().ok
        scores = [record.event.score for record in tl.as_of().records(types=[Figure])][len(LARGEST) :]  # type: ignore[union-attr]
        assert scores == list(map(Decimal, LARGEST))
        again = tl.append(*(Figure("2020", payer="Ann", amount=f"${one}", score=None) for one in LARGEST))
        assert (len(again.records), len(again.unchanged)) == (0, len(LARGEST))
        told = tl.as_of("2022").of(Payer, "Ann")
        with exactly():
            sum_ = sum(map(Decimal, LARGEST), Decimal(0))
        assert told.values() == {
            "paid": Funds(wholly={"USD": sum_}, undisclosed=len(LARGEST)),
            "scored": sum_,
        }
        assert tl.sql("SELECT paid.wholly['USD'], scored FROM payer").rows == ((sum_, sum_),)
        tl.append(Figure("2023", payer="Bo", amount="$0.0000000001", score="9" * 28))
        assert tl.verify().ok
    assert _said(path)[: 2 * len(LARGEST)] == said[: 2 * len(LARGEST)]


def test_an_index_of_others_does_not_keep_a_file_from_this_format(older: Path) -> None:
    """What somebody made on a table that a step makes anew goes with the old table."""
    with duckdb.connect(str(older)) as connection:
        connection.execute("CREATE INDEX mine ON meta (format)")
    assert Timeline.open(older, catalogue=OLD).verify().ok


def test_a_schema_of_others_that_is_called_like_ours_is_left_alone(older: Path) -> None:
    """The file is refused, and what somebody keeps there is still there."""
    with duckdb.connect(str(older)) as connection:
        connection.execute("CREATE SCHEMA spans; CREATE TABLE spans.mine AS SELECT 1 AS one")
    with pytest.raises(StandIn, match="schema spans"):
        Timeline.open(older, catalogue=OLD)
    with duckdb.connect(str(older), read_only=True) as connection:
        assert connection.execute("FROM spans.mine").fetchall() == [(1,)]
        assert connection.execute("SELECT format FROM meta").fetchall() < [(FORMAT,)]


@pytest.mark.parametrize("number", range(1, OLDEST))
def test_a_format_that_no_release_wrote_is_refused_in_words(tmp_path: Path, number: int) -> None:
    """A file, opened to be read or written, and an export: told which it is in, and which are read."""
    words = f"in format {number}, which no release wrote; formats {OLDEST} to {FORMAT} are read"
    path = _old_file(tmp_path)
    lines = tmp_path / "out.jsonl"
    Timeline.open(path, catalogue=OLD).export(lines)
    with duckdb.connect(str(path)) as connection:
        connection.execute("UPDATE meta SET format = ?", [number])
    before = path.read_bytes()
    for read_only in True, False:
        with pytest.raises(NotATimeline, match=words):
            Timeline.open(path, catalogue=OLD, read_only=read_only)
    assert path.read_bytes() == before
    lines.write_text(lines.read_text().replace(f'"format":{FORMAT}', f'"format":{number}', 1))
    with pytest.raises(FaultyCopy, match=words):
        Timeline.open(":memory:", catalogue=OLD).import_log(lines)


@pytest.mark.parametrize("said", ["0", "-3"])
def test_a_format_that_there_never_was_is_no_timeline(tmp_path: Path, said: str) -> None:
    """In words, opened to be read or written."""
    path = _old_file(tmp_path)
    with duckdb.connect(str(path)) as connection:
        connection.execute(f"UPDATE meta SET format = {said}")
    for read_only in True, False:
        with pytest.raises(NotATimeline, match="in which format"):
            Timeline.open(path, catalogue=OLD, read_only=read_only)


def test_a_file_of_an_older_format_is_not_read_without_a_word(older: Path) -> None:
    """To be read only it is refused, as nothing can be brought up to date then; nothing is changed."""
    before = older.read_bytes()
    words = rf"older than format {FORMAT}; open it once to be written"
    with pytest.raises(ReadOnlyTimeline, match=words) as told:
        Timeline.open(older, catalogue=OLD, read_only=True)
    assert isinstance(told.value, OlderTimeline)
    assert older.read_bytes() == before


def test_a_file_of_an_older_format_is_redacted_without_its_vocabulary(older: Path) -> None:
    """It is brought to this format, and what the vocabulary derives comes back with it."""
    with pytest.raises(OlderTimeline):
        Timeline.open(older, catalogue=False, read_only=True)
    alone = Timeline.open(older, catalogue=False)
    alone.redact(1, reason="asked for", actor="Ann")
    assert alone.verify().ok
    assert _format(older)[0] == FORMAT
    assert Timeline.open(older, catalogue=OLD).verify().redacted == 1


def test_a_log_begun_in_an_older_format_moves_like_others(older: Path, tmp_path: Path) -> None:
    """Exported, imported, copied and redacted it verifies, up to the same head."""
    with Timeline.open(older, catalogue=OLD) as tl:
        head = str(tl.head())
        tl.export(tmp_path / "out.jsonl")
        tl.backup(tmp_path / "copy.duckdb")
    with Timeline.open(tmp_path / "in.duckdb", catalogue=OLD) as moved:
        assert moved.import_log(tmp_path / "out.jsonl").head == head
    copy = Timeline.open(tmp_path / "copy.duckdb", catalogue=OLD)
    assert str(copy.head()) == head
    copy.redact(4, reason="asked for", actor="Ann")
    assert copy.verify(head).ok


def test_every_format_but_the_oldest_has_a_step_that_leads_to_it() -> None:
    """Numbered, without a gap."""
    for number in range(OLDEST + 1, FORMAT + 1):
        assert re.search(rf"(SELECT|format =) {number}\b", statement("migrations", str(number)))
        assert (DATA / f"sales-of-format-{number - 1}.duckdb.gz").exists()
    with pytest.raises(KeyError):
        statement("migrations", str(FORMAT + 1))
    with pytest.raises(KeyError):
        statement("migrations", str(OLDEST))


def test_a_file_of_a_newer_format_is_refused_with_what_would_work(tmp_path: Path) -> None:
    """A newer layout is left alone; the message says to upgrade."""
    path = _old_file(tmp_path)
    with duckdb.connect(str(path)) as connection:
        connection.execute("UPDATE meta SET format = ?", [FORMAT + 1])
    with pytest.raises(NewerTimeline, match="upgrade"):
        Timeline.open(path, catalogue=OLD)


@pytest.mark.parametrize("upcasts", [(), (_read_price, _read_price)])
def test_a_chain_of_upcasts_with_a_gap_is_found_when_the_catalogue_is_built(upcasts: Any) -> None:
    """Version 2 needs exactly one upcast."""

    @event_type("loan", version=2, upcasts=upcasts, says="{lender} lends")
    @frozen(kw_only=True)
    class Loan(Event):
        """A loan."""

        lender: Entity

    with pytest.raises(CatalogueError, match="loan is at version 2 and needs 1 upcasts"):
        Catalogue.of(Loan)


def test_data_that_no_longer_fits_is_named_by_field(tmp_path: Path) -> None:
    """A stored record that the vocabulary cannot read says which field is wrong, and hides no other."""
    path = tmp_path / "t.duckdb"
    with Timeline.open(path, catalogue=OLD) as tl:
        tl.append(*(OldSale("2020", seller="Ann", price=price) for price in ("seven", "$7")))
    with Timeline.open(path, catalogue=NEW) as tl:
        (fault,) = tl.verify().faults
        assert fault.position == 1
        assert re.search(r"sale\.amount.*'seven'", fault.problem)
        assert [str(getattr(one.event, "amount", None)) for one in tl.as_of().records()] == ["None", "$7"]


def test_no_event_is_called_as_a_table_of_the_file(tmp_path: Path) -> None:
    """Every table and view that a file has whatever its vocabulary is reserved."""
    with Timeline.open(tmp_path / "t.duckdb", catalogue=Catalogue.of(OldSale)) as tl:
        query = "SELECT table_name FROM information_schema.tables WHERE table_schema = 'main'"
        taken = {name for (name,) in tl.sql(query)} - OLD.events.keys()
    assert "feeds" in taken
    for name in taken:
        with pytest.raises(CatalogueError, match="the file itself needs"):
            Catalogue.of(event_type(name, says="{giver} gives")(_gift()))


def _gift() -> type[Event]:
    @frozen(kw_only=True)
    class Given(Event):
        """A gift under another name."""

        giver: Entity

    return Given


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        *((name, f"every state has '{name}' of its own") for name in ("because", "names", "who", "values")),
        ("shop", "'shop' is the column of its tables that says whose state a row is"),
    ],
)
def test_no_field_of_a_state_is_called_as_what_every_state_has(name: str, problem: str) -> None:
    """Nor as the column that says whose state a row is."""
    fold: Any = last(Sale.amount, of="seller")
    body = {"__doc__": "A shop.", "__module__": __name__, "__annotations__": {name: Any}, name: fold}
    with pytest.raises(CatalogueError, match=rf"Shop\.{name}: {problem}; call it otherwise"):
        state_type("shop")(type("Shop", (EntityState,), body))
