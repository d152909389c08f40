-- The log of a timeline in PostgreSQL 13 or later. All that follows from it lies in the replicas that follow it.
-- Timestamps are UTC without a zone. Nobody writes but through the functions at the end.
CREATE SCHEMA timeline;
SET LOCAL search_path = timeline;

CREATE TABLE meta (
    one BOOLEAN PRIMARY KEY DEFAULT true CHECK (one),
    layout INTEGER NOT NULL,
    written_by TEXT NOT NULL,
    name UUID NOT NULL DEFAULT gen_random_uuid()
);

CREATE TABLE shapes (
    sort TEXT NOT NULL,
    name TEXT NOT NULL,
    version INTEGER NOT NULL,
    shape TEXT NOT NULL,
    PRIMARY KEY (sort, name, version)
);

CREATE TABLE sources (
    id UUID PRIMARY KEY,
    title TEXT,
    publisher TEXT,
    url TEXT,
    published TEXT
);

-- `call` names the call that made a commit: made again after a connection was lost, it is told where that is.
CREATE TABLE commits (
    first_position BIGINT PRIMARY KEY,
    last_position BIGINT NOT NULL UNIQUE CHECK (first_position <= last_position),
    recorded_at TIMESTAMP NOT NULL,
    actor TEXT,
    note TEXT,
    digest TEXT NOT NULL,
    call UUID NOT NULL UNIQUE
);

CREATE TABLE log (
    position BIGINT PRIMARY KEY,
    id UUID NOT NULL UNIQUE,
    ref TEXT,
    kind TEXT NOT NULL,
    type TEXT,
    version INTEGER,
    occurred TEXT,
    known_at TIMESTAMP NOT NULL,
    recorded_at TIMESTAMP NOT NULL CHECK (known_at <= recorded_at),
    credence TEXT NOT NULL,
    actor TEXT,
    note TEXT,
    target BIGINT REFERENCES log,
    sources TEXT NOT NULL,
    names TEXT NOT NULL,
    data TEXT,
    salt TEXT,
    digest TEXT NOT NULL,
    origin BIGINT NOT NULL,
    earliest TIMESTAMP,
    latest TIMESTAMP,
    entities TEXT[] NOT NULL,
    summary TEXT NOT NULL
);

-- What is there stays, for the owner too.
CREATE FUNCTION stays() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the log of a timeline is only appended to' USING ERRCODE = 'insufficient_privilege';
END $$;

CREATE TRIGGER stays BEFORE UPDATE OR DELETE OR TRUNCATE ON log FOR EACH STATEMENT EXECUTE FUNCTION stays();
CREATE TRIGGER stays BEFORE UPDATE OR DELETE OR TRUNCATE ON commits FOR EACH STATEMENT EXECUTE FUNCTION stays();
CREATE TRIGGER stays BEFORE UPDATE OR DELETE OR TRUNCATE ON sources FOR EACH STATEMENT EXECUTE FUNCTION stays();

-- A text led by its length in bytes, as digests cover it; an absent one is `~`.
CREATE FUNCTION led(given TEXT) RETURNS TEXT LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT coalesce(octet_length(given) || ':' || given, '~')
$$;

