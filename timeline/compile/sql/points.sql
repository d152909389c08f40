-- name: macros
-- How the arguments of states are read (points, what was known, positions, readings of dates), and values shown.
CREATE OR REPLACE MACRO timeline_text_point(given) AS
    CASE
        WHEN regexp_full_match(given, '\d{4}') THEN make_timestamp(given::BIGINT + 1, 1, 1, 0, 0, 0.0)
        WHEN regexp_full_match(given, '\d{4}-\d{2}') THEN (given || '-01')::DATE + INTERVAL 1 MONTH
        WHEN regexp_full_match(given, '\d{4}-\d{2}-\d{2}') THEN given::DATE + INTERVAL 1 DAY
        ELSE error('''' || given || ''' is no point: give a DATE, a TIMESTAMPTZ, or text as YYYY, YYYY-MM or YYYY-MM-DD')
    END - INTERVAL 1 MICROSECOND;

CREATE OR REPLACE MACRO timeline_point(given) AS
    CASE typeof(given)
        WHEN 'TIMESTAMP' THEN error('a plain TIMESTAMP is no point: cast it, as in day::DATE (its close) or at::TIMESTAMPTZ')
        WHEN 'TIMESTAMP WITH TIME ZONE' THEN CASE
            WHEN isinf(TRY_CAST(given AS TIMESTAMPTZ)) THEN error('''' || given::VARCHAR || ''' is no point: a point has an end')
            ELSE make_timestamp(epoch_us(TRY_CAST(given AS TIMESTAMPTZ)))
        END
        WHEN '"NULL"' THEN error('a point is needed: give a DATE, a TIMESTAMPTZ, or text as YYYY, YYYY-MM or YYYY-MM-DD')
        ELSE timeline_text_point(given::VARCHAR)
    END;

CREATE OR REPLACE MACRO timeline_known(known, valid) AS
    CASE
        WHEN known IS NULL THEN TIMESTAMP '9998-12-31 00:00:00'
        WHEN known::VARCHAR = 'then' THEN timeline_point(valid)
        ELSE timeline_point(known)
    END;

CREATE OR REPLACE MACRO timeline_position(position) AS
    CASE
        WHEN position IS NULL THEN 9223372036854775806
        WHEN typeof(position) IN ('TINYINT', 'SMALLINT', 'INTEGER', 'BIGINT') THEN TRY_CAST(position AS BIGINT)
        ELSE (
            SELECT coalesce(max(commits.last_position), 0)
            FROM (
                SELECT CASE
                    WHEN position IS NULL OR typeof(position) IN ('TINYINT', 'SMALLINT', 'INTEGER', 'BIGINT') THEN NULL
                    ELSE timeline_point(position)
                END
            ) AS asked(close), commits
            WHERE commits.recorded_at <= asked.close
        )
    END;

CREATE OR REPLACE MACRO timeline_dates(dates) AS
    CASE
        WHEN dates IN ('latest', 'earliest') THEN dates
        ELSE error('dates is latest or earliest')
    END;

CREATE OR REPLACE MACRO timeline_plain_number(given) AS rtrim(rtrim(given:::type_of_numbers::VARCHAR, '0'), '.');

CREATE OR REPLACE MACRO timeline_funds_text(given) AS
    '{"inexact":' || given.inexact
    || ',"jointly":{' || array_to_string([
        '"' || one.key || '":"' || timeline_plain_number(one.value) || '"' FOR one IN map_entries(given.jointly)
    ], ',')
    || '},"undisclosed":' || given.undisclosed
    || ',"wholly":{' || array_to_string([
        '"' || one.key || '":"' || timeline_plain_number(one.value) || '"' FOR one IN map_entries(given.wholly)
    ], ',')
    || '}}';
