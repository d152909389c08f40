"""What the rows of a table claim: each field read, and from all of them the columns of the log."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

import attrs

from timeline.admission.bulk import parties
from timeline.admission.bulk.amounts import amounts
from timeline.admission.bulk.columns import BLANK, Columns, dates
from timeline.admission.bulk.parties import Party
from timeline.admission.bulk.shapes import Problem, Value, concatenated, default, json_text, told
from timeline.admission.bulk.staging import GIVEN, ROW, Given
from timeline.admission.bulk.terms import Terms
from timeline.compile import is_name, literal
from timeline.log import Log
from timeline.records import CONTENT, MARKS, Names, read_id
from timeline.values import When, stored_instant
from timeline.vocabulary import Field, Kind

_UUID = "[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"


def uuid5(namespace: UUID, name: str) -> str:
    """The UUID of version 5 for a text (RFC 9562), as SQL; `name` is SQL and used once."""
    raw = "".join(f"\\x{byte:02x}" for byte in namespace.bytes)
    variant = "substr('89ab89ab89ab89ab', 1 + instr('123456789abcdef', substr(h, 17, 1)), 1)"
    parts = f"substr(h, 1, 12) || concat('5', substr(h, 14, 3), {variant}, substr(h, 18, 15))"
    return f"list_transform([sha1('{raw}'::BLOB || encode({name}))], lambda h: ({parts})::UUID)[1]"


def content_id(type_name: str, credence: str, data: str, occurred: str) -> str:
    """The id that a row without one gets: that of an assertion with this content."""
    pieces = [
        literal(f'{{"credence":"{credence}","data":'),
        data,
        literal(',"kind":"assertion","occurred":'),
        json_text(occurred),
        literal(f',"target":null,"type":"{type_name}"}}'),
    ]
    return uuid5(CONTENT, " || ".join(pieces))


def given_ids(columns: Columns, column: str) -> Value:
    """A column of ids: `ident` the UUIDs, `ref` the marks that are none.

    Raises:
        InvalidData: if it is of another type than VARCHAR or UUID.
    """
    hint = "digits alone mean positions: give each a letter, as in 'round-' || n"
    kind = columns.given.columns[column]
    given = columns.text(column, "UUID", hint=hint) + ("::VARCHAR" if kind == "UUID" else "")
    is_uuid = f"CASE WHEN strlen({given}) = 36 THEN regexp_full_match({given}, '{_UUID}') ELSE FALSE END"
    is_mark = (
        f"{is_name(given)} AND strlen({given}) <> 36 AND NOT starts_with({given}, '#') "
        f"AND NOT regexp_full_match({given}, '[0-9]+')"
    )
    sound, mark = f"({is_mark} OR {is_uuid})", uuid5(MARKS, given)
    joins = columns.looked_up("odd_id", given, sound, _read, ("ident", "UUID"), ("ref", "VARCHAR"))
    looked_up = "WHEN odd_id.value IS NOT NULL THEN odd_id.{0} " if joins else ""
    ident = f"CASE {looked_up.format('ident')}WHEN {is_uuid} THEN TRY_CAST({given} AS UUID) ELSE {mark} END"
    ref = f"CASE {looked_up.format('ref')}WHEN {is_uuid} THEN NULL ELSE {given} END"
    problems = [Problem(column, f"CASE WHEN {given} IS NULL THEN {literal(BLANK)} END")]
    if joins:
        problems.append(Problem(column, "odd_id.problem"))
    return Value(
        selected={"ident": ident, "ref": ref},
        joins=joins,
        problems=tuple(problems),
        stored=("ident", "ref"),
        json="ref",
        words="ref",
        said="TRUE",
    )


def _read(given: str) -> list[Any]:
    ident, ref = read_id(given)
    return [str(ident), ref]


_WHEN: Final = "occurred"


@attrs.frozen(kw_only=True)
class Claims:
    """The rows as read, in the view `read`, and what they claim, in the view `claims`, both by `row`.

    `claims` has all of `read`, and `occurred`, `known_at`, `known_latest`, `data`, `names`, `entities`,
    `summary`, `ident` and `ref`. Rows with a problem have no claim worth looking at.
    """

    terms: Terms
    values: Mapping[str, Value]
    parties: Sequence[Party]
    found: Names
    problems: Sequence[Problem]

    @classmethod
    def of(cls, log: Log, terms: Terms, given: Given) -> Claims:
        """Read the table that was given, all but its numbers in SQL.

        Raises:
            InvalidData: if a column is of a type that its field cannot be read from.
        """
        columns = Columns(log.connection, given, terms.kind)
        numbered = {field.name: f"f{index}" for index, field in enumerate(terms.kind.fields)}
        present = [field for field in terms.kind.fields if given.says(field)]
        meant = [
            parties.party(columns, numbered[field.name], field) for field in present if field.names_entities
        ]
        found = parties.look_up(log, meant, declared=terms.declared)
        for one in meant:
            if one.several:
                parties.list_up(log.connection, one)
        values = {_WHEN: dates(columns, _WHEN, _WHEN, nullable=False)}
        values |= {one.field.name: parties.value(one) for one in meant}
        for field in present:
            if not field.names_entities:
                values[field.name] = _value(columns, numbered[field.name], field)
        for field in terms.kind.fields:
            if field.name not in values:
                values[field.name] = default(terms.kind, field)
        envelope = [*_envelope(columns, terms, values[_WHEN])]
        problems = [one for value in (*values.values(), *envelope) for one in value.problems]
        claims = cls(terms=terms, values=values, parties=meant, found=found, problems=problems)
        log.connection.execute(claims._read_view([*values.values(), *envelope]))
        claims.lay_out(log, respelled=False)
        return claims

    def _read_view(self, values: Sequence[Value]) -> str:
        selected = [f"{sql} AS {name}" for value in values for name, sql in value.selected.items()]
        selected += [f"{problem.reason} AS problem_{index}" for index, problem in enumerate(self.problems)]
        joins = "\n".join(join for value in values for join in value.joins)
        body = ",\n    ".join([f"given.{ROW} AS row", *selected])
        return f"CREATE TEMP VIEW read AS SELECT\n    {body}\nFROM {GIVEN} AS given\n{joins}"

    def lay_out(self, log: Log, *, respelled: bool) -> None:
        """Make the view `claims`; where rows were respelled, with their names and sentences from there."""
        names, summary = self._names(), told(self.terms.kind.says, self.values)
        join = ""
        if respelled:
            names = f"coalesce(respelled.names, {names})"
            summary = f"coalesce(respelled.summary, {summary})"
            join = "LEFT JOIN temp.respelled AS respelled ON respelled.row = read.row"
        inner = f"""SELECT read.*, {self._data()} AS data, {names} AS names, {self._entities()} AS entities,
    {summary} AS summary, {self._known_at()} AS known_at FROM temp.read AS read {join}"""
        if self.terms.id is None:
            ident = content_id(self.terms.kind.name, self.terms.credence, "data", _WHEN)
            inner = f"SELECT *, {ident} AS ident, NULL::VARCHAR AS ref FROM (\n{inner}\n)"
        log.connection.execute(f"CREATE OR REPLACE TEMP VIEW claims AS {inner}")

    @property
    def stored(self) -> list[str]:
        """The typed columns in the order of the typed table."""
        return [sql for field in self.terms.kind.fields for sql in self.values[field.name].stored]

    def _data(self) -> str:
        fields = sorted(field.name for field in self.terms.kind.fields)
        parts = [
            part
            for index, name in enumerate(fields)
            for part in (literal(f'{"," if index else "{"}"{name}":'), f"({self.values[name].json})")
        ]
        return concatenated([*parts, "'}'"] if parts else ["'{}'"])

    def _known_at(self) -> str:
        now = f"TIMESTAMP {literal(stored_instant(self.terms.now))}"
        return f"least(known_latest, {now})"

    def _entities(self) -> str:
        """Each entity once, in the order of the fields."""
        lists = [one.prefix if one.several else f"[{one.prefix}]" for one in self.parties]
        if not lists:
            return "[]::VARCHAR[]"
        whole = _concatenated(lists)
        once = f"list_filter({whole}, lambda x, i: x IS NOT NULL AND list_position({whole}, x) = i)"
        doubtful = [f"{one.prefix} IS NULL" for one in self.parties if one.field.nullable and not one.several]
        doubtful += [_shared(one, other) for one, other in _pairs(self.parties)]
        return f"CASE WHEN {' OR '.join(doubtful)} THEN {once} ELSE {whole} END" if doubtful else whole

    def _names(self) -> str:
        """The names as given, by entity, as canonical JSON; none where all were given by id."""
        singles = [f"{one.prefix}_piece" for one in self.parties if not one.several]
        lists = [f"{one.prefix}_pieces" for one in self.parties if one.several]
        if not singles and not lists:
            return "'{}'"
        if len(singles) == 1 and not lists:
            return f"CASE WHEN {singles[0]} IS NULL THEN '{{}}' ELSE {_braced(_json_of(singles[0]))} END"
        pieces = _concatenated([*([f"[{', '.join(singles)}]"] if singles else []), *lists])
        kept = f"list_sort(list_distinct(list_filter({pieces}, lambda x: x IS NOT NULL)))"
        many = f"array_to_string(list_transform({kept}, lambda x: {_json_of('x')}), ',')"
        none = [f"{one} IS NULL" for one in singles] + [f"len({one}) = 0" for one in lists]
        return f"CASE WHEN {' AND '.join(none)} THEN '{{}}' ELSE {_braced(many)} END"

    def mixed(self) -> str | None:
        """SQL for rows that call one entity by more than one name in different fields, or may do so."""
        doubts = [_differently(one, other) for one, other in _pairs(self.parties)]
        return " OR ".join(doubts) or None


def _value(columns: Columns, prefix: str, field: Field) -> Value:
    if field.kind is Kind.MONEY:
        return amounts(columns, prefix, field)
    return columns.value(prefix, field, field.name)


def _envelope(columns: Columns, terms: Terms, occurred: Value) -> Iterator[Value]:
    """When each row was known, and its id, if it has one of its own."""
    if terms.id is not None:
        yield given_ids(columns, terms.id)
    known = terms.known
    if isinstance(known, When):
        yield _as_known(f"TIMESTAMP {literal(stored_instant(known.latest))}", (), ())
        return
    value = occurred if known == _WHEN else dates(columns, "known", known, nullable=False)
    text, earliest, latest = value.selected.values()
    now = f"{terms.now:%Y-%m-%d %H:%M}"
    reason = f"'known ''' || {text} || ''' lies in the future: it is {now} UTC now'"
    future = f"CASE WHEN {earliest} > TIMESTAMP {literal(stored_instant(terms.now))} THEN {reason} END"
    if known == _WHEN:
        yield _as_known(latest, (), (Problem(known, future),))
    else:
        yield _as_known(latest, value.joins, (*value.problems, Problem(known, future)))


def _as_known(latest: str, joins: tuple[str, ...], problems: tuple[Problem, ...]) -> Value:
    return Value(
        selected={"known_latest": latest},
        joins=joins,
        problems=problems,
        stored=("known_latest",),
        json="known_latest",
        words="known_latest",
        said="TRUE",
    )


def _concatenated(lists: Sequence[str]) -> str:
    whole, *others = lists
    for one in others:
        whole = f"list_concat({whole}, {one})"
    return whole


def _json_of(piece: str) -> str:
    """What of a piece goes into the JSON, behind what it is sorted by."""
    return f"split_part({piece}, chr(9), 2)"


def _braced(members: str) -> str:
    return "'{' || " + members + " || '}'"


def _pairs(several: Sequence[Party]) -> Iterator[tuple[Party, Party]]:
    for index, one in enumerate(several):
        yield from ((one, other) for other in several[index + 1 :])


def _shared(one: Party, other: Party) -> str:
    """SQL for whether two parties have an entity in common."""
    if one.several and other.several:
        return f"list_has_any({one.prefix}, {other.prefix})"
    if one.several:
        return f"list_contains({one.prefix}, {other.prefix})"
    return (
        f"list_contains({other.prefix}, {one.prefix})" if other.several else f"{one.prefix} = {other.prefix}"
    )


def _differently(one: Party, other: Party) -> str:
    """SQL for whether two parties share an entity and may call it by different names."""
    if one.several and other.several:
        named = f"(len({one.prefix}_pieces) > 0 OR len({other.prefix}_pieces) > 0)"
    elif one.several or other.several:
        single, several = (other, one) if one.several else (one, other)
        unlike = f"len({several.prefix}_pieces) > 0"
        named = (
            f"CASE WHEN {single.prefix}_piece IS NULL THEN {unlike} "
            f"ELSE NOT list_contains({several.prefix}_pieces, {single.prefix}_piece) END"
        )
    else:
        named = f"{one.prefix}_piece IS DISTINCT FROM {other.prefix}_piece"
    return f"({_shared(one, other)} AND {named})"
