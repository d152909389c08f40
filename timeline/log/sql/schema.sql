-- name: create
-- The log, what it refers to, and what is derived from it. Timestamps are UTC without a zone.
CREATE SCHEMA said;

CREATE TABLE meta (
    format INTEGER NOT NULL,
    written_by VARCHAR NOT NULL,
    catalogue VARCHAR NOT NULL,
    fingerprint VARCHAR NOT NULL,
    base BIGINT NOT NULL
);

CREATE TABLE log (
    position BIGINT NOT NULL,
    id UUID NOT NULL,
    ref VARCHAR,
    kind VARCHAR NOT NULL,
    type VARCHAR,
    version INTEGER,
    occurred VARCHAR,
    known_at TIMESTAMP NOT NULL,
    recorded_at TIMESTAMP NOT NULL,
    credence VARCHAR NOT NULL,
    actor VARCHAR,
    note VARCHAR,
    target BIGINT,
    sources VARCHAR NOT NULL,
    names VARCHAR NOT NULL,
    data VARCHAR USING COMPRESSION zstd,
    salt VARCHAR,
    digest VARCHAR NOT NULL,
    origin BIGINT NOT NULL,
    earliest TIMESTAMP,
    latest TIMESTAMP,
    entities VARCHAR[] NOT NULL,
    summary VARCHAR NOT NULL USING COMPRESSION zstd
);

CREATE TABLE commits (
    first_position BIGINT NOT NULL,
    last_position BIGINT NOT NULL,
    recorded_at TIMESTAMP NOT NULL,
    actor VARCHAR,
    note VARCHAR,
    digest VARCHAR NOT NULL
);

CREATE TABLE sources (
    id UUID NOT NULL,
    title VARCHAR,
    publisher VARCHAR,
    url VARCHAR,
    published VARCHAR
);

CREATE TABLE entities (
    id VARCHAR NOT NULL,
    name VARCHAR NOT NULL,
    first_position BIGINT NOT NULL
);

CREATE TABLE entity_names (
    entity VARCHAR NOT NULL,
    name VARCHAR NOT NULL,
    folded VARCHAR NOT NULL,
    position BIGINT NOT NULL,
    naming BOOLEAN NOT NULL
);

CREATE TABLE hidden (
    position BIGINT NOT NULL,
    known_from TIMESTAMP NOT NULL,
    known_to TIMESTAMP NOT NULL,
    superseded_by BIGINT NOT NULL,
    position_from BIGINT NOT NULL,
    position_to BIGINT NOT NULL
);

CREATE TABLE shapes (
    sort VARCHAR NOT NULL,
    name VARCHAR NOT NULL,
    version INTEGER NOT NULL,
    shape VARCHAR NOT NULL
);

-- name: superseded
-- What does not stand at the head, with what superseded it.
SELECT hidden.position, hidden.superseded_by FROM hidden
WHERE hidden.known_to = 'infinity' AND hidden.position_to = 9223372036854775807

-- name: ids today
-- The ids that events written under an older version or a former name of their type would be given today.
CREATE OR REPLACE TABLE ids_today (
    id UUID NOT NULL,
    position BIGINT NOT NULL
);

-- name: views
-- What does not stand, and the log for people.
CREATE OR REPLACE VIEW superseded AS
:superseded;

CREATE OR REPLACE VIEW records AS
WITH same AS (
    SELECT entity, read_as FROM sameness WHERE read_as IS NOT NULL
    UNION SELECT read_as, read_as FROM sameness WHERE read_as IS NOT NULL
),
kin AS (
    SELECT spoken.position, list(DISTINCT other.entity ORDER BY other.entity) AS ids
    FROM (SELECT log.position, unnest(log.entities) AS entity FROM log) AS spoken
    JOIN same AS one ON one.entity = spoken.entity
    JOIN same AS other ON other.read_as = one.read_as
    GROUP BY spoken.position
),
chain AS (
    SELECT later.position,
        flatten(list(earlier.entities || coalesce(kin.ids, []) ORDER BY earlier.position DESC)) AS entities
    FROM log AS later
    JOIN log AS earlier ON earlier.origin = later.origin AND earlier.position <= later.position
    LEFT JOIN kin ON kin.position = earlier.position
    WHERE later.kind <> 'assertion'
    GROUP BY later.position
)
SELECT
    log.position,
    log.id,
    log.ref,
    log.kind,
    log.type,
    log.occurred,
    log.earliest,
    log.latest,
    log.known_at,
    log.recorded_at,
    CASE
        WHEN chain.position IS NOT NULL
            THEN list_filter(chain.entities, lambda one, place: list_position(chain.entities, one) = place)
        WHEN kin.position IS NOT NULL
            THEN log.entities || list_filter(kin.ids, lambda one: NOT list_contains(log.entities, one))
        ELSE log.entities
    END AS entities,
    log.summary,
    log.credence,
    sources.publisher,
    sources.title,
    sources.url,
    TRY(log.sources ->> '$[0].locator') AS locator,
    log.actor,
    log.note,
    log.target,
    superseded.superseded_by IS NULL AS stands,
    superseded.superseded_by
