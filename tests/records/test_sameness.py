"""Two ids that were one entity all along: what was said of the one is read as said of the other."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import duckdb
import pytest
from attrs import frozen
from hypothesis import given, strategies as st

from tests import oracle, strategies
from tests.ledger import (
    CATALOGUE,
    NOW,
    CEOAppointment,
    Clock,
    EntityNamed,
    ExclusivityDeal,
    FundingRound,
    LeaseBegun,
    Ledger,
    Noted,
    Organisation,
    Relationship,
    SameEntity,
    opened,
)
from tests.oracle import Point
from tests.strategies import History, histories
from timeline import Retraction, Timeline
from timeline.declare import Entity, EntityState, Event, count, event_type, state_type
from timeline.errors import AmbiguousName, CatalogueError, NotAllowed, SamenessConflict
from timeline.log import key_records
from timeline.moment.key import KeyLog
from timeline.records import Record
from timeline.vocabulary import Catalogue

NAMES = ["acme", "bolt", "crux"]
WIDE = strategies.wide([*NAMES, "ann"])


def same(entity: str, as_: str) -> SameEntity:
    """That one is the other."""
    return SameEntity("2020", entity=entity, as_=as_)


def note(subject: str, text: str = "up", occurred: str = "2020-01-01") -> Noted:
    """A note about somebody."""
    return Noted(occurred, subject=subject, topic="mood", text=text)


def places(records: tuple[Record, ...]) -> set[int]:
    """The positions of records."""
    return {record.position for record in records}


def everything(tl: Timeline, **asked: Any) -> list[Any]:
    """All states at a basis by both executors, but for where they were asked, and how all are called."""
    moment = tl.as_of("2030", **asked)
    found: list[Any] = []
    for kind in (Ledger, Organisation, Relationship):
        arity = kind.__timeline__.arity
        for who in itertools.combinations(sorted(one for (one,) in tl.sql("SELECT id FROM entities")), arity):
            state = moment.of(kind, *who)
            found.append((state.who, state.values(), state.because, state.unsettled, state.names))
    for compiled in (Organisation, Relationship):
        found += [
            (state.who, state.values(), state.because, state.unsettled, state.names)
            for state in moment.all(compiled)
        ]
    return found


# What it comes to


@given(histories(WIDE, least=3, most=10), strategies.points(), st.data())
def test_answers_are_as_defined_wherever_they_are_asked(
    history: History, at: oracle.Dated, data: st.DataObject
) -> None:
    """At every (known, position), of every entity and pair, also where what stands there is at odds."""
    point = Point(at.end, "latest")
    with opened() as tl:
        tl.append(*history.statements)
        entities = sorted(one for (one,) in tl.sql("SELECT id FROM entities"))
        for known, position in data.draw(
            st.lists(st.sampled_from(strategies.planes(history)), min_size=3, max_size=6)
        ):
            moment = tl.as_of(at.text, known=known, position=position)
            ids = oracle.read_as(history.log, known, position)
            for one in entities:
                state = moment.of(Ledger, one)
                wanted = oracle.ledger(history.log, one, point, known, position)
                assert state.who == (ids.get(one, one),)
                assert (state.notes, state.tenants) == (wanted.values["notes"], wanted.values["tenants"])
                assert places(state.because["tenants"]) == wanted.because["tenants"]
                leader = oracle.organisation(history.log, one, point, known, position).values["ceo"]
                assert moment.of(Organisation, one).ceo == leader
            for pair in itertools.combinations(entities, 2):
                if ids.get(pair[0], pair[0]) == ids.get(pair[1], pair[1]):
                    with pytest.raises(NotAllowed, match="are both"):
                        moment.of(Relationship, *pair)
                    continue
                tie = moment.of(Relationship, *pair)
                wanted = oracle.relationship(history.log, pair, point, known, position)
                assert tie.rounds == wanted.values["rounds"]
                assert {
                    who: {"wholly": one.wholly, "jointly": one.jointly, "undisclosed": one.undisclosed}
                    for who, one in tie.invested.items()
                } == wanted.values["invested"]
                assert places(tie.unsettled["exclusivities"]) == wanted.unsettled["exclusivities"]


@given(histories(strategies.DEALS | strategies.LEADERS, least=3), st.permutations(NAMES), st.data())
def test_retracting_it_restores_both_histories(
    history: History, names: list[str], data: st.DataObject
) -> None:
    """By both executors all is as it was, and at the position before it all was so throughout."""
    with opened() as tl:
        tl.append(*history.statements, *(note(name) for name in NAMES))
        known = data.draw(st.sampled_from([None, *history.knowns]))
        before = everything(tl, known=known)
        head = tl.as_of().basis.position
        tl.append(same(names[0], names[1]), id="same", known="2000")
        assert everything(tl, known=known, position=head) == before
        assert tl.as_of("2030").of(Ledger, names[0]) == tl.as_of("2030").of(Ledger, names[1])
        tl.append(Retraction("same", known="2000"))
        assert everything(tl, known=known) == before
        assert everything(tl, known=known, position=head) == before


@given(histories(strategies.DEALS | strategies.LEADERS, least=3, most=10), st.permutations(NAMES))
def test_tables_in_sql_are_those_of_a_log_written_of_one(history: History, names: list[str]) -> None:
    """States, also whole events in them, and their periods, whoever of the two each record speaks of."""
    ids = {names[0]: names[1]}
    written = History(tuple(oracle.with_ids(one, ids) for one in history.log))
    with opened() as tl, opened() as other:
        tl.append(*history.statements)
        tl.append(same(*ids, *ids.values()))
        other.append(*written.statements)
        for kind in (Organisation, Relationship):
            name = kind.__timeline__.name
            for table in (f"{name}_as_of('2030')", f"{name}_periods", f"{name}_periods(dates := 'earliest')"):
                rows = [sorted(map(str, one.sql(f"FROM {table}"))) for one in (tl, other)]
                assert rows[0] == rows[1]


def test_it_is_in_force_where_its_record_stands(tl: Timeline) -> None:
    """By (known, position) alone: from when it was known, whatever date it gives and is asked about."""
    tl.append(note("acme", occurred="2001"), note("bolt", occurred="2002"), known="2003")
    tl.append(SameEntity("2019", entity="bolt", as_="acme"), known="2010", id="same")
    assert tl.as_of("2002").of(Ledger, "bolt").notes == 2
    assert tl.as_of("2002").of(Ledger, "bolt").who == ("acme",)
    assert tl.as_of("2002", known="2009").of(Ledger, "bolt").notes == 1
    assert tl.as_of("2002", position=2).of(Ledger, "bolt").who == ("bolt",)
    tl.retract("same", known="2012")
    assert tl.as_of(known="2011").of(Ledger, "acme").notes == 2
    assert tl.as_of().of(Ledger, "acme").notes == 1


def test_what_is_corrected_is_read_as_another(tl: Timeline) -> None:
    """A correction of it parts the two, and joins others."""
    tl.append(note("acme"), note("bolt", "down"), note("crux", "flat"))
    tl.append(same("crux", "acme"), id="same")
    tl.correct("same", same("crux", "bolt"))
    moment = tl.as_of()
    assert [moment.of(Ledger, name).notes for name in NAMES] == [1, 2, 2]


def test_what_is_denied_says_nothing(tl: Timeline) -> None:
    """A rumour that two are one may be denied."""
    tl.append(note("acme"), note("bolt"))
    tl.append(same("bolt", "acme"), credence="denied")
    assert tl.as_of().of(Ledger, "acme").notes == 1
    tl.append(same("bolt", "acme"), credence="rumoured")
    assert tl.as_of().of(Ledger, "acme").notes == 2


def test_it_follows_to_the_end(tl: Timeline) -> None:
    """One that is another that is a third is the third."""
    tl.append(*map(note, NAMES))
    tl.append(same("acme", "bolt"), same("bolt", "crux"))
    assert {tl.as_of().of(Ledger, name).who for name in NAMES} == {("crux",)}
    assert tl.as_of().of(Ledger, "acme").notes == 3


def test_lists_slots_and_values_merge(tl: Timeline) -> None:
    """Whoever is listed twice is one, and gave alone; slots of two become one; held values are the new id."""
    tl.append(
        FundingRound("2020-01-01", company="acme", investors=["bolt", "crux"], amount="$5"),
        FundingRound("2020-02-01", company="acme", investors=["crux"], amount="$2"),
        CEOAppointment("2020", company="acme", person="crux"),
        ExclusivityDeal("2020", grantor="crux", grantee="acme", scope="cloud"),
        LeaseBegun("2020", subject="acme", holder="crux", room="east"),
    )
    tl.append(same("crux", "bolt"))
    moment = tl.as_of()
    tie = moment.of(Relationship, "acme", "crux")
    assert tie.rounds == 2
    assert {who: funds.wholly for who, funds in tie.invested.items()} == {"bolt": {"USD": 7}}
    assert [deal.grantor for deal in tie.exclusivities.values()] == ["bolt"]
    assert [record.entities for record in tie.because["exclusivities"]] == [("crux", "acme")]
    assert (moment.of(Organisation, "acme").ceo, moment.of(Ledger, "acme").tenant) == ("bolt", "bolt")
    assert [state for state in moment.all(Relationship) if state.who == ("acme", "bolt")] == [tie]


def test_a_pair_of_one_is_none(tl: Timeline) -> None:
    """Asked for together they are refused, in SQL they have no row; what ties them is no tie."""
    tl.append(FundingRound("2020", company="acme", investors=["bolt"], amount="$5"))
    tl.append(same("bolt", "acme"), id="same")
    with pytest.raises(NotAllowed, match="acme and bolt are both acme"):
        tl.as_of().of(Relationship, "acme", "bolt")
    assert list(tl.as_of().all(Relationship)) == []
    assert tl.as_of(position=1).of(Relationship, "acme", "bolt").rounds == 1
    tl.retract("same")
    assert tl.as_of().of(Relationship, "acme", "bolt").rounds == 1


@event_type("contract", says="{buyer} buys of {seller}")
@frozen(kw_only=True)
class Contract(Event):
    """One buys of another, who cannot be the same."""

    buyer: Entity
    seller: Entity

    def __attrs_post_init__(self) -> None:
        """See that they are two."""
        super().__attrs_post_init__()
        if self.buyer == self.seller:
            raise NotAllowed("nobody buys of himself")


@state_type("trade")
class Trade(EntityState):
    """What somebody bought."""

    contracts: int = count(Contract, of="buyer")


def test_what_an_event_refuses_is_read_all_the_same() -> None:
    """It was said of two, who turn out to be one."""
    catalogue = Catalogue.of(Contract, Trade, SameEntity)
    with Timeline.open(":memory:", catalogue=catalogue) as tl:
        tl.append(Contract("2020", buyer="acme", seller="bolt"))
        tl.append(same("bolt", "acme"))
        assert tl.as_of().of(Trade, "acme").contracts == 1
        assert [state.contracts for state in tl.as_of().all(Trade)] == [1]


def test_on_whose_word(tl: Timeline) -> None:
    """What a filter leaves out parts them."""
    tl.append(note("acme"), note("bolt"))
    tl.append(same("bolt", "acme"), source="Gazette")
    assert tl.as_of().of(Ledger, "bolt").notes == 2
    assert tl.as_of(without="Gazette").of(Ledger, "bolt").notes == 1
    assert tl.as_of(only="Gazette").of(Ledger, "bolt").who == ("acme",)


def test_a_view_tells_by_which_records_an_id_is_read_as_another(tl: Timeline) -> None:
    """In order, from the id to the one it is read as."""
    tl.append(note("acme"))
    tl.append(same("acme", "bolt"), same("bolt", "crux"))
    basis = tl.as_of().basis
    view = KeyLog(key_records(tl._session, Ledger.__timeline__, ("acme",), basis)).view(basis)
    assert view.ids == {"acme": "crux", "bolt": "crux"}
    assert {one: [record.position for record in several] for one, several in view.same.items()} == {
        "acme": [2, 3],
        "bolt": [3],
    }


# What is refused


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        (["acme acme"], "acme is the same as itself without saying so"),
        (["acme bolt", "bolt acme"], "bolt cannot be the same as acme: acme is the same as bolt by #1"),
        (["acme bolt", "bolt crux", "crux acme"], "acme is the same as bolt by #1 and bolt is the same as"),
        (["acme bolt", "acme crux"], "acme cannot be the same as crux: acme is the same as bolt by #1"),
    ],
)
def test_what_contradicts_is_refused(tl: Timeline, said: list[str], problem: str) -> None:
    """Also where it comes in one commit; nothing of that is written."""
    with pytest.raises(SamenessConflict, match=problem):
        tl.append(*(same(*one.split()) for one in said))
    assert tl.as_of().basis.position == 0
    *before, last = said
    for one in before:
        tl.append(same(*one.split()))
    with pytest.raises(SamenessConflict, match=problem):
        tl.append(same(*last.split()))


def test_what_would_come_back_to_contradict_is_refused(tl: Timeline) -> None:
    """A correction retracted brings back what it replaced, which may no longer fit."""
    tl.append(same("acme", "bolt"), id="first")
    tl.correct("first", same("crux", "bolt"), id="second")
    tl.append(same("acme", "crux"), id="third")
    with pytest.raises(SamenessConflict, match=r"acme cannot be the same as bolt: .*third \(#3\)"):
        tl.retract("second")
    with pytest.raises(SamenessConflict, match="crux cannot be the same as acme"):
        tl.correct("second", same("crux", "acme"))
    tl.append(Retraction("third"), Retraction("second"))
    assert tl.as_of().of(Ledger, "acme").who == ("bolt",)


def test_the_same_may_be_said_twice(tl: Timeline) -> None:
    """By two records; it holds until neither stands."""
    tl.append(same("acme", "bolt"), id="one")
    tl.append(same("acme", "bolt"), id="two")
    tl.retract("one")
    assert tl.as_of().of(Ledger, "acme").who == ("bolt",)
    tl.retract("two")
    assert tl.as_of().of(Ledger, "acme").who == ("acme",)


def test_where_both_stand_nonetheless_the_first_said_holds(tl: Timeline) -> None:
    """At an earlier known, before a correction was known that made room for the second."""
    tl.append(same("acme", "bolt"), id="first", known="2018")
    tl.correct("first", same("crux", "bolt"), known="2022")
    tl.append(same("acme", "crux"), known="2019")
    assert tl.as_of(known="2021").of(Ledger, "acme").who == ("bolt",)
    assert tl.as_of().of(Ledger, "acme").who == ("bolt",)
    assert tl.as_of().of(Ledger, "crux").who == ("bolt",)
    assert tl.as_of(known="2021").of(Ledger, "crux").who == ("crux",)


def test_a_vocabulary_says_who_is_who_by_one_entity_and_another() -> None:
    """Not by lists or by what may be missing, and no state draws on it."""
    with pytest.raises(CatalogueError, match="'other' that holds one entity"):

        @event_type("joined", says="{entity}", sameness=("entity", "other"))
        @frozen(kw_only=True)
        class Joined(Event):
            """It."""

            entity: Entity
            other: Entity | None

    @state_type("alias")
    class Alias(EntityState):
        """It."""

        aliases: int = count(SameEntity, of="as_")

    with pytest.raises(CatalogueError, match="says who is who only"):
        Catalogue.of(SameEntity, Alias)


# Names


def test_a_name_of_two_that_are_one_means_that_one(tl: Timeline) -> None:
    """In a question, of Python and of SQL; in an append it has to be said which, since it is kept."""
    tl.append(note("acme"), note("bolt"), EntityNamed("2020", entity="acme", name="The Firm"))
    tl.append(EntityNamed("2020", entity="bolt", name="The Firm"))
    with pytest.raises(AmbiguousName):
        tl.as_of().of(Ledger, "The Firm")
    tl.append(same("bolt", "acme"), id="same")
    assert tl.as_of().of(Ledger, "the firm").who == ("acme",)
    assert tl.sql("SELECT entity('the firm'), entity('bolt')").rows == (("acme", "bolt"),)
    with pytest.raises(AmbiguousName, match="acme and bolt"):
        tl.append(note("The Firm"))
    tl.retract("same")
    with pytest.raises(AmbiguousName):
        tl.as_of().of(Ledger, "The Firm")
    with pytest.raises(NotAllowed, match="acme and bolt"):
        tl.sql("SELECT entity('the firm')")


def test_names_of_the_one_are_names_of_the_other(tl: Timeline) -> None:
    """The last that either was given by then, whichever is spoken of."""
    tl.append(
        EntityNamed("2001", entity="acme", name="Acme Works"),
        EntityNamed("2005", entity="bolt", name="Bolt & Co"),
        CEOAppointment("2004", company="bolt", person="Ann"),
    )
    tl.append(same("bolt", "acme"))
    for year, name in (("2003", "Acme Works"), ("2006", "Bolt & Co")):
        state = tl.as_of(year).of(Organisation, "bolt")
        assert state.named("acme") == state.named("bolt") == name
    (found,) = tl.as_of("2006").all(Organisation)
    assert found.named("acme") == "Bolt & Co"


# In the file


def test_what_is_stored_stays_as_it_was_written(tl: Timeline) -> None:
    """The log, typed tables and `records_as_of` speak of whom they spoke of; who asks of one asks of both."""
    tl.append(note("acme"), note("bolt"))
    tl.append(same("bolt", "acme"))
    assert [record.entities for record in tl.as_of().records()] == [("acme",), ("bolt",), ("bolt", "acme")]
    assert tl.sql("SELECT subject FROM noted ORDER BY position").rows == (("acme",), ("bolt",))
    assert tl.sql("SELECT entities FROM log LIMIT 2").rows == ((["acme"],), (["bolt"],))
    assert tl.sql("SELECT entities FROM records_as_of('2030') LIMIT 2").rows == ((["acme"],), (["bolt"],))
    assert [len(list(tl.as_of(position=place).records(entities="bolt"))) for place in (2, 3)] == [1, 3]


def test_a_table_is_read_as_of_others(tl: Timeline) -> None:
    """What is imported later is read as what was imported before; a table of samenesses is refused."""
    rows = (
        "SELECT 'acme' AS company, name AS person, '2020' AS occurred FROM (VALUES ('ann'), ('bob')) t(name)"
    )
    tl.append_table(CEOAppointment, rows, known="2020")
    tl.append(same("acme", "bolt"))
    tl.append_table(CEOAppointment, rows.replace("2020", "2021"), known="2021")
    (found,) = tl.as_of().all(Organisation)
    assert found == tl.as_of().of(Organisation, "acme")
    assert (found.who, found.ceo) == (("bolt",), "bob")
    assert tl.sql("SELECT count(*) FROM rereads").rows == ((4,),)
    with pytest.raises(NotAllowed, match="says who is who"):
        tl.append_table(SameEntity, "SELECT 'a' AS entity, 'b' AS as_, '2020' AS occurred", known="2020")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A file in which one is another."""
    path = tmp_path / "t.duckdb"
    with Timeline.open(path, catalogue=CATALOGUE, clock=Clock(NOW)) as tl:
        tl.append(note("acme"), LeaseBegun("2020", subject="bolt", holder="ann", room="east"))
        tl.append(CEOAppointment("2020", company="bolt", person="ann"))
        tl.append(same("bolt", "acme"))
    return path


