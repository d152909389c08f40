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
WHERE origin IN (SELECT origin FROM main.log WHERE kind <> 'assertion');

-- name: gone
-- What is not in view: what does not stand, but for what is judged apart; what of that has fallen; what is left out.
    SELECT hidden.position AS place FROM main.hidden AS hidden, ask
    WHERE hidden.known_from <= ask.knowing AND ask.knowing < hidden.known_to
        AND hidden.position_from <= ask.last AND ask.last < hidden.position_to
        AND hidden.position NOT IN (SELECT unnest($apart::BIGINT[]))
    UNION ALL
    SELECT unnest($fallen::BIGINT[])
    UNION ALL
    SELECT position FROM left_out WHERE position NOT IN (SELECT unnest($apart::BIGINT[]));

-- name: fed
-- What was fed to states since their spans were made, and what is fed anew: read as of others.
    SELECT feeds.* FROM main.feeds AS feeds, ask
    WHERE feeds.known_at <= ask.knowing AND feeds.position <= ask.last AND feeds.position NOT IN (SELECT gone.place FROM gone)
    UNION ALL BY NAME
    SELECT unnest(COLUMNS(*)) FROM (
        SELECT unnest(from_json(given, :structure)) FROM (VALUES ($anew::VARCHAR)) AS handed_over(given)
    );
