-- name: macros
-- How two periods lie to each other. A period holds its first instant and ends before its second; one whose end is
-- NULL is still open. A period that is empty or backward holds no instant and lies nowhere.
CREATE OR REPLACE MACRO timeline_end(upto) AS coalesce(upto, TIMESTAMP 'infinity');

CREATE OR REPLACE MACRO timeline_periods(a_from, a_to, b_from, b_to) AS
    a_from < timeline_end(a_to) AND b_from < timeline_end(b_to);

CREATE OR REPLACE MACRO precedes(a_from, a_to, b_from, b_to) AS
    timeline_periods(a_from, a_to, b_from, b_to) AND timeline_end(a_to) < b_from;

CREATE OR REPLACE MACRO meets(a_from, a_to, b_from, b_to) AS
    timeline_periods(a_from, a_to, b_from, b_to) AND timeline_end(a_to) = b_from;

-- The name is a word of the grammar: it is quoted here, and called without quotes.
CREATE OR REPLACE MACRO "overlaps"(a_from, a_to, b_from, b_to) AS
    timeline_periods(a_from, a_to, b_from, b_to)
    AND a_from < b_from AND b_from < timeline_end(a_to) AND timeline_end(a_to) < timeline_end(b_to);

CREATE OR REPLACE MACRO starts(a_from, a_to, b_from, b_to) AS
    timeline_periods(a_from, a_to, b_from, b_to) AND a_from = b_from AND timeline_end(a_to) < timeline_end(b_to);

CREATE OR REPLACE MACRO during(a_from, a_to, b_from, b_to) AS
    timeline_periods(a_from, a_to, b_from, b_to) AND b_from < a_from AND timeline_end(a_to) < timeline_end(b_to);

CREATE OR REPLACE MACRO finishes(a_from, a_to, b_from, b_to) AS
    timeline_periods(a_from, a_to, b_from, b_to) AND b_from < a_from AND timeline_end(a_to) = timeline_end(b_to);

CREATE OR REPLACE MACRO equals(a_from, a_to, b_from, b_to) AS
    timeline_periods(a_from, a_to, b_from, b_to) AND a_from = b_from AND timeline_end(a_to) = timeline_end(b_to);

CREATE OR REPLACE MACRO preceded_by(a_from, a_to, b_from, b_to) AS precedes(b_from, b_to, a_from, a_to);

CREATE OR REPLACE MACRO met_by(a_from, a_to, b_from, b_to) AS meets(b_from, b_to, a_from, a_to);

CREATE OR REPLACE MACRO overlapped_by(a_from, a_to, b_from, b_to) AS overlaps(b_from, b_to, a_from, a_to);

CREATE OR REPLACE MACRO started_by(a_from, a_to, b_from, b_to) AS starts(b_from, b_to, a_from, a_to);

-- DuckDB's own function, of a text, list or map and a part of it, is found under this name as before.
CREATE OR REPLACE MACRO contains
    (a_from, a_to, b_from, b_to) AS during(b_from, b_to, a_from, a_to),
    (whole, part) AS system.main.contains(whole, part);

CREATE OR REPLACE MACRO finished_by(a_from, a_to, b_from, b_to) AS finishes(b_from, b_to, a_from, a_to);

-- Whether two periods have an instant in common: nine of the thirteen.
CREATE OR REPLACE MACRO intersects(a_from, a_to, b_from, b_to) AS
    timeline_periods(a_from, a_to, b_from, b_to) AND a_from < timeline_end(b_to) AND b_from < timeline_end(a_to);

-- Whether an instant lies in a period.
CREATE OR REPLACE MACRO within(instant, since, upto) AS since <= instant AND instant < timeline_end(upto);
