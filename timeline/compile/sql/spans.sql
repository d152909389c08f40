-- name: ask
-- What is asked, read once.
    FROM (
        SELECT timeline_known(known, known), timeline_position("position"), timeline_dates(dates) = 'earliest'
    ) AS asked(knowing, upto, early);

-- name: entry
-- What stands in view of a state and counts at some time; `bound` is the instant from which it does.
    SELECT
        feed.a, feed.b, feed.field, feed.slot, feed.position AS place, feed.origin, feed.jointly, feed.closes,
        feed.value, feed.names, feed.until_latest, feed.amount, feed.currency, feed.inexact,
        CASE WHEN ask.early THEN feed.earliest ELSE feed.latest END AS bound
    FROM feeds AS feed, ask
    WHERE feed.state = :state
        AND bound < 'infinity'
        AND feed.known_at <= ask.knowing
        AND feed.position <= ask.upto
        AND feed.position NOT IN (
            SELECT hidden.position FROM hidden, ask
            WHERE hidden.known_from <= ask.knowing AND ask.knowing < hidden.known_to
                AND hidden.position_from <= ask.upto AND ask.upto < hidden.position_to
        );

-- name: counts
-- The number of events in each slot from each bound on.
    SELECT a, b, field, slot, bound, max(origin) AS turn, arg_max(place, origin) AS place, true AS present,
        (sum(count(*)) OVER (PARTITION BY a, b, field, slot ORDER BY bound))::BIGINT::VARCHAR AS value
    FROM entry
    WHERE field IN (:fields)
    GROUP BY a, b, field, slot, bound;

-- name: totals
-- The sum of each slot from each bound on: every currency of the slot runs on at every bound.
    SELECT a, b, field, slot, bound, max(turn) AS turn, max(place) AS place, true AS present,
        CASE WHEN field IN (:money_fields) THEN
            '{"inexact":' || sum(inexact)::BIGINT
            || ',"jointly":{' || coalesce(string_agg('"' || code || '":"' || timeline_plain_number(jointly) || '"', ',' ORDER BY code)
                FILTER (code <> '' AND joint > 0), '')
            || '},"undisclosed":' || sum(undisclosed)::BIGINT
            || ',"wholly":{' || coalesce(string_agg('"' || code || '":"' || timeline_plain_number(wholly) || '"', ',' ORDER BY code)
                FILTER (code <> '' AND number > joint), '')
            || '}}'
        ELSE timeline_plain_number(sum(wholly + jointly)) END AS value
    FROM (
        SELECT a, b, field, slot, code, bound, turn, place,
            sum(number) OVER running AS number,
            sum(joint) OVER running AS joint,
            sum(undisclosed) OVER running AS undisclosed,
            sum(inexact) OVER running AS inexact,
            sum(wholly) OVER running AS wholly,
            sum(jointly) OVER running AS jointly
        FROM (
            SELECT a, b, field, slot, code, bound, max(origin) AS turn, arg_max(place, origin) AS place,
                count(*) FILTER (own) AS number,
                count(*) FILTER (own AND jointly) AS joint,
                count(*) FILTER (own AND amount IS NULL) AS undisclosed,
                count(*) FILTER (own AND inexact) AS inexact,
                coalesce(sum(amount) FILTER (own AND NOT jointly), 0) AS wholly,
                coalesce(sum(amount) FILTER (own AND jointly), 0) AS jointly
            FROM (
                SELECT *, code = coalesce(currency, '') AS own
                FROM (
                    SELECT *, unnest(list(DISTINCT coalesce(currency, '')) OVER (PARTITION BY a, b, field, slot)) AS code
                    FROM entry
                    WHERE field IN (:fields)
                )
            )
            GROUP BY a, b, field, slot, code, bound
        )
        WINDOW running AS (PARTITION BY a, b, field, slot, code ORDER BY bound)
    )
    GROUP BY a, b, field, slot, bound;

-- name: decided
-- What an order decides: the first event; the last; or what a start opens until an end closes it or its term runs out.
-- A term that runs out before anything else begins is a step of its own, ahead of the events at that instant.
    SELECT a, b, field, slot,
        CASE WHEN spent THEN term ELSE bound END AS bound,
        CASE WHEN spent THEN 0 ELSE origin END AS turn,
        place,
        NOT spent AND NOT closes AND coalesce(until_latest >= bound, true)
            AND (value IS NOT NULL OR field NOT IN (:held_fields)) AS present,
        CASE WHEN present THEN value END AS value
    FROM (
        SELECT *, unnest(CASE WHEN bound < term AND term <= next_start THEN [false, true] ELSE [false] END) AS spent
        FROM (
            SELECT *,
                CASE WHEN until_latest < 'infinity' THEN until_latest + INTERVAL 1 MICROSECOND END AS term,
                row_number() OVER ordered AS rank,
                last_value(CASE WHEN NOT closes THEN coalesce(names, '') END IGNORE NULLS)
                    OVER (ordered ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS held_names,
                coalesce(min(bound) FILTER (NOT closes)
                    OVER (ordered ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING), 'infinity') AS next_start
            FROM entry
            WHERE field IN (:fields)
            WINDOW ordered AS (PARTITION BY a, b, field, slot ORDER BY bound, origin)
        )
        WHERE CASE
            WHEN field IN (:first_fields) THEN rank = 1
            WHEN closes THEN names IS NULL OR names = held_names
            ELSE true
        END
    );

-- name: settled
-- The last step at each instant.
    SELECT * EXCLUDE (next_bound)
    FROM (
        SELECT *, lead(bound) OVER (PARTITION BY a, b, field, slot ORDER BY bound, turn) AS next_bound FROM step
    )
    WHERE next_bound IS DISTINCT FROM bound;

-- name: change
-- The steps that change what there is; the first of a slot always does.
    SELECT * EXCLUDE (value_before, present_before)
    FROM (
        SELECT *, lag(value) OVER ordered AS value_before, lag(present) OVER ordered AS present_before
        FROM settled
        WINDOW ordered AS (PARTITION BY a, b, field, slot ORDER BY bound)
    )
    WHERE present IS DISTINCT FROM present_before OR value IS DISTINCT FROM value_before;

-- name: span
-- From each change to the next.
    SELECT *, coalesce(lead(bound) OVER ordered, 'infinity') AS next_bound, lead(place) OVER ordered AS next_place
    FROM change
    WINDOW ordered AS (PARTITION BY a, b, field, slot ORDER BY bound);
