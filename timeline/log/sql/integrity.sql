-- name: top
-- The last position of any record.
SELECT coalesce(max(position), 0) FROM log;

-- name: commits in order
-- The commits by where they begin, numbered.
CREATE OR REPLACE TEMP TABLE commits_in_order AS
SELECT row_number() OVER (ORDER BY first_position, last_position) AS n, * FROM commits;

-- name: redacted
-- How many records say nothing any more.
SELECT count(*) FROM log WHERE salt IS NULL;

-- name: notes taken
-- The first positions of commits whose notes a redaction took, with the digests of what is left of them.
SELECT commits.first_position, log.data ->> 'commit' FROM log
JOIN commits ON log.target BETWEEN commits.first_position AND commits.last_position
WHERE log.kind = 'redaction' AND log.position > commits.last_position AND log.data ->> 'commit' IS NOT NULL;

-- name: page of commits
-- Some of the commits.
SELECT first_position, last_position, recorded_at, actor, note, digest FROM temp.commits_in_order
WHERE n > $1 AND n <= $2 ORDER BY n;

-- name: beyond
-- Records outside the positions of all commits.
SELECT position FROM log WHERE position > $1 OR position < 1 ORDER BY position;

-- name: repeated
-- Positions that several records have.
SELECT position, count(*) FROM log WHERE position BETWEEN $1 AND $2 GROUP BY position HAVING count(*) > 1 ORDER BY position;

-- name: missing
-- Runs of positions behind $1 and before $3 that no record has.
SELECT previous + 1, position - 1 FROM (
    SELECT position, lag(position, 1, $1::BIGINT) OVER (ORDER BY position) AS previous FROM (
        SELECT position FROM log WHERE position > $1 AND position <= $2 UNION SELECT $3::BIGINT
    )
)
WHERE position > previous + 1 ORDER BY position;

-- name: digest of
-- The digests of commits that end at a position.
SELECT digest FROM commits WHERE last_position = $1;

-- name: uncited and missing sources
-- Sources that are cited and not there, each with the first record that cites it, and those there that none cites.
SELECT coalesce(cited.id, sources.id::VARCHAR) AS id, cited.position
FROM (
    SELECT one ->> 'source' AS id, min(position) AS position
    FROM (
        SELECT unnest(TRY(from_json(given, '["JSON"]'))) AS one, position
        FROM (SELECT sources AS given, min(position) AS position FROM log WHERE sources <> '[]' GROUP BY sources)
    )
    GROUP BY ALL
) AS cited
FULL JOIN (SELECT DISTINCT id FROM sources) AS sources ON sources.id::VARCHAR = cited.id
WHERE cited.id IS NULL OR sources.id IS NULL
ORDER BY cited.position, id;

-- name: repeated sources
-- Sources that are there more than once.
SELECT id FROM sources GROUP BY id HAVING count(*) > 1 ORDER BY id;

-- name: sources in order
-- The sources, numbered.
CREATE OR REPLACE TEMP TABLE sources_in_order AS SELECT row_number() OVER () AS n, * FROM sources;

-- name: page of sources
-- Some of the sources.
SELECT id, title, publisher, url, published FROM temp.sources_in_order WHERE n > $1 AND n <= $2;

-- name: origins
-- Records whose first of the chain is not that of what they speak of, or, where they speak of none, themselves.
SELECT log.position FROM log LEFT JOIN log AS spoken_of ON spoken_of.position = log.target
WHERE CASE
    WHEN log.kind = 'assertion' THEN log.target IS NOT NULL OR log.origin <> log.position
    ELSE coalesce(spoken_of.position >= log.position OR spoken_of.origin <> log.origin, true)
END
ORDER BY log.position;

-- name: known too late
-- Records said to be known later than they were recorded.
SELECT position FROM log WHERE known_at > recorded_at ORDER BY position;

-- name: kinds
-- Records of a kind that there is not, or without what their kind needs, or with what it has not.
SELECT position FROM log
WHERE kind NOT IN ('assertion', 'correction', 'retraction', 'attestation', 'redaction')
    OR (kind IN ('assertion', 'correction')) <> (type IS NOT NULL AND version IS NOT NULL)
    OR kind IN ('retraction', 'attestation') AND data <> CASE kind WHEN 'retraction' THEN '{"whole":true}' ELSE '' END