-- Gives a commit that was judged where the log ended at `expected` its place behind the head. If something that bears on it
-- came since, nothing is written and the outcome is `moved`: a record with the same id or of one of its `chains`, one about a
-- type that is `bearing`; where it rests on `names`, one that gives any or speaks of those that are `new`; if `whole`, any.
-- One call at a time, from the lock on until it is durable: what can be read, stays.
CREATE FUNCTION append(
    expected BIGINT, records JSONB, cited JSONB, new TEXT[], chains BIGINT[], bearing TEXT[], names BOOLEAN, whole BOOLEAN,
    called UUID, said_by TEXT, said TEXT,
    OUT outcome TEXT, OUT first BIGINT, OUT last BIGINT, OUT recorded TIMESTAMP, OUT digest TEXT
)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = timeline, pg_temp SET datestyle = 'ISO, YMD'
SET plan_cache_mode = force_generic_plan AS $$
#variable_conflict use_column
DECLARE
    head commits;
    before commits;
    shift BIGINT;
    digests TEXT;
    own INTEGER := jsonb_array_length(records);
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('timeline'), hashtext(current_database()));
    SELECT * INTO before FROM commits WHERE commits.call = called;
    IF FOUND THEN
        SELECT 'again', before.first_position, before.last_position, before.recorded_at, before.digest
        INTO outcome, first, last, recorded, digest;
        RETURN;
    END IF;
    SELECT * INTO head FROM commits ORDER BY first_position DESC LIMIT 1;
    shift := coalesce(head.last_position, 0) - expected;
    IF shift < 0 THEN
        RAISE EXCEPTION 'judged at #%, and the log ends at #%', expected, coalesce(head.last_position, 0);
    END IF;
    IF EXISTS (SELECT FROM jsonb_array_elements(records) AS one, log WHERE log.id = (one ->> 'id')::UUID)
        -- row by row by their positions: a condition on a range may be planned as a scan of all
        OR shift > 0 AND (whole OR EXISTS (
            SELECT FROM generate_series(expected + 1, expected + shift) AS place,
                LATERAL (SELECT * FROM log WHERE log.position = place OFFSET 0) AS came
            WHERE came.origin = ANY (chains)
                OR coalesce((SELECT type FROM log WHERE log.position = came.origin), came.type) = ANY (bearing)
                OR append.names AND (came.names <> '{}' OR came.entities && new)
        ))
    THEN
        outcome := 'moved';
        last := coalesce(head.last_position, 0);
        RETURN;
    END IF;
    first := coalesce(head.last_position, 0) + 1;
    last := first + own - 1;
    recorded := greatest(clock_timestamp() AT TIME ZONE 'UTC', head.recorded_at);
    INSERT INTO sources SELECT * FROM jsonb_populate_recordset(NULL::sources, cited) ON CONFLICT DO NOTHING;
    WITH placed AS (
        SELECT
            first + n - 1 AS place, id, ref, kind, type, version, occurred,
            least(coalesce(known_at, recorded), recorded) AS known, credence, actor, note,
            CASE WHEN target > expected THEN target + shift ELSE target END AS target,
            one.sources, one.names, data, translate(gen_random_uuid()::TEXT, '-', '') AS salt,
            CASE WHEN origin > expected THEN origin + shift ELSE origin END AS origin, earliest, latest, entities, summary
        FROM jsonb_array_elements(records) WITH ORDINALITY AS given(told, n), jsonb_populate_record(NULL::log, told) AS one
    ), made AS (
        INSERT INTO log
        SELECT
            place, id, ref, kind, type, version, occurred, known, recorded, credence, actor, note, target, placed.sources,
            placed.names, data, salt,
            encode(sha256(convert_to(:covered, 'UTF8')), 'hex'),
            origin, earliest, latest, entities, summary
        FROM placed ORDER BY place
        RETURNING log.position, log.digest
    )
    SELECT string_agg('64:' || made.digest, '' ORDER BY made.position) INTO digests FROM made;
    digest := encode(sha256(convert_to(
        led(coalesce(head.digest, repeat('0', 64))) || digests
        || led(first::TEXT) || led(last::TEXT) || led(recorded::TEXT) || led(said_by) || led(said), 'UTF8'
    )), 'hex');
    INSERT INTO commits VALUES (first, last, recorded, said_by, said, digest, called);
    PERFORM pg_notify('timeline', last::TEXT);
    outcome := 'made';
END $$;

-- Takes in commits of another log as they are, behind the head that the caller has seen that they follow.
CREATE FUNCTION bring(expected BIGINT, records JSONB, brought JSONB, cited JSONB) RETURNS VOID
LANGUAGE plpgsql SECURITY DEFINER SET search_path = timeline, pg_temp AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('timeline'), hashtext(current_database()));
    IF coalesce((SELECT max(last_position) FROM commits), 0) <> expected THEN
        RAISE EXCEPTION 'the log has moved on from #%', expected USING ERRCODE = 'serialization_failure';
    END IF;
    INSERT INTO sources SELECT * FROM jsonb_populate_recordset(NULL::sources, cited) ON CONFLICT DO NOTHING;
    INSERT INTO log SELECT * FROM jsonb_populate_recordset(NULL::log, records) ORDER BY position;
    INSERT INTO commits SELECT first_position, last_position, recorded_at, actor, note, digest, gen_random_uuid()
    FROM jsonb_populate_recordset(NULL::commits, brought) ORDER BY first_position;
    PERFORM pg_notify('timeline', (SELECT max(last_position) FROM commits)::TEXT);
END $$;

-- Keeps the shapes of types that are told from now on.
CREATE FUNCTION keep_shapes(given JSONB) RETURNS VOID
LANGUAGE sql SECURITY DEFINER SET search_path = timeline, pg_temp AS $$
    INSERT INTO shapes SELECT * FROM jsonb_populate_recordset(NULL::shapes, given) ON CONFLICT DO NOTHING
$$;

-- Who may append may read, and may write through these two functions alone.
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'timeline_read') THEN CREATE ROLE timeline_read NOLOGIN; END IF;
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'timeline_append') THEN CREATE ROLE timeline_append NOLOGIN; END IF;
    GRANT timeline_read TO timeline_append;
END $$;

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA timeline FROM PUBLIC;
GRANT USAGE ON SCHEMA timeline TO timeline_read;
GRANT SELECT ON ALL TABLES IN SCHEMA timeline TO timeline_read;
GRANT EXECUTE ON FUNCTION append, keep_shapes TO timeline_append;