def test_any_client_and_any_other_timeline_reads_it(file: Path) -> None:
    """By the macros and views of the file alone, and by one that had it open before."""
    with duckdb.connect(str(file), read_only=True) as connection:
        rows = connection.execute("SELECT organisation, ceo FROM organisation").fetchall()
        periods = connection.execute("SELECT organisation, value FROM organisation_periods").fetchall()
        who = connection.execute("SELECT entity, same_as, read_as FROM sameness").fetchall()
    assert rows == periods == [("acme", "ann")]
    assert who == [("bolt", "acme", "acme")]
    with Timeline.open(file, catalogue=CATALOGUE) as tl:
        tl.rebuild()
        assert tl.sql("SELECT organisation, ceo FROM organisation").rows == (("acme", "ann"),)


def test_what_is_kept_of_a_file_follows(tmp_path: Path) -> None:
    """Said by another timeline on the same file, it is in the next answer, and not in an earlier one."""
    path = tmp_path / "t.duckdb"
    with (
        Timeline.open(path, catalogue=CATALOGUE) as reader,
        Timeline.open(path, catalogue=CATALOGUE) as writer,
    ):
        writer.append(note("acme"), note("bolt"))
        first = reader.as_of()
        assert first.of(Ledger, "acme").notes == 1
        writer.append(same("bolt", "acme"), id="same")
        assert reader.as_of().of(Ledger, "acme").notes == 2
        writer.retract("same")
        assert reader.as_of().of(Ledger, "acme").notes == 1
        assert first.of(Ledger, "acme").notes == 1
        assert reader.as_of(position=3).of(Ledger, "bolt").notes == 2


