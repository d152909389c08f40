-- name: ask
-- What is asked, worked out already.
    SELECT $point::TIMESTAMP AS point, $knowing::TIMESTAMP AS knowing, $upto::BIGINT AS upto, $early::BOOLEAN AS early;

-- name: unbelieved
-- The records whose credence is none of those let through.
    SELECT position, origin FROM main.log WHERE NOT list_contains($credence::VARCHAR[], credence);

-- name: unvouched
-- The records whose own sources do not let them through: each is among `without`, or none of them among `only`.
    SELECT position, origin FROM main.log
    WHERE sources IN (
        SELECT sources FROM (
            SELECT
                sources,
                coalesce(TRY([one.source FOR one IN from_json(sources, '[{"source": "UUID"}]') IF one.source IS NOT NULL]), []) AS cited,
                [one FOR one IN cited IF NOT list_contains($without::UUID[], one)] AS trusted
            FROM (SELECT DISTINCT sources FROM main.log)
        )
        WHERE (len(cited) > 0 AND len(trusted) = 0)
            OR ($picky::BOOLEAN AND NOT list_has_any(trusted, $only::UUID[]))
    );

-- name: several
-- Those first records of which more was said, where some of all that is left out by itself.
SELECT DISTINCT origin FROM left_out
WHERE position <= $base::BIGINT AND origin IN (SELECT origin FROM main.log WHERE kind <> 'assertion');

-- name: feeds
-- What is let through: all up to the base but what is left out or has fallen, and what is fed anew: read as of
-- others, or supposed on top.
    SELECT * FROM main.feeds
    WHERE position <= $base::BIGINT
        AND position NOT IN (SELECT unnest($fallen::BIGINT[]))
        AND position NOT IN (
            SELECT position FROM left_out WHERE position NOT IN (SELECT unnest($apart::BIGINT[]))
        )
    UNION ALL BY NAME
    SELECT unnest(COLUMNS(*)) FROM (
        SELECT unnest(from_json(given, :structure)) FROM (VALUES ($anew::VARCHAR)) AS handed_over(given)
    );

-- name: hidden
-- Where what else was said hides records, as it was at the base, but for those that are worked out apart.
    SELECT * REPLACE (CASE WHEN position_to > $base::BIGINT THEN 9223372036854775807 ELSE position_to END AS position_to)
    FROM main.hidden
    WHERE position_from <= $base::BIGINT AND position NOT IN (SELECT unnest($apart::BIGINT[]));
