-- name: 2
-- Digests cover whom a record speaks of, and its sentence, from a position on: behind the last one that does without.
-- Long texts of the log are packed.
CREATE TABLE timeline_meta (
    format INTEGER NOT NULL,
    written_by VARCHAR NOT NULL,
    catalogue VARCHAR NOT NULL,
    fingerprint VARCHAR NOT NULL,
    whole_from BIGINT NOT NULL
);

INSERT INTO timeline_meta SELECT 2, written_by, catalogue, fingerprint, 1 + (
    SELECT coalesce(max(position), 0) FROM log WHERE digest = sha256(concat(
        strlen(position::VARCHAR), ':', position,
        strlen(id::VARCHAR), ':', id,
        coalesce(strlen(ref) || ':', '~'), ref,
        strlen(kind), ':', kind,
        coalesce(strlen(type) || ':', '~'), type,
        coalesce(strlen(version::VARCHAR) || ':', '~'), version,
        coalesce(strlen(occurred) || ':', '~'), occurred,
        strlen(known_at::VARCHAR), ':', known_at,
        strlen(recorded_at::VARCHAR), ':', recorded_at,
        strlen(credence), ':', credence,
        coalesce(strlen(actor) || ':', '~'), actor,
        coalesce(strlen(note) || ':', '~'), note,
        coalesce(strlen(target::VARCHAR) || ':', '~'), target,
        strlen(sources), ':', sources,
        strlen(names), ':', names,
        coalesce(strlen(data) || ':', '~'), data,
        coalesce(strlen(salt) || ':', '~'), salt
    ))
) FROM meta;

DROP TABLE meta;

ALTER TABLE timeline_meta RENAME TO meta;

CREATE TABLE timeline_log (
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

INSERT INTO timeline_log FROM log ORDER BY position;

DROP TABLE log;

ALTER TABLE timeline_log RENAME TO log;

-- name: 3
-- Feeds, which are derived anew, tell what is behind the eighth character of a key as a number.
UPDATE meta SET format = 3;

-- name: 4
-- Numbers and amounts, which are derived anew, have 28 digits before the point and 10 behind it. The file keeps the
-- shapes of event types and states; those of older versions are not known.
UPDATE meta SET format = 4;

CREATE TABLE shapes (
    sort VARCHAR NOT NULL,
    name VARCHAR NOT NULL,
    version INTEGER NOT NULL,
    shape VARCHAR NOT NULL
);
