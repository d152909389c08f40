-- name: coded
-- Rows of `feeds` of a state as its spans have them, with key, field and slot as numbers.
    SELECT a, b,
        md5_number_lower(a || chr(31) || b) AS k,
        coalesce(list_position([:every_field], field), 0)::USMALLINT AS f,
        md5_number_lower(concat_ws(chr(31), a, b, field, slot)) AS s,
        slot, fed.position AS place, origin, earliest, latest, known_at, closes, jointly, inexact, amount, currency,
        until_latest, names, value
    FROM :fed AS fed
    WHERE state = :state;

-- name: ranked
-- What enters a slot, in the order of replay, with what has entered by then; `next_start` is when what is held then is
-- taken over.
    SELECT *,
        row_number() OVER replay AS number,
        :totals,
        count(*) FILTER (NOT closes) OVER replay AS starts,
        last_value(CASE WHEN NOT closes THEN coalesce(names, '') END IGNORE NULLS) OVER replay AS held_names,
        min(bound) FILTER (NOT closes) OVER (replay_order ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING) AS next_start
    FROM entry
    WINDOW replay_order AS (PARTITION BY s ORDER BY bound, origin),
        replay AS (replay_order ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW);

-- name: decided
-- The same with the instant up to which each decides its slot: the first, each start, the first end behind a start; all
-- that is counted or added up. `idle` is an end of which nothing was the start.
    SELECT :as_fed, bound, number, total, :purse AS funds,
        CASE
            WHEN NOT decides THEN '-infinity'
            WHEN f IN (:first_fields) THEN 'infinity'
            ELSE coalesce(least(next_start, CASE WHEN NOT closes THEN first_end END), 'infinity')
        END AS upto,
        closes AND starts = 0 AS idle
    FROM (
        SELECT *,
            min(bound) FILTER (ends) OVER held AS first_end,
            CASE
                WHEN f IN (:first_fields) THEN number = 1
                WHEN NOT closes THEN true
                WHEN ends THEN number = min(number) FILTER (ends) OVER held
                ELSE number = 1
            END AS decides
        FROM (
            SELECT *, closes AND starts > 0 AND (names IS NULL OR names = held_names) AS ends
            FROM ranked
            WHERE f IN (:fields)
        )
        WINDOW held AS (PARTITION BY s, starts)
    ):purses;

-- name: totals
-- What is added up, where there is money.
sum(amount) FILTER (f NOT IN (:money_fields)) OVER replay AS total,
        count(*) FILTER (amount IS NULL) OVER replay AS undisclosed,
        count(*) FILTER (inexact) OVER replay AS rough;

-- name: paid
-- What has come to each currency of a slot by then.
    SELECT s, number, code,
        sum(amount) FILTER (currency = code AND NOT jointly) OVER running AS wholly,
        sum(amount) FILTER (currency = code AND jointly) OVER running AS together
    FROM ranked JOIN (SELECT DISTINCT s, currency AS code FROM ranked WHERE f IN (:money_fields)) USING (s)
    WINDOW running AS (PARTITION BY s, code ORDER BY number);

-- name: purses
-- All that a slot comes to at each of them: every currency of the slot runs on.
    LEFT JOIN (
        SELECT s, number,
            map_from_entries(list((code, wholly) ORDER BY code) FILTER (wholly IS NOT NULL)) AS wholly,
            map_from_entries(list((code, together) ORDER BY code) FILTER (together IS NOT NULL)) AS together
        FROM paid
        GROUP BY s, number
    ) AS purse USING (s, number);

-- name: purse
-- The same as Funds.
CASE WHEN f IN (:money_fields) THEN {
        'wholly': coalesce(wholly, MAP {}),
        'jointly': coalesce(together, MAP {}),
        'undisclosed': undisclosed,
        'inexact': rough
    } END:::funds;

