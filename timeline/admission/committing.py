"""Appending: what is said becomes commits, judged and written in one transaction, under the writer lock."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext, suppress
from typing import Any

import attrs

from timeline.admission.admission import Admission, Judged
from timeline.admission.imported import Imported
from timeline.admission.importing import Alike, import_table
from timeline.admission.saying import Saying, statements
from timeline.admission.unless import Guard, Unless
from timeline.log import Log, Session, Undone
from timeline.records import Commit, NewEntity, Statement
from timeline.vocabulary import Event

Choose = Callable[[Log], Sequence[Statement]]
"""Gives what is to be said by what the log holds."""


@attrs.frozen(kw_only=True)
class Appending:
    """Appends to a timeline that is in use.

    What lies below is handed in: `moment` gives the timeline as of now for who asks before something is
    written, with the entities that are new; `strictly` has what is written meanwhile add up, `compared` tells
    commits with what they look like, and `alike` what in new records looks like what was there. `declared`
    and `strict` say how the timeline was opened.
    """

    session: Session
    declared: bool
    strict: bool
    moment: Callable[[Sequence[NewEntity]], object]
    strictly: Callable[[Log], AbstractContextManager[None]]
    compared: Callable[[Log, Sequence[Commit]], Sequence[Commit]]
    alike: Alike

    def commit(self, said: Iterable[Event | Statement] | Choose, call: Saying) -> Commit:
        """Append as one commit what is said, or chosen under the writer lock; `call` is what the call says.

        Raises:
            TimelineError: if anything cannot be appended; then nothing is.
        """
        catalogue = self.session.codec.catalogue
        catalogue.check_known("appending")
        given = None if callable(said) else statements(catalogue, said, call)
        check = self._guard(call.get("unless"))
        with suppress(Undone), self.session.appending() as log:
            chosen = said(log) if callable(said) else given or ()
            with self._strictly(log, call.get("strict")):
                admission = Admission(log, log.began, log.present, declared=self.declared)
                commit = admission.admit(chosen, actor=call.get("actor"), note=call.get("note"), check=check)
            if call.get("dry_run"):
                (commit,) = self.compared(log, [commit])
                raise Undone
        return commit

    def batches(
        self, batches: Iterable[Sequence[Statement]], *, amend: bool, dry_run: bool
    ) -> tuple[Judged, ...]:
        """Append several batches, each as one commit, all of them or none; tells what became of each."""
        catalogue = self.session.codec.catalogue
        catalogue.check_known("appending")
        given = [statements(catalogue, batch, {}) for batch in batches]
        judged: list[Judged] = []
        with suppress(Undone), self.session.appending() as log:
            with self._strictly(log):
                for batch in given:
                    admission = Admission(log, log.head(), log.present, declared=self.declared, amend=amend)
                    judged.append(admission.judged(batch, actor=None, note=None))
                if any(one.faults for one in judged):
                    raise Undone
            if dry_run:
                told = self.compared(log, [one.commit for one in judged])
                judged = [attrs.evolve(one, commit=two) for one, two in zip(judged, told, strict=True)]
                raise Undone
        return tuple(judged)

    def table(self, event_type: type[Event], rows: Any, *, unless: Unless | None, **terms: Any) -> Imported:
        """Append a table of events of one type as one commit; `terms` are the keywords of `import_table`."""
        kind = self.session.codec.catalogue.declared(event_type)
        check = self._guard(unless)
        with self.session.writing() as log, self._strictly(log):
            return import_table(
                log,
                kind,
                rows,
                present=self.session.present(),
                alike=self.alike,
                check=check,
                declared=self.declared,
                **terms,
            )

    def _strictly(self, log: Log, strict: bool | None = None) -> AbstractContextManager[None]:
        return self.strictly(log) if (self.strict if strict is None else strict) else nullcontext()

    def _guard(self, unless: Unless | None) -> Guard | None:
        return Guard.of(unless, moment=self.moment, type_name=self.session.codec.catalogue.type_name)
