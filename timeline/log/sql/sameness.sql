-- name: tables
-- Which entities are the same, which records are read as of others for that, and what those contribute to states then.
CREATE OR REPLACE TABLE sameness (
    position BIGINT NOT NULL,
    entity VARCHAR NOT NULL,
    same_as VARCHAR NOT NULL,
    read_as VARCHAR
);

CREATE OR REPLACE TABLE rereads (
    position BIGINT NOT NULL,
    entities VARCHAR[] NOT NULL,
    known_from TIMESTAMP NOT NULL,
    known_to TIMESTAMP NOT NULL,
    position_from BIGINT NOT NULL,
    position_to BIGINT NOT NULL
);

CREATE OR REPLACE TABLE refeeds AS
SELECT feeds.*, rereads.known_from, rereads.known_to, rereads.position_from, rereads.position_to
FROM feeds, rereads LIMIT 0;

-- name: said
-- The positions of all that was said of which entities are the same.
SELECT position FROM sameness;

-- name: read as
-- Of some entities, those that are read as another now, each with whom.
SELECT DISTINCT entity, read_as FROM sameness
WHERE read_as IS NOT NULL AND entity IN (SELECT unnest($1::VARCHAR[]));

-- name: circle
-- All that are read as the same as an entity now, and itself.
WITH one AS (
    SELECT coalesce(min(read_as), $1::VARCHAR) AS id FROM sameness WHERE entity = $1 AND read_as IS NOT NULL
)
SELECT id FROM one UNION SELECT entity FROM sameness, one WHERE read_as = one.id;

-- name: forget
-- What was worked out of who is who, before it is worked out anew.
DELETE FROM sameness;

-- name: forget rereads
-- How some records are read, before it is worked out anew.
DELETE FROM rereads WHERE position IN (SELECT unnest($1::BIGINT[]));

-- name: forget refeeds
-- What some records contribute where they are read as of others.
DELETE FROM refeeds WHERE position IN (SELECT unnest($1::BIGINT[]));

-- name: speaking of
-- Where, between two positions, events of some types speak of any of some entities.
SELECT position FROM log
WHERE position BETWEEN $3 AND $4 AND credence <> 'denied'
    AND list_contains($2::VARCHAR[], type) AND list_has_any(entities, $1::VARCHAR[])
ORDER BY position;
