"""The SQL executor: a declared state as a table macro over the whole log."""

from __future__ import annotations

from typing import Final

from timeline.fields import Kind
from timeline.folds import Fold
from timeline.state import StateType
from timeline.tables import quoted

__all__ = ["as_of_macro", "now_view"]

_FUNDS: Final = (
    "STRUCT(wholly MAP(VARCHAR, DECIMAL(38, 6)), jointly MAP(VARCHAR, DECIMAL(38, 6)), "
    "undisclosed BIGINT, inexact BIGINT)"
)
_NO_FUNDS: Final = f"{{'wholly': MAP {{}}, 'jointly': MAP {{}}, 'undisclosed': 0, 'inexact': 0}}::{_FUNDS}"
_CASTS: Final = {
    Kind.FLAG: "{}::BOOLEAN",
    Kind.DECIMAL: "{}::DECIMAL(38, 6)",
    Kind.ENTITIES: "from_json({}, '[\"VARCHAR\"]')",
    Kind.TEXTS: "from_json({}, '[\"VARCHAR\"]')",
    Kind.MONEY: (
        "{{'amount': ({0} ->> 'value')::DECIMAL(38, 6), "
        "'currency': {0} ->> 'currency', 'bound': {0} ->> 'bound'}}"
    ),
}
_EVENT: Final = (
    "{'position': decisive, 'type': value ->> 'type', 'occurred': value ->> 'occurred', "
    "'data': json(value) -> 'data'}"
)


def as_of_macro(state: StateType) -> str:
    """The SQL that makes `<state>_as_of(valid, known := NULL, dates := 'latest', position := NULL)`."""
    keys = ", ".join(
        f"{internal} AS {quoted(name)}" for internal, name in zip(("a", "b"), state.keys, strict=False)
    )
    columns = ",\n".join(
        f"    {_column(field, fold)} AS {quoted(field)}" for field, fold in state.folds.items()
    )
    return f"""\
CREATE OR REPLACE MACRO {quoted(state.name + "_as_of")}(
    valid, known := NULL, dates := 'latest', position := NULL
) AS TABLE
WITH ask AS (
    SELECT
        timeline_point(valid) AS point,
        timeline_known(known, valid) AS knowing,
        timeline_position(position) AS upto,
        timeline_dates(dates) AS reading
),
-- What stands in view and may have happened by the point.
entry AS (
    SELECT
        feed.* EXCLUDE (b, position),
        feed.position AS place,
        coalesce(feed.b, '') AS b,
        ask.point,
        CASE ask.reading WHEN 'earliest' THEN feed.earliest ELSE feed.latest END AS bound
    FROM feeds.{quoted(state.name)} AS feed, ask
    WHERE feed.position <= ask.upto
        AND feed.known_at <= ask.knowing
        AND feed.earliest <= ask.point
        AND NOT EXISTS (
            FROM hidden
            WHERE hidden.position = feed.position
                AND hidden.known_from <= ask.knowing AND ask.knowing < hidden.known_to
                AND hidden.position_from <= ask.upto AND ask.upto < hidden.position_to
        )
),
-- In the order of replay.
ranked AS (
    SELECT
        *,
        bound <= point AS counted,
        row_number() OVER (PARTITION BY field, a, b, slot ORDER BY bound, origin) AS rank
    FROM entry
),
numbers AS (
    SELECT field, a, b, slot, count(*) AS number, sum(amount) AS amount,
        count(*) FILTER (WHERE amount IS NULL) AS undisclosed,
        count(*) FILTER (WHERE inexact) AS inexact,
        list(place) AS because
    FROM ranked
    WHERE counted AND field IN ({_names(state, "count", "total")})
    GROUP BY ALL
),
purses AS (
    SELECT field, a, b, slot, jointly, currency, sum(amount) AS amount
    FROM ranked
    WHERE counted AND currency IS NOT NULL AND field IN ({_names(state, "total")})
    GROUP BY ALL
),
funds AS (
    SELECT field, a, b, slot,
        list((currency, amount) ORDER BY currency) FILTER (WHERE NOT jointly) AS wholly,
        list((currency, amount) ORDER BY currency) FILTER (WHERE jointly) AS jointly
    FROM purses
    GROUP BY ALL
),
-- What an order decides: the last start and the first end behind it that closes it; the first or last event.
opened AS (
    SELECT field, a, b, slot, arg_max(ranked, rank) AS start
    FROM ranked
    WHERE counted AND NOT closes AND field IN ({_names(state, "held")})
    GROUP BY ALL
),
closed AS (
    SELECT field, a, b, slot, arg_min(ranked, ranked.rank) AS finish
    FROM opened JOIN ranked USING (field, a, b, slot)
    WHERE ranked.counted AND ranked.closes AND ranked.rank > opened.start.rank
        AND (ranked.names IS NULL OR ranked.names = opened.start.names)
    GROUP BY ALL
),
decided AS (
    SELECT field, a, b, slot, coalesce(finish, start) AS decisive, start.names AS opens,
        finish IS NULL AS still,
        CASE WHEN finish IS NULL AND coalesce(start.until_latest, 'infinity') >= start.point
            THEN start.value END AS value
    FROM opened LEFT JOIN closed USING (field, a, b, slot)
    UNION ALL
    SELECT field, a, b, slot, decisive, NULL, true, decisive.value
    FROM (
        SELECT field, a, b, slot, arg_max(ranked, rank) AS decisive
        FROM ranked WHERE counted AND field IN ({_names(state, "last")}) GROUP BY field, a, b, slot
        UNION ALL
        SELECT field, a, b, slot, arg_min(ranked, rank)
        FROM ranked WHERE counted AND field IN ({_names(state, "first")}) GROUP BY field, a, b, slot
    )
),
-- What leaves a field unsettled: what may or may not have happened, and rivals whose order is not certain.
doubts AS (
    SELECT field, a, b, place FROM ranked WHERE latest > point
    UNION
    SELECT field, a, b, ranked.place
    FROM decided JOIN ranked USING (field, a, b, slot)
    WHERE ranked.counted
        AND (ranked.earliest <> decisive.earliest OR ranked.latest <> decisive.latest)
        AND CASE WHEN field IN ({_names(state, "first")}) THEN ranked.earliest <= decisive.latest
            ELSE ranked.latest >= decisive.earliest END
        AND CASE
            WHEN field NOT IN ({_names(state, "held")}) THEN ranked.value
            WHEN NOT ranked.closes AND coalesce(ranked.until_latest, 'infinity') < ranked.point THEN NULL
            WHEN NOT ranked.closes THEN ranked.value
            WHEN still AND (ranked.names IS NULL OR ranked.names = opens) THEN NULL
            ELSE decided.value END IS DISTINCT FROM decided.value
),
outcomes AS (
    SELECT field, a, b, slot, number, amount, NULL AS value, NULL AS decisive, because, true AS present,
        {{
            'wholly': map_from_entries(coalesce(funds.wholly, [])),
            'jointly': map_from_entries(coalesce(funds.jointly, [])),
            'undisclosed': undisclosed,
            'inexact': inexact
        }}::{_FUNDS} AS funds
    FROM numbers LEFT JOIN funds USING (field, a, b, slot)
    UNION ALL
    SELECT field, a, b, slot, NULL, NULL, value, decisive.place, [decisive.place],
        value IS NOT NULL OR field NOT IN ({_names(state, "held")}), NULL
    FROM decided
),
reasons AS (
    SELECT a, b, map_from_entries(list((field, because) ORDER BY field)) AS because
    FROM (
        SELECT field, a, b, list_sort(list_distinct(flatten(list(because)))) AS because
        FROM outcomes GROUP BY ALL
    )
    GROUP BY ALL
),
unsettling AS (
    SELECT a, b, map_from_entries(list((field, unsettled) ORDER BY field)) AS unsettled
    FROM (SELECT field, a, b, list(place ORDER BY place) AS unsettled FROM doubts GROUP BY ALL)
    GROUP BY ALL
),
answers AS (
    SELECT a, b,
{columns}
    FROM (SELECT DISTINCT a, b FROM ranked WHERE counted OR latest > point) LEFT JOIN outcomes USING (a, b)
    GROUP BY a, b
)
SELECT {keys}, answers.* EXCLUDE (a, b),
    coalesce(because, MAP {{}}) AS because,
    coalesce(unsettled, MAP {{}}) AS unsettled
FROM answers LEFT JOIN reasons USING (a, b) LEFT JOIN unsettling USING (a, b);
"""  # noqa: S608