FROM log
LEFT JOIN sources ON sources.id = TRY(CAST(log.sources ->> '$[0].source' AS UUID))
LEFT JOIN superseded ON superseded.position = log.position
LEFT JOIN kin ON kin.position = log.position
LEFT JOIN chain ON chain.position = log.position
ORDER BY log.position;

-- name: feeds
-- What events contribute to states, until it has spans.
CREATE OR REPLACE TABLE feeds (
    state VARCHAR NOT NULL,
    field VARCHAR NOT NULL,
    a VARCHAR NOT NULL,
    b VARCHAR NOT NULL,
    slot VARCHAR NOT NULL,
    jointly BOOLEAN NOT NULL,
    position BIGINT NOT NULL,
    origin BIGINT NOT NULL,
    earliest TIMESTAMP NOT NULL,
    latest TIMESTAMP NOT NULL,
    known_at TIMESTAMP NOT NULL,
    closes BOOLEAN NOT NULL,
    value VARCHAR USING COMPRESSION zstd,
    names VARCHAR,
    until_latest TIMESTAMP,
    amount :type_of_numbers,
    currency VARCHAR,
    inexact BOOLEAN
);

-- name: describe
-- What the file says of itself.
INSERT INTO meta VALUES ($1, $2, $3, $4, 0);

-- name: redescribe
-- The vocabulary that the derived tables now fit.
UPDATE meta SET catalogue = $1, fingerprint = $2;

-- name: based
-- All up to there has its spans.
UPDATE meta SET base = $1;

-- name: base
-- Up to where all has its spans, but for slots that add up to more than a number holds.
SELECT base FROM meta;

-- name: description
-- What the file says of itself.
SELECT format, written_by, catalogue, fingerprint FROM meta;

-- name: tables
-- The tables of the file, to tell a timeline from another database.
SELECT table_name FROM duckdb_tables()
WHERE database_name = current_database() AND schema_name = 'main' AND NOT internal;

-- name: types in use
-- The event types and versions of which the log holds records that say something, and how many.
SELECT type, version, count(*) FROM log
WHERE type IS NOT NULL AND version IS NOT NULL AND data IS NOT NULL
GROUP BY type, version ORDER BY type, version;

-- name: shapes
-- The shapes of event types and states.
SELECT sort, name, version, shape FROM shapes;

-- name: forget shapes
-- Forget all shapes, before they are said anew.
DELETE FROM shapes;

-- name: spans there
-- The schema that spans lie in, if it is there.
SELECT schema_name FROM duckdb_schemas() WHERE schema_name = 'spans' AND database_name = current_database();

-- name: no spans
-- There are none, before they are laid out.
DROP SCHEMA IF EXISTS spans CASCADE; CREATE SCHEMA spans;

-- name: typed tables
-- The typed tables there are.
SELECT table_name FROM duckdb_tables() WHERE schema_name = 'said' AND database_name = current_database();

-- name: compiled states
-- The states that have a macro; that of records is none of theirs.
SELECT DISTINCT regexp_replace(function_name, '_as_of$', '') FROM duckdb_functions()
WHERE function_type = 'table_macro' AND schema_name = 'main' AND NOT internal
    AND database_name = current_database() AND function_name LIKE '%\_as\_of' ESCAPE '\'
    AND function_name <> 'records_as_of';