-- name: doubtful
-- What may have come in another order than the one that decides, and would then give another value; from when to when.
    SELECT * FROM (
        SELECT one.k, one.f, one.s, other.place,
            CASE
                WHEN one.f IN (:first_fields) THEN other.bound
                WHEN one.f IN (:held_fields) AND NOT one.closes AND NOT other.closes
                    AND one.value IS NOT DISTINCT FROM other.value
                    THEN greatest(one.bound, least(one.spent, other.spent))
                ELSE one.bound
            END AS since,
            CASE
                WHEN one.f IN (:first_fields) THEN 'infinity'::TIMESTAMP
                WHEN one.f NOT IN (:held_fields) THEN one.upto
                ELSE least(one.upto, CASE
                    WHEN other.closes AND (one.closes OR one.value IS NULL) THEN '-infinity'::TIMESTAMP
                    WHEN other.closes THEN CASE
                        WHEN other.names IS NULL OR other.names = one.names THEN one.spent
                        ELSE '-infinity'
                    END
                    WHEN one.closes OR one.value IS NULL THEN CASE
                        WHEN other.value IS NULL THEN '-infinity'
                        ELSE other.spent
                    END
                    WHEN other.value IS NULL THEN one.spent
                    ELSE greatest(one.spent, other.spent)
                END)
            END AS until
        FROM hazy AS one JOIN hazy AS other USING (s)
        WHERE one.upto > one.bound AND NOT one.idle
            AND (one.earliest <> other.earliest OR one.latest <> other.latest)
            AND CASE
                WHEN one.f IN (:first_fields) THEN other.number > one.number AND other.earliest <= one.latest
                ELSE other.number < one.number AND other.latest >= one.earliest
            END
            AND (one.f IN (:held_fields) OR one.value IS DISTINCT FROM other.value)
    )
    WHERE since < until;

-- name: hazy
-- What enters the slots of an order that hold a date of more than an instant; `spent` is when its term has run out.
    SELECT k, f, s, place, number, earliest, latest, bound, upto, closes, idle, names, value,
        CASE WHEN until_latest < 'infinity' THEN until_latest + INTERVAL 1 MICROSECOND ELSE 'infinity' END AS spent
    FROM :folded AS entered
    WHERE f IN (:decided_fields) AND s IN (SELECT s FROM :folded AS imprecise WHERE earliest <> latest);

-- name: gone
-- What does not stand in view, or is read as of others there.
    SELECT hidden.position AS place, true AS hides FROM hidden, ask
    WHERE hidden.known_from <= ask.knowing AND ask.knowing < hidden.known_to
        AND hidden.position_from <= ask.last AND ask.last < hidden.position_to
    UNION ALL
    SELECT rereads.position, false FROM rereads, ask
    WHERE rereads.known_from <= ask.knowing AND ask.knowing < rereads.known_to
        AND rereads.position_from <= ask.last AND ask.last < rereads.position_to;

-- name: fed
-- What was fed to a state since its spans were made, and what is read as of others.
    SELECT feeds.* FROM feeds, ask
    WHERE feeds.known_at <= ask.knowing AND feeds.position <= ask.last
        AND feeds.position NOT IN (SELECT gone.place FROM gone)
    UNION ALL
    SELECT refeeds.* EXCLUDE (known_from, known_to, position_from, position_to) FROM refeeds, ask
    WHERE refeeds.known_at <= ask.knowing AND refeeds.position <= ask.last
        AND refeeds.known_from <= ask.knowing AND ask.knowing < refeeds.known_to
        AND refeeds.position_from <= ask.last AND ask.last < refeeds.position_to
        AND refeeds.position NOT IN (SELECT gone.place FROM gone WHERE hides);

-- name: changed
-- What may stand or be read otherwise than when spans were made.
    SELECT hidden.position AS place FROM hidden, meta
    WHERE position_from > meta.base OR position_to > meta.base AND position_to < 9223372036854775807
    UNION ALL
    SELECT rereads.position AS place FROM rereads, meta
    WHERE position_from > meta.base OR position_to > meta.base AND position_to < 9223372036854775807;

-- name: touched
-- The slots that are to be folded anew: those that something new enters, and in which something stands otherwise.
    SELECT s FROM tail
    UNION
    SELECT s FROM :spans WHERE place IN (SELECT changed.place FROM changed)
    UNION
    SELECT s FROM :spans, ask
    WHERE NOT (:plain) AND (
        ask.early AND earliest < latest
        OR (known_at <= ask.knowing AND place <= ask.last AND place NOT IN (SELECT gone.place FROM gone)) <> stands
    );

-- name: entry
-- What enters those slots, in view; `bound` is the instant from which it counts.
    SELECT entering.*, CASE WHEN ask.early THEN earliest ELSE latest END AS bound
    FROM (
        SELECT :as_fed FROM tail
        UNION ALL
        SELECT :as_fed FROM :spans, ask
        WHERE s IN (SELECT touched.s FROM touched)
            AND known_at <= ask.knowing AND place <= ask.last AND place NOT IN (SELECT gone.place FROM gone)
    ) AS entering, ask;

-- name: spanned
-- All that stands in view, each with its span.
    SELECT :as_spanned, latest AS bound FROM :spans WHERE stands AND s NOT IN (SELECT touched.s FROM touched)
    UNION ALL
    SELECT :as_spanned, bound FROM folded;

