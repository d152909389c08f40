-- name: head
-- The last position, when it was recorded, and the digest of its commit.
SELECT max(last_position), arg_max(recorded_at, last_position), arg_max(digest, last_position) FROM commits
HAVING count(*) > 0;

-- name: counts
-- How many records and commits there are.
SELECT (SELECT count(*) FROM log), (SELECT count(*) FROM commits);

-- name: position at
-- The last position recorded by an instant.
SELECT coalesce(max(last_position), 0) FROM commits WHERE recorded_at <= $1;

-- name: known sources
-- Of these sources, those that the log has.
SELECT id FROM sources WHERE list_contains($1::UUID[], id);

-- name: add sources
-- Sources not seen before.
INSERT INTO sources
SELECT
    unnest($1::VARCHAR[])::UUID,
    unnest($2::VARCHAR[]),
    unnest($3::VARCHAR[]),
    unnest($4::VARCHAR[]),
    unnest($5::VARCHAR[]);

-- name: add entities
-- Entities spoken of for the first time.
INSERT INTO entities SELECT unnest($1::VARCHAR[]), unnest($2::VARCHAR[]), unnest($3::VARCHAR[])::BIGINT;

-- name: called by ids
-- The entities that were first spoken of by their id.
SELECT id, first_position FROM entities WHERE id = name;

-- name: add names
-- Names of entities: by a naming event, or as given, each of those once.
INSERT INTO entity_names
SELECT new.* FROM (
    SELECT
        unnest($1::VARCHAR[]) AS entity,
        unnest($2::VARCHAR[]) AS name,
        unnest($3::VARCHAR[]) AS folded,
        unnest($4::VARCHAR[])::BIGINT AS position,
        unnest($5::VARCHAR[])::BOOLEAN AS naming
) AS new
WHERE new.naming OR (new.entity, new.name) NOT IN (SELECT entity, name FROM entity_names WHERE NOT naming);

-- name: add hidden
-- Where in the (known, position) plane records do not stand.
INSERT INTO hidden
SELECT
    unnest($1::VARCHAR[])::BIGINT,
    unnest($2::VARCHAR[])::TIMESTAMP,
    unnest($3::VARCHAR[])::TIMESTAMP,
    unnest($4::VARCHAR[])::BIGINT,
    unnest($5::VARCHAR[])::BIGINT,
    unnest($6::VARCHAR[])::BIGINT;

-- name: drop hidden
-- What is hidden of the records of some chains, before it is said anew.
DELETE FROM hidden WHERE position IN (SELECT unnest($1::BIGINT[]));

-- name: hidden of
-- What is hidden of some records.
SELECT position, known_from, known_to, superseded_by, position_from, position_to FROM hidden
WHERE position IN (SELECT unnest($1::BIGINT[]));

-- name: superseded
-- Of these positions, those that do not stand at the head, with what superseded them.
SELECT position, superseded_by FROM :superseded
WHERE position IN (SELECT unnest($1::BIGINT[]));

-- name: digests
-- The digests of records in order, each led by its length, ten thousand in a text.
SELECT string_agg('64:' || digest, '' ORDER BY position) FROM log
WHERE position >= $1 AND position <= $2
GROUP BY position // 10000 ORDER BY position // 10000;

-- name: commit of
-- The positions of the first and last record of the commit that a position lies in.
SELECT first_position, last_position FROM commits WHERE $1 BETWEEN first_position AND last_position;

-- name: digests at
-- The digests of some records.
SELECT position, digest FROM log WHERE position IN (SELECT unnest($1::BIGINT[]));

-- name: chains
-- All records of some correction chains, as far as their standing goes.
SELECT position, kind, target, known_at, origin, kind = 'retraction' AND data IS NOT DISTINCT FROM $2 AS whole FROM log
WHERE origin IN (SELECT unnest($1::BIGINT[])) ORDER BY position;

-- name: records
-- Records in order: all, or those at some positions; speaking of a text; of events that lie wholly in a span of time, or,
-- if `possibly`, that may lie in it.
SELECT
    position, id, ref, kind, type, version, occurred, known_at, recorded_at, credence, actor, note,
    target, sources, names, data, origin, summary
