"""Proposing a recipe for a table, by its columns and what is in them; what is unsure is a comment."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final

import attrs

from timeline.formats.date_reading import EITHER, dates_fit
from timeline.formats.profiles import (
    BEGINS,
    CALLED,
    DATED,
    ENDS,
    EXACT_ID,
    UNITS,
    Profile,
    likeness,
    profiles,
    words_of,
)
from timeline.formats.recipes import KEYS, Recipe, scalar
from timeline.formats.table_rows import TableFile
from timeline.values import either, few
from timeline.vocabulary import Catalogue, EventType, Field, Kind

_SURE: Final = 0.75


@attrs.define
class _Proposal:
    """A type, what its fields would be read from, and how well that fits."""

    kind: EventType
    ending: EventType | None = None
    read: dict[str, str] = attrs.field(factory=dict)
    columns: dict[str, Profile] = attrs.field(factory=dict)
    used: set[str] = attrs.field(factory=set)
    score: float = 0.0
    named: bool = False
    """Whether the table or a column is called like the type."""

    @property
    def likely(self) -> bool:
        """Whether more than chance speaks for it: its name, or two of its fields."""
        return self.named or len([name for name in self.read if name != "occurred"]) > 1


def _proposal(
    kind: EventType, ending: EventType | None, columns: Sequence[Profile], about: frozenset[str]
) -> _Proposal:
    found = _Proposal(kind, ending)
    _date(found, columns)
    for field in kind.fields:
        free = [one for one in columns if one.name not in found.used and one.fits(field.kind)]
        rated = sorted(((likeness(field.name, one), one) for one in free), key=lambda rated: -rated[0])
        alike = [one for likeness, one in rated if likeness >= _SURE]
        if alike and field.names_entities:
            _entity(found, field, alike)
        elif alike:
            _value(found, field, alike[0], columns)
        elif (
            field.kind is Kind.MONEY
            and len(amounts := [one for one in free if _is_amount(one, columns)]) == 1
        ):
            _value(found, field, amounts[0], columns)
            found.score -= 1
        elif field.required and not field.may_be_blank:
            found.score -= 1
    said = words_of(kind.name)
    found.named = bool(said & about)
    found.score += 2 * len(said & about)
    found.score += 2 if found.ending is not None else 0
    told = words_of(kind.doc) | {word for field in kind.fields for word in words_of(field.name)}
    found.score += 0.2 * len(told & frozenset().union(*(one.words for one in columns)) - said)
    return found


def _date(found: _Proposal, columns: Sequence[Profile]) -> None:
    """The column of the date: the one called so, else the only one; of several, the finest."""
    dates = [one for one in columns if one.is_date and not one.words & ENDS]
    if dates:
        best = max(dates, key=lambda one: (bool(one.words & (DATED | BEGINS)), max(map(len, one.values))))
        _take(found, "occurred", best.name, best, 1)


def _entity(found: _Proposal, field: Field, alike: Sequence[Profile]) -> None:
    """The column of an entity: with one of exact ids, that and the one of names."""
    extra = {one.name: one.words - words_of(field.name) for one in alike}
    bare = next((one for one in alike if not extra[one.name]), None)
    named = next((one for one in alike if extra[one.name] and extra[one.name] <= CALLED), None)
    exact = next((one for one in alike if extra[one.name] and extra[one.name] <= EXACT_ID), None)
    called = named or bare
    if exact is not None and called is not None and field.kind is Kind.ENTITY:
        _take(found, field.name, exact.name, exact, 1.5)
        _take(found, f"{field.name}_name", called.name, called, 0)
    elif (one := called or exact or (alike[0] if len(alike) == 1 else None)) is not None:
        _take(found, field.name, one.name, one, 1.5)


def _value(found: _Proposal, field: Field, column: Profile, columns: Sequence[Profile]) -> None:
    if field.kind is Kind.MONEY and not column.money:
        code = column.code
        beside = next((one for one in columns if one.currency), None)
        if code is None and beside is not None:
            found.read[f"{field.name}_currency"] = beside.name
            found.used.add(beside.name)
        said = f"{column.name} {code}" if code else column.name
        if code and column.unit:
            said = f"{{{column.name}}}{column.unit} {code}"
        _take(found, field.name, said, column, 1)
    else:
        _take(found, field.name, column.name, column, 1)


def _take(found: _Proposal, name: str, said: str, column: Profile, score: float) -> None:
    found.read[name] = said
    found.columns[name] = column
    found.used.add(column.name)
    found.score += score


def _is_amount(column: Profile, columns: Sequence[Profile]) -> bool:
    """Whether a column is of amounts whatever it is called: numbers, with a currency by their side."""
    if not column.values or column.is_date:
        return False
    coded = column.code is not None or any(one.currency for one in columns)
    return column.money or (bool(column.numbers) and coded)


def _ending(catalogue: Catalogue, kind: EventType, columns: Sequence[Profile]) -> EventType | None:
    """The type of the events that end what such events begin, where the table has a date for that."""
    if not any(one.is_date and one.words & ENDS for one in columns):
        return None
    for state in catalogue.states.values():
        for fold in state.folds.values():
            if any(feed.type is kind for feed in fold.feeds) and len({one.type for one in fold.ends}) == 1:
                return fold.ends[0].type
    return None


def proposed_recipe(table: TableFile, catalogue: Catalogue, given: Recipe) -> str:
    """A recipe to be filled in, as YAML: what fits best, and as comments what somebody has to decide.

    `given` is what is said of the table already.
    """
    columns = profiles(table)
    about = words_of(Path(table.path).name.partition(".")[0]) | frozenset().union(
        *(one.words for one in columns)
    )
    kinds = [one for one in catalogue.events.values() if not (one.retired or one.naming or one.sameness)]
    if given.type is not None:
        kinds = [catalogue.event(given.type)]
    several = [_proposal(one, _ending(catalogue, one, columns), columns, about) for one in kinds]
    several.sort(key=lambda found: (-found.score, found.kind.name))
    best = several[0] if given.type is not None or several[0].likely else None
    lines = [
        f"# How the rows of {Path(table.path).name} are read as events.",
        "# What is a comment is for you to decide; `timeline load` with --dry-run shows what comes of it.",
        *_type_lines(best, several),
        *(_unknown_lines(columns) if best is None else _column_lines(best, columns)),
        *_constant_lines(given),
        *_form_lines(best, columns, given),
    ]
    return "\n".join(lines) + "\n"


def _type_lines(best: _Proposal | None, several: Sequence[_Proposal]) -> Iterator[str]:
    if best is None:
        names = [one.kind.name for one in several[:6]]
        yield _with_note(
            "type:", f"of which event do rows tell? {few(names, ', ')}, … ; `timeline types` lists all"
        )
        return
    kind, others = best.kind, [one.kind.name for one in several[1:6] if one.score > best.score - 1]
    yield f"# {kind.name}: {kind.summary}"
    if others:
        yield f"# It may be {either(others)} too; `timeline types` lists all."
    if best.ending is None:
        yield f"type: {kind.name}"


def _unknown_lines(columns: Sequence[Profile]) -> Iterator[str]:
    """The columns, where it is not known what rows tell."""
    yield _with_note("columns:", "a field of the type, and the column that it is read from, as in")
    dates = [one.name for one in columns if one.is_date]
    yield _with_note(
        f"  {'' if dates else '# '}occurred: {scalar(dates[0]) if dates else ''}", "when it happened"
    )
    for one in columns:
        yield _with_note(f"  # FIELD: {scalar(one.name)}", one.samples)


def _column_lines(best: _Proposal, columns: Sequence[Profile]) -> Iterator[str]:
    read = dict(best.read)
    if best.ending is not None:
        last = next(one for one in columns if one.is_date and one.words & ENDS)
        best.used.add(last.name)
        yield "events:  # a row tells of each that it has a date for"
        yield f"  {best.kind.name}:"
        yield f"    occurred: {scalar(read.pop('occurred', '?'))}"
        yield f"  {best.ending.name}:"
        yield f"    occurred: {scalar(last.name)}"
    yield "columns:"
    free = [one for one in columns if one.name not in best.used]
    for name, takes, needed in _targets(best.kind):
        if name in read:
            doubt = _doubt(name, read[name], best.columns.get(name), best.kind)
            yield _with_note(f"  {name}: {scalar(read[name])}", doubt)
        elif name == "occurred" and best.ending is not None:
            continue
        elif name == "occurred" or _field(best.kind, name) is not None:
            fitting = _candidates(best.kind, name, free) if needed else []
            hint = f"; is it {either(fitting)}?" if fitting else ""
            yield _with_note(f"  # {name}:", f"{'needed: ' if needed else ''}{takes}{hint}")
    yield _with_note("  # id:", _id_hint(free))
    for one in free:
        if one.url or one.words & {"source", "reference", "citation"}:
            yield f"  {'url' if one.url else 'source'}: {scalar(one.name)}"
            best.used.add(one.name)
            break
    if left := [f"{one.name} ({one.samples})" for one in columns if one.name not in best.used]:
        yield "# not read:"
        yield from (f"#   {one}" for one in left)


def _field(kind: EventType, name: str) -> Field | None:
    return next((field for field in kind.fields if field.name == name), None)


def _candidates(kind: EventType, name: str, free: Sequence[Profile]) -> list[str]:
    """The columns that a field may be read from; those of names and ids first."""
    field = _field(kind, name)
    fitting = [one for one in free if one.fits(Kind.WHEN if field is None else field.kind)]
    if field is not None and field.names_entities:
        fitting.sort(key=lambda one: (not one.words & (CALLED | EXACT_ID), -len(one.values)))
    return [one.name for one in fitting[:4]]


def _with_note(line: str, note: str) -> str:
    return f"{line:<34}  # {note}" if note else line


def _targets(kind: EventType) -> Iterator[tuple[str, str, bool]]:
    """The names that columns may be given for, what each takes, and whether it is needed."""
    yield "occurred", "when it happened", True
    for field in kind.fields:
        blank = "; blank in all rows if it is left out" if field.required and field.may_be_blank else ""
        yield field.name, field.takes + blank, field.required and not field.may_be_blank
        if field.kind is Kind.ENTITY:
            yield f"{field.name}_name", f"the name, where {field.name} is an exact id", False
        elif field.kind is Kind.MONEY:
            yield f"{field.name}_currency", "a column of currencies, such as USD", False


def _kind(kind: EventType, name: str) -> Kind:
    field = _field(kind, name)
    return Kind.TEXT if field is None else field.kind


def _doubt(name: str, said: str, column: Profile | None, kind: EventType) -> str:
    """What has to be looked at where a field is read from a column."""
    if column is None:
        return ""
    doubt = column.samples
    amount = _kind(kind, name) is Kind.MONEY
    if amount and said == column.name and not column.money:
        doubt += f"; in which currency? As in: {column.name} USD"
    elif amount and column.unit:
        doubt += f"; taken to be in {UNITS[column.unit]}"
    return doubt


def _id_hint(free: Iterable[Profile]) -> str:
    numbered = next((one for one in free if one.words & {"id", "no", "number", "nr"} and one.values), None)
    example = f'"row-{{{numbered.name}}}"' if numbered else 'a column, or a text as in "row-{no}"'
    return f"an id of your own for each row: {example}; without, rows that say the same are one"


def _constant_lines(given: Recipe) -> Iterator[str]:
    yield "constants:"
    if "known" in given.constants:
        yield f"  known: {scalar(str(given.constants['known']))}"
    else:
        yield _with_note("  # known: occurred", "needed: each was known when it happened; or a date")
    yield _with_note("  # source:", "a title; also publisher, url, published")


def _form_lines(best: _Proposal | None, columns: Sequence[Profile], given: Recipe) -> Iterator[str]:
    """How dates, numbers and lists are written, what means missing, and what was said already."""
    used = [one for one in columns if best is None or one.name in best.used]
    yield from _date_form([one for one in used if one.is_date and one.dates != ("iso",)])
    numeric = [one for one in used if one.numbers and not one.is_date]
    forms = [
        form
        for form in (numeric[0].numbers if numeric else ())
        if all(form in one.numbers for one in numeric)
    ]
    if forms and "1234.5" not in forms:
        sure = len(forms) == 1
        yield _with_note(
            f"{'' if sure else '# '}numbers: {scalar(forms[0])}", "" if sure else f"or {either(forms[1:])}"
        )
    several = [] if best is None else [field.name for field in best.kind.fields if field.kind.several]
    of_lists = {best.read.get(name) for name in several} if best is not None else set()
    lists = {one.between for one in used if one.between and one.name in of_lists}
    yield from (f"lists: {scalar(one)}" for one in sorted(filter(None, lists))[:1])
    missing = list(dict.fromkeys(text.strip() for one in used for text in one.missing))
    if missing:
        yield f"missing: [{', '.join(map(scalar, missing[:20]))}]"
    for key in KEYS:
        said = getattr(given, key)
        if key in {"encoding", "delimiter", "sheet", "header"} and said is not None:
            yield f"{key}: {scalar(str(said))}"


def _date_form(columns: Sequence[Profile]) -> Iterator[str]:
    """How dates are written; where they may be written in either of two forms, that is to be decided."""
    unsure = [(one, pair) for one in columns for pair in EITHER if {*pair} <= {*(one.dates or one.mixed)}]
    undecided = {(one.name, form) for one, pair in unsure for form in pair}
    forms = dict.fromkeys(
        form for one in columns for form in one.mixed or one.dates[:1] if (one.name, form) not in undecided
    )
    if "phrases" in forms:
        forms.pop("words", None)
    if forms:
        yield f"dates: {_listed(forms)}"
    for one, (first, second) in unsure:
        if first not in forms and second not in forms:
            example = next(text for text in one.values if first in dates_fit([text])).strip()
            note = f"or {second}? {example} may be either, and so may all others"
            yield _with_note(f"# dates: {_listed([*forms, first])}", note)
            break
    if "phrases" in forms:
        yield _with_note("# dateline:", "needed: the column, or the day, from which phrases were seen")


def _listed(forms: Iterable[str]) -> str:
    several = ", ".join(forms)
    return f"[{several}]" if ", " in several else several