-- name: doubted
-- All that may have come in another order.
    SELECT k, f, place, since, until FROM :doubts WHERE s NOT IN (SELECT touched.s FROM touched)
    UNION ALL
    SELECT k, f, place, since, until FROM doubtful;

-- name: keyed
-- Whose states there are. Of NOT IN, DuckDB expects so many that a condition on the key would not reach the spans.
    SELECT k, a, b FROM :keys
    UNION ALL
    SELECT DISTINCT tail.k, tail.a, tail.b FROM tail LEFT JOIN :keys AS known ON known.k = tail.k WHERE known.k IS NULL;

-- name: gone now
-- What does not stand, or is read as of others, as of all that the log holds.
    SELECT hidden.position AS place FROM hidden WHERE known_to = 'infinity' AND position_to = 9223372036854775807
    UNION ALL
    SELECT rereads.position AS place FROM rereads WHERE known_to = 'infinity' AND position_to = 9223372036854775807;

-- name: gone then
-- The same as of what it held when spans were made.
    SELECT hidden.position AS place FROM hidden, meta
    WHERE known_to = 'infinity' AND position_from <= meta.base AND meta.base < position_to
    UNION ALL
    SELECT rereads.position AS place FROM rereads, meta
    WHERE known_to = 'infinity' AND position_from <= meta.base AND meta.base < position_to;

-- name: anew
-- The rows of spans as they follow from what was fed, each with whether it stands.
SELECT :as_spanned, true AS stands FROM folded
UNION ALL BY NAME
SELECT :as_fed, '-infinity'::TIMESTAMP AS upto, false AS idle, false AS stands FROM again WHERE place IN (SELECT gone.place FROM gone);

-- name: strange keys
-- How many keys are twice there, are not their numbers, are of no row, or are lacking.
SELECT
    (SELECT count(*) FROM :keys WHERE k <> md5_number_lower(a || chr(31) || b))
    + (SELECT count(*) FROM (SELECT k FROM :keys GROUP BY k HAVING count(*) > 1))
    + (SELECT count(*) FROM (FROM :keys ANTI JOIN :spans USING (k)))
    + (SELECT count(*) FROM (FROM :spans ANTI JOIN :keys USING (k)));

-- name: find
-- What is to have its spans made, with all that is in the same slots; but for what adds up to more than a number holds.
CREATE OR REPLACE TEMP TABLE fresh AS :coded;
CREATE OR REPLACE TEMP TABLE endless AS
SELECT s FROM (
    SELECT s, amount FROM temp.fresh
    UNION ALL
    SELECT s, amount FROM :spans SEMI JOIN (SELECT s FROM temp.fresh WHERE amount IS NOT NULL) USING (s)
)
WHERE amount IS NOT NULL GROUP BY s HAVING sum(abs(amount)::DOUBLE) > 9e27;
DELETE FROM temp.fresh WHERE s IN (FROM temp.endless);
CREATE OR REPLACE TEMP TABLE touched AS
SELECT s FROM temp.fresh UNION SELECT s FROM :spans SEMI JOIN (:changed) USING (place);
CREATE OR REPLACE TEMP TABLE again AS
SELECT :as_fed FROM temp.fresh UNION ALL SELECT :as_fed FROM :spans SEMI JOIN temp.touched USING (s);

-- name: make
-- Make their spans. Rows that get theirs together lie together, by key.
DELETE FROM :spans WHERE s IN (FROM temp.touched);
DELETE FROM :doubts WHERE s IN (FROM temp.touched);
INSERT INTO :spans BY NAME FROM (:anew) ORDER BY k, f, s, latest, origin;
INSERT INTO :doubts FROM (:doubtful) ORDER BY ALL;
INSERT INTO :keys SELECT DISTINCT k, a, b FROM temp.fresh ANTI JOIN :keys USING (k, a, b) ORDER BY k;
DELETE FROM main.feeds WHERE state = :state AND (
    (SELECT count(*) FROM temp.endless) = 0
    OR (position, field, a, b, slot) IN (SELECT (place, ([:names])[f + 1], a, b, slot) FROM temp.fresh)
);

-- name: alike
-- How many numbers stand for two keys, or two slots of those that were made.
SELECT
    (SELECT count(*) FROM (SELECT k FROM :keys GROUP BY k HAVING count(*) > 1))
    + (SELECT count(*) FROM (
        SELECT s FROM temp.again GROUP BY s HAVING min(k) <> max(k) OR min(f) <> max(f) OR min(slot) <> max(slot)
    ));

-- name: forget
-- What was found is done with.
DROP TABLE temp.fresh; DROP TABLE temp.endless; DROP TABLE temp.touched; DROP TABLE temp.again;
