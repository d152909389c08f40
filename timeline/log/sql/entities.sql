-- name: spoken of
-- Entities, or those with a text in their id or, folded, in a name, with how many records in view speak of them, first and
-- last.
SELECT one.entity, count(*), min(one.position), max(one.position)
FROM (
    SELECT unnest(entities) AS entity, position FROM log
    WHERE position <= $upto AND known_at <= $known AND position NOT IN (FROM unseen)
) AS one
SEMI JOIN (
    SELECT id AS entity FROM entities WHERE $text IS NULL OR system.main.contains(id, $text) OR system.main.contains(lower(id), $given)
    UNION ALL
    SELECT entity FROM entity_names WHERE system.main.contains(folded, $text)
) AS wanted USING (entity)
GROUP BY one.entity
ORDER BY one.entity;

-- name: called
-- The names of some entities, given with the first record in view that speaks of each: those that records in view speak of
-- them by (ids, of those that were first called so), then those given by what stands, with since when, in order of date.
SELECT named.entity, named.name, CASE WHEN named.naming THEN log.occurred END, log.position
FROM (
    SELECT entry.key AS entity, entry.value AS name, min(position) AS position, false AS naming
    FROM (
        SELECT position, unnest(map_entries(TRY(from_json(given, '"MAP(VARCHAR, VARCHAR)"')))) AS entry
        FROM (
            SELECT names AS given, min(position) AS position FROM log
            WHERE names <> '{}' AND position <= $upto AND known_at <= $known AND position NOT IN (FROM unseen)
            GROUP BY names
        )
    )
    WHERE entry.value IS NOT NULL
    GROUP BY ALL
    UNION ALL
    SELECT id, id, position, false
    FROM entities JOIN (
        SELECT unnest($wanted::VARCHAR[]) AS id, unnest($first::BIGINT[]) AS position
    ) USING (id)
    WHERE name = id
    UNION ALL
    SELECT entity, name, position, true FROM entity_names
    WHERE naming AND position IN (
        SELECT position FROM log WHERE position <= $upto AND known_at <= $known AND position NOT IN (FROM gone)
    )
) AS named
JOIN log USING (position)
WHERE named.entity IN (SELECT unnest($wanted::VARCHAR[]))
    AND (NOT named.naming OR CASE WHEN $early THEN log.earliest ELSE log.latest END <= $point::TIMESTAMP)
ORDER BY named.entity, named.naming, log.latest, log.origin, named.name;

-- name: unknown
-- Of these ids, those that no entity has.
SELECT DISTINCT one FROM (SELECT unnest($1::VARCHAR[]) AS one) ANTI JOIN (SELECT id AS one FROM entities) USING (one);