FROM log
WHERE position > $after AND position <= $upto
    AND ($places IS NULL OR position IN (SELECT unnest($places::BIGINT[])))
    AND ($text IS NULL OR system.main.contains(lower(concat_ws(chr(10), summary, note, ref, names)), lower($text)))
    AND ($first IS NULL OR CASE
        WHEN $possibly THEN latest >= $first::TIMESTAMP AND earliest <= $last::TIMESTAMP
        ELSE earliest >= $first::TIMESTAMP AND latest <= $last::TIMESTAMP
    END)
    AND (NOT $stands OR position NOT IN (SELECT position FROM :superseded))
ORDER BY position;

-- name: concerning
-- The first records of some types (any if none are given) that touch all of some entities, each given by all its
-- ids, or, if asked, that say whether those are the same as others; and what was said of such records later on.
WITH matching AS (
    SELECT origin, min(position) AS since FROM log
    WHERE position <= $upto
        AND (
            (len($types::VARCHAR[]) = 0 OR list_contains($types::VARCHAR[], type))
            AND len(list_filter($entities::VARCHAR[][], lambda ids: NOT list_has_any(entities, ids))) = 0
            OR $sameness AND position IN (
                SELECT position FROM sameness
                WHERE list_has_any([entity, same_as], flatten($entities::VARCHAR[][]))
            )
        )
    GROUP BY origin
)
SELECT position FROM log JOIN matching USING (origin)
WHERE position > $after AND position <= $upto AND position >= since
ORDER BY position LIMIT $most;

-- name: records at
-- Records at some positions.
SELECT
    position, id, ref, kind, type, version, occurred, known_at, recorded_at, credence, actor, note,
    target, sources, names, data, origin, summary
FROM log
WHERE position IN (SELECT unnest($1::BIGINT[])) ORDER BY position;

-- name: said of
-- All records of some correction chains, in order.
SELECT
    position, id, ref, kind, type, version, occurred, known_at, recorded_at, credence, actor, note,
    target, sources, names, data, origin, summary
FROM log
WHERE origin IN (SELECT unnest($1::BIGINT[])) ORDER BY position;

-- name: said later of
-- All records of some correction chains but the first of each, in order.
SELECT
    position, id, ref, kind, type, version, occurred, known_at, recorded_at, credence, actor, note,
    target, sources, names, data, origin, summary
FROM log
WHERE kind <> 'assertion' AND origin IN (SELECT unnest($1::BIGINT[])) ORDER BY position;

-- name: denied
-- The positions of records of some types that deny what they tell, touching all of some entities.
SELECT position FROM log
WHERE credence = 'denied' AND list_contains($1::VARCHAR[], type) AND list_has_all(entities, $2::VARCHAR[])
ORDER BY position;

-- name: with ids
-- The positions of ids: of the records that have them, and of those of older versions that would have them today.
SELECT id, position, FALSE AS today FROM log WHERE id IN (SELECT unnest($1::VARCHAR[])::UUID)
UNION ALL
SELECT id, position, TRUE FROM ids_today WHERE id IN (SELECT unnest($1::VARCHAR[])::UUID)
ORDER BY today, position;

-- name: entities at
-- Whom some records speak of, by their positions.
SELECT position, entities FROM log WHERE position IN (SELECT unnest($1::BIGINT[]));

-- name: ids at
-- The ids of some records, by their positions.
SELECT position, id FROM log WHERE position IN (SELECT unnest($1::BIGINT[]));

-- name: attestations
-- The attestations of some records that stand at the head or not, in order.
SELECT position, target FROM log
WHERE kind = 'attestation' AND target IN (SELECT unnest($1::BIGINT[])) ORDER BY position;

-- name: feeding
-- The positions of all records that feed one key of a state, in any order, some more than once.
SELECT position FROM feeds WHERE state = $1 AND a = $2 AND b = $3
UNION ALL SELECT place FROM :spans WHERE k = $4;

-- name: settled
-- Whether all that states are fed has its spans.
SELECT NOT EXISTS (FROM feeds) AND NOT EXISTS (FROM refeeds) AND NOT EXISTS (:changed);

-- name: ranges
-- The last entity of each range of keys, of which all but the last fill so many rows.
SELECT max(a)
FROM (
    SELECT a, (sum(sum(number)) OVER (ORDER BY a) - 1) // $2 AS part
    FROM (
        SELECT a, count(*) AS number FROM feeds WHERE state = $1 GROUP BY a
        UNION ALL
        SELECT a, number FROM (SELECT k, count(*) AS number FROM :spans GROUP BY k) JOIN :keys USING (k)
    )
    GROUP BY a
)
GROUP BY part ORDER BY part;