ORDER BY position;

-- name: page of dates
-- Some of the dates that SQL does not vouch for, with what is stored as their instants.
SELECT n, given, earliest::VARCHAR, latest::VARCHAR FROM temp.odd_dates WHERE n > $1 AND n <= $2;

-- name: folded names
-- Names with what is left of each without case and punctuation, numbered.
CREATE OR REPLACE TEMP TABLE folded_names AS
SELECT row_number() OVER () AS n, * FROM (SELECT name, folded, min(position) AS position FROM entity_names GROUP BY ALL);

-- name: page of folded names
-- Some of these.
SELECT name, folded, position FROM temp.folded_names WHERE n > $1 AND n <= $2;

-- name: corrected
-- The first records of chains of which more than one record speaks.
SELECT DISTINCT origin FROM log WHERE kind <> 'assertion' ORDER BY origin;

-- name: hidden anew
-- Where records do not stand, as it is worked out again.
CREATE OR REPLACE TEMP TABLE hidden_anew AS FROM hidden LIMIT 0;

-- name: add hidden
-- Some of what was worked out.
INSERT INTO temp.hidden_anew
SELECT
    unnest($1::VARCHAR[])::BIGINT,
    unnest($2::VARCHAR[])::TIMESTAMP,
    unnest($3::VARCHAR[])::TIMESTAMP,
    unnest($4::VARCHAR[])::BIGINT,
    unnest($5::VARCHAR[])::BIGINT,
    unnest($6::VARCHAR[])::BIGINT;

-- name: laid out
-- Tables, views and macros, each with how it is made; a type has another name once it was read from a file.
SELECT * REPLACE (replace(made, 'TIMESTAMP_US', 'TIMESTAMP') AS made) FROM (
SELECT 'table' AS kind, schema_name AS schema, table_name AS name, sql AS made
FROM duckdb_tables() WHERE database_name = current_database() AND NOT internal AND NOT temporary
UNION ALL
SELECT 'view', schema_name, view_name, sql
FROM duckdb_views() WHERE database_name = current_database() AND NOT internal AND NOT temporary
UNION ALL
SELECT 'macro', schema_name, function_name,
    list(concat_ws(chr(10), function_type, parameters::VARCHAR, macro_definition) ORDER BY macro_definition)::VARCHAR
FROM duckdb_functions()
WHERE database_name = current_database() AND NOT internal AND function_type IN ('macro', 'table_macro')
GROUP BY ALL
);

-- name: positions of types
-- The first and the last position of each event type.
SELECT type, [min(position), max(position)] FROM log WHERE type IS NOT NULL GROUP BY type;

-- name: of types
-- Where events of some types are.
SELECT position FROM log WHERE list_contains($1::VARCHAR[], type) ORDER BY position;

-- name: no json
-- Records whose sources are no list of JSON that names sources there are, or whose names are no object.
SELECT position FROM log
WHERE sources IN (
        SELECT given FROM (SELECT DISTINCT sources AS given FROM log WHERE sources <> '[]')
        WHERE NOT coalesce(
            len(list_filter(
                TRY(from_json(given, '[{"source": "UUID"}]')),
                lambda one: one.source IS NULL
            )) = 0,
            false
        )
    )
    OR CASE WHEN json_valid(names) THEN json_type(names) <> 'OBJECT' ELSE true END
    OR names <> '{}' AND coalesce(
        len(list_filter(
            map_values(TRY(from_json(names, '"MAP(VARCHAR, JSON)"'))),
            lambda one: json_type(one) <> 'VARCHAR'
        )) > 0,
        true
    )
    OR known_at < TIMESTAMP '0001-01-01' AND known_at > '-infinity'
ORDER BY position;

-- name: not in the vocabulary
-- Records that say something of a type, or a version of one, that is not among these.
SELECT position FROM log
WHERE data IS NOT NULL AND type IS NOT NULL AND version IS NOT NULL AND NOT coalesce(
    version <= map_from_entries(list_zip($1::VARCHAR[], $2::INTEGER[]))[type], false
)
ORDER BY position;
