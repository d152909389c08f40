-- name: already
-- Of these records, those that are redacted, each with the record that says so.
SELECT target, position FROM log WHERE kind = 'redaction' AND target IN (SELECT unnest($1::BIGINT[]));

-- name: cited
-- Sources that any record cites.
SELECT DISTINCT one ->> 'source' FROM (SELECT unnest(TRY(from_json(sources, '["JSON"]'))) AS one FROM log WHERE sources <> '[]');

-- name: repeating
-- The first positions of commits whose note is that of one of these records, too.
SELECT first_position FROM commits
WHERE EXISTS (
    FROM log WHERE log.position BETWEEN commits.first_position AND commits.last_position
        AND log.position IN (SELECT unnest($1::BIGINT[])) AND log.note = commits.note
)
ORDER BY first_position;

-- name: commits
-- Some commits, each with the digest of the one before it.
SELECT first_position, last_position, recorded_at, actor, note, before FROM (
    SELECT *, lag(digest) OVER (ORDER BY first_position) AS before FROM commits
)
WHERE first_position IN (SELECT unnest($1::BIGINT[]));

-- name: names
-- Names that some entities were ever given.
SELECT DISTINCT name FROM entity_names WHERE entity IN (SELECT unnest($1::VARCHAR[]));

-- name: mentions
-- What mentions any of some entities, or has any of some texts in it, case aside: records, commits and sources.
SELECT '#' || position, summary FROM (
    SELECT position, summary FROM log
    WHERE list_has_any(entities, $entities::VARCHAR[]) OR len(list_filter($texts::VARCHAR[], lambda text:
        system.main.contains(lower(concat_ws(chr(10), summary, note, ref, names, data, actor, sources)), lower(text)))) > 0
    ORDER BY position
)
UNION ALL
SELECT 'the commit of #' || first_position, concat_ws(': ', actor, note) FROM (
    SELECT * FROM commits WHERE len(list_filter($texts::VARCHAR[], lambda text:
        system.main.contains(lower(concat_ws(chr(10), note, actor)), lower(text)))) > 0
    ORDER BY first_position
)
UNION ALL
SELECT 'a source', concat_ws(', ', publisher, title, url) FROM (
    SELECT * FROM sources WHERE len(list_filter($texts::VARCHAR[], lambda text:
        system.main.contains(lower(concat_ws(chr(10), title, publisher, url)), lower(text)))) > 0
    ORDER BY id
);
