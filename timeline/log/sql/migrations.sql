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

-- name: 5
-- Every digest covers the whole of its record, so that nothing has to say from which position on.
CREATE TABLE timeline_meta (
    format INTEGER NOT NULL,
    written_by VARCHAR NOT NULL,
    catalogue VARCHAR NOT NULL,
    fingerprint VARCHAR NOT NULL
);

INSERT INTO timeline_meta SELECT 5, written_by, catalogue, fingerprint FROM meta;

DROP TABLE meta;

ALTER TABLE timeline_meta RENAME TO meta;

-- name: 6
-- States are read from spans, which are derived anew; `base` is up to where they are.
CREATE TABLE timeline_meta (
    format INTEGER NOT NULL,
    written_by VARCHAR NOT NULL,
    catalogue VARCHAR NOT NULL,
    fingerprint VARCHAR NOT NULL,
    base BIGINT NOT NULL
);

INSERT INTO timeline_meta SELECT 6, written_by, catalogue, fingerprint, 0 FROM meta;

DROP TABLE meta;

ALTER TABLE timeline_meta RENAME TO meta;
