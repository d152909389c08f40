-- name: asked
-- What is asked, read once.
    FROM (
        SELECT
            timeline_point(valid),
            timeline_known(known, valid),
            timeline_position("position"),
            timeline_dates(dates) = 'earliest'
    ) AS asked(point, knowing, last, early);

-- name: asked of all time
-- The same where no point is asked about.
    FROM (
        SELECT timeline_known(known, known), timeline_position("position"), timeline_dates(dates) = 'earliest'
    ) AS asked(knowing, last, early);

-- name: given
-- What is asked, worked out already.
    SELECT $point::TIMESTAMP AS point, $knowing::TIMESTAMP AS knowing, $upto::BIGINT AS last, $early::BOOLEAN AS early;

-- name: seen
-- What tells of a slot at the point: what decides it, what was counted, what may or may not have happened by then.
    SELECT k, f, slot, place, number, total, funds, value,
        bound <= ask.point AND upto > ask.point AS decides,
        decides AND NOT idle AND NOT (
            f IN (:held_fields) AND (closes OR value IS NULL OR coalesce(until_latest < ask.point, false))
        ) AS shows,
        CASE WHEN f IN (:summed_fields) THEN bound <= ask.point ELSE decides AND NOT idle END AS explains,
        latest > ask.point AS wavers
    FROM spanned, ask
    WHERE f > 0 AND earliest <= ask.point
        AND (latest > ask.point OR bound <= ask.point AND (upto > ask.point OR f IN (:summed_fields)))
    UNION ALL BY NAME
    SELECT k, f, place, true AS wavers FROM doubted, ask WHERE since <= ask.point AND until > ask.point;

-- name: text
-- What a slot shows, as text.
CASE
    WHEN f IN (:money_fields) THEN timeline_funds_text(funds)
    WHEN f IN (:number_fields) THEN timeline_plain_number(coalesce(total, 0))
    WHEN f IN (:count_fields) THEN number::VARCHAR
    ELSE value
END;

-- name: slots
-- What each slot shows as text, and the records that it follows from: one, or all that add up to it.
    SELECT k, f, any_value(slot) AS slot, any_value(CASE WHEN upto > ask.point THEN :text END) AS value,
        list_sort(list(place)) AS because
    FROM spanned, ask
    WHERE f > 0 AND bound <= ask.point AND (f IN (:summed_fields) OR upto > ask.point AND NOT idle AND NOT (
        f IN (:held_fields) AND (closes OR value IS NULL OR coalesce(until_latest < ask.point, false))
    ))
    GROUP BY k, f, s;

-- name: step
-- What a slot shows from each instant at which that may change: what decides it, and the end of its term.
    SELECT k, f, slot, place, bound, present, CASE WHEN present THEN :text END AS value
    FROM (
        SELECT *, NOT idle AND NOT (
            f IN (:held_fields) AND (closes OR value IS NULL OR coalesce(until_latest < bound, false))
        ) AS present
        FROM spanned
        WHERE f > 0 AND upto > bound AND bound < 'infinity'
    )
    UNION ALL
    SELECT k, f, slot, place, spent, false, NULL
    FROM (
        SELECT *, CASE WHEN until_latest < 'infinity' THEN until_latest + INTERVAL 1 MICROSECOND END AS spent FROM spanned
        WHERE f IN (:held_fields) AND NOT closes
    )
    WHERE bound < spent AND spent < upto;

-- name: change
-- The steps that change what there is; the first of a slot always does.
    SELECT * EXCLUDE (value_before, present_before)
    FROM (
        SELECT *, lag(value) OVER ordered AS value_before, lag(present) OVER ordered AS present_before
        FROM step
        WINDOW ordered AS (PARTITION BY k, f, slot ORDER BY bound)
    )
    WHERE present IS DISTINCT FROM present_before OR value IS DISTINCT FROM value_before;

-- name: period
-- From each change to the next.
    SELECT *, coalesce(lead(bound) OVER ordered, 'infinity') AS next_bound, lead(place) OVER ordered AS next_place
    FROM change
    WINDOW ordered AS (PARTITION BY k, f, slot ORDER BY bound);