-- name: names of
-- The name that each of some entities was first given, or a position where a naming event names it.
SELECT id, name, NULL AS position FROM entities WHERE id IN (SELECT unnest($1::VARCHAR[]))
UNION ALL
SELECT entity, NULL, position FROM entity_names WHERE naming AND entity IN (SELECT unnest($1::VARCHAR[]));

-- name: fetch sources
-- Sources by id.
SELECT id, title, publisher, url, published FROM sources WHERE id IN (SELECT unnest($1::VARCHAR[])::UUID);

-- name: all sources
-- Every source.
SELECT title, publisher, url, published FROM sources;

-- name: cited
-- Every source that any record cites, where others may be there.
SELECT title, publisher, url, published FROM sources
WHERE id IN (
    SELECT unnest(coalesce(TRY([one.source FOR one IN from_json(sources, '[{"source": "UUID"}]')]), []))
    FROM (SELECT DISTINCT sources FROM log)
);

-- name: fit names
-- What names stand for, where `folded` is one of those or a naming event gives them to one of these ids, whether it
-- stands or not; and by which name each of these ids was first called, at position 0.
WITH ids AS MATERIALIZED (SELECT unnest($1::VARCHAR[]) AS id),
folds AS MATERIALIZED (SELECT unnest($2::VARCHAR[]) AS fold)
SELECT entity, name, folded, position, naming FROM entity_names SEMI JOIN folds ON folded = fold
UNION
SELECT entity, name, folded, position, naming FROM entity_names SEMI JOIN ids ON entity = ids.id WHERE naming
UNION ALL
SELECT id, name, id, 0, FALSE FROM entities SEMI JOIN ids USING (id);

-- name: near names
-- For each folded name, at most three entities with a name near it, alike but for what a pattern takes away,
-- nearest first, each under that name.
SELECT wanted, entity, arg_max(name, likeness) FROM (
    SELECT given.wanted, entity, name, jaro_winkler_similarity(folded, given.wanted) AS likeness
    FROM entity_names, (SELECT unnest($1::VARCHAR[]) AS wanted, unnest($2::VARCHAR[]) AS besides) AS given
    WHERE entity <> given.besides
        AND regexp_replace(folded, $4, '', 'g') = regexp_replace(given.wanted, $4, '', 'g')
        AND NOT (naming AND position IN (SELECT position FROM :superseded))
)
WHERE likeness >= $3
GROUP BY wanted, entity
QUALIFY row_number() OVER (PARTITION BY wanted ORDER BY max(likeness) DESC, entity) <= 3
ORDER BY wanted, max(likeness) DESC, entity;

-- name: clear derived
-- Names and what is hidden, before they are derived anew.
DELETE FROM entity_names; DELETE FROM hidden;

-- name: given names
-- The names that records give to entities, each with the first that does.
CREATE OR REPLACE TEMP TABLE given_names AS
SELECT entry.key AS entity, entry.value AS name, min(position) AS position
FROM (
    SELECT position, unnest(map_entries(TRY(from_json(given, '"MAP(VARCHAR, VARCHAR)"')))) AS entry
    FROM (SELECT names AS given, min(position) AS position FROM log WHERE names <> '{}' GROUP BY names)
)
WHERE entry.value IS NOT NULL
GROUP BY ALL;

-- name: mentioned
-- Entities as they follow from the log: the first record that speaks of each, and the first name that its commit gives it.
CREATE OR REPLACE TEMP TABLE mentioned AS
SELECT first.entity AS id, coalesce(arg_min(given_names.name, given_names.position), first.entity) AS name,
    first.position AS first_position
FROM (
    SELECT spoken.entity, spoken.position, commits.last_position
    FROM (
        SELECT entity, min(position) AS position FROM (SELECT unnest(entities) AS entity, position FROM log)
        GROUP BY entity
    ) AS spoken
    ASOF LEFT JOIN commits ON spoken.position >= commits.first_position
) AS first
LEFT JOIN temp.given_names AS given_names
    ON given_names.entity = first.entity AND given_names.position <= first.last_position
GROUP BY first.entity, first.position;

-- name: entities anew
-- Entities, made anew.
DELETE FROM entities; INSERT INTO entities FROM temp.mentioned ORDER BY first_position, id;