# Who there is


def test_entities_are_listed_with_all_that_is_known_of_them(tl: Timeline) -> None:
    """Names as they were spoken of and given, how many records, and whom they are read as."""
    tl.append(note("Acme Works"), note("bolt"), note("acme works", "down"))
    tl.append(EntityNamed("2005", entity="bolt", name="Bolt & Co"), id="named")
    tl.append(EntityNamed("2001", entity="bolt", name="Bolt Bros"))
    tl.append(same("bolt", "acme-works"), id="same")
    acme, bolt = tl.as_of().entities()
    assert (acme.id, acme.records, acme.first, acme.last, acme.read_as) == ("acme-works", 3, 1, 6, None)
    assert [one.name for one in acme.names] == ["Acme Works", "acme works"]
    assert (bolt.name, bolt.records, bolt.read_as) == ("Bolt & Co", 4, "acme-works")
    assert acme.name == "Bolt & Co"
    assert [(one.name, one.since and one.since.text) for one in bolt.names] == [
        ("bolt", None),
        ("Bolt Bros", "2001"),
        ("Bolt & Co", "2005"),
    ]
    assert str(bolt).startswith("Bolt & Co (bolt), read as acme-works: bolt, Bolt Bros since 2001")
    assert [one.id for one in tl.as_of().entities("BOLT B")] == ["bolt"]
    assert tl.as_of().entities("nobody") == ()
    tl.retract("named")
    tl.retract("same")
    (bolt,) = tl.as_of().entities("bolt")
    assert (bolt.name, bolt.read_as, len(bolt.names)) == ("Bolt Bros", None, 2)
    assert bolt.as_dict()["names"][0] == {"name": "bolt", "since": None, "position": 2}