def now_view(state: StateType) -> str:
    """The SQL that makes the view of a state as it is now."""
    name = quoted(state.name)
    return f"CREATE OR REPLACE VIEW {name} AS FROM {quoted(state.name + '_as_of')}(now());\n"


def _names(state: StateType, *kinds: str) -> str:
    """The fields with a fold of these kinds, as an SQL list; one that no field has where there are none."""
    found = [field for field, fold in state.folds.items() if fold.kind in kinds]
    return ", ".join(f"'{field}'" for field in found) or "''"


def _column(field: str, fold: Fold) -> str:
    value = _value(fold)
    if fold.keyed:
        entry = f"CASE WHEN field = '{field}' THEN ({_slot(fold)}, {value}) END"
        chosen = f"FILTER (WHERE field = '{field}' AND present)"
        return f"map_from_entries(coalesce(list({entry} ORDER BY slot) {chosen}, []))"
    only = f"any_value(CASE WHEN field = '{field}' AND present THEN {value} END)"
    if fold.kind == "count":
        return f"coalesce({only}, 0)"
    if fold.kind == "total":
        return f"coalesce({only}, {_NO_FUNDS if fold.sums_money else 0})"
    return only


def _slot(fold: Fold) -> str:
    """The key of a mapping: the value of `per=`, or a struct of several; an absent one alone is ''."""
    if len(fold.per) == 1:
        return "coalesce(json(slot) ->> '$[0]', '')"
    parts = ", ".join(f"'{name}': json(slot) ->> '$[{index}]'" for index, name in enumerate(fold.per))
    return f"{{{parts}}}"


def _value(fold: Fold) -> str:
    """The value of one slot, typed."""
    if fold.kind == "count":
        return "number"
    if fold.kind == "total":
        return "funds" if fold.sums_money else "amount"
    kind = fold.value_kind
    return _EVENT if kind is None else _CASTS.get(kind, "{}").format("value")
