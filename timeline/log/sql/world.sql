-- name: log
-- The records up to the base, and those on top.
FROM :there.log AS told WHERE told.position <= :base UNION ALL FROM :here.log;

-- name: commits
-- The commits; one in which the base lies ends there.
SELECT first_position, least(last_position, :base) AS last_position, recorded_at, actor, note, digest
FROM :there.commits AS told WHERE first_position <= :base
UNION ALL FROM :here.commits;

-- name: sources
-- The sources; what cites them says how far they count.
FROM :there.sources UNION ALL FROM :here.sources;

-- name: cited sources
-- Those of them that any record in the log cites.
SELECT * FROM (FROM :there.sources UNION ALL FROM :here.sources)
WHERE id IN (
    SELECT unnest(coalesce(TRY([one.source FOR one IN from_json(sources, '[{"source": "UUID"}]')]), []))
    FROM (SELECT DISTINCT sources FROM log)
);

-- name: entities
-- Whom the records speak of.
FROM :there.entities AS told WHERE first_position <= :base UNION ALL FROM :here.entities;

-- name: entity_names
-- Their names; one that was given before is not given on top again.
FROM :there.entity_names AS told WHERE told.position <= :base
UNION ALL
FROM :here.entity_names
WHERE naming OR (entity, name) NOT IN (
    SELECT entity, name FROM :there.entity_names AS told WHERE NOT naming AND told.position <= :base
);

-- name: hidden
-- Where records do not stand: of a chain on top of which anything is said, all is said again there.
SELECT * REPLACE (CASE WHEN position_to > :base THEN 9223372036854775807 ELSE position_to END AS position_to)
FROM :there.hidden AS told
WHERE position_from <= :base AND told.position NOT IN (SELECT anew.position FROM :here.hidden AS anew)
UNION ALL FROM :here.hidden;

-- name: ids_today
-- By which ids records are found today.
FROM :there.ids_today AS told WHERE told.position <= :base UNION ALL FROM :here.ids_today;

-- name: sameness
-- Which entities are the same; where anything on top changes whom one is read as, all is said again there.
FROM :there.sameness AS told
WHERE told.position <= :base AND told.position NOT IN (SELECT anew.position FROM :here.sameness AS anew)
UNION ALL FROM :here.sameness;

-- name: rereads
-- Which records are read as of others: of one that is read otherwise on top, all is said again there.
SELECT * REPLACE (CASE WHEN position_to > :base THEN 9223372036854775807 ELSE position_to END AS position_to)
FROM :there.rereads AS told
WHERE told.position <= :base AND position_from <= :base
    AND told.position NOT IN (SELECT anew.position FROM :here.rereads AS anew)
UNION ALL FROM :here.rereads;

-- name: refeeds
-- What those contribute to states.
SELECT * REPLACE (CASE WHEN position_to > :base THEN 9223372036854775807 ELSE position_to END AS position_to)
FROM :there.refeeds AS told
WHERE told.position <= :base AND position_from <= :base
    AND told.position NOT IN (SELECT anew.position FROM :here.rereads AS anew)
UNION ALL FROM :here.refeeds;

-- name: feeds
-- What records contribute to states and has no spans.
FROM (:fed) AS told WHERE told.position <= :base UNION ALL FROM :here.feeds;

-- name: meta
-- What the file says of itself; where it has spans of what came behind the base, none of them count.
SELECT * REPLACE (:spanned AS base) FROM :there.meta;

-- name: later samenesses
-- Whether anything that came behind the base says which entities are the same, or is about what says so.
SELECT EXISTS (FROM :there.sameness) AND EXISTS (FROM :there.log AS told WHERE position > :base);
