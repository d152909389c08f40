-- name: layout
-- From the typed tables of a log, attached as `source`: narrow rows, clustered by pair.
CREATE TABLE entity AS
SELECT row_number() OVER (ORDER BY id)::INTEGER AS code, id FROM source.entities;

CREATE TABLE word AS
SELECT row_number() OVER (ORDER BY word)::INTEGER AS code, word FROM (
    SELECT DISTINCT scope AS word FROM source.said.exclusivity_deal
    UNION SELECT DISTINCT scope FROM source.said.exclusivity_end
    UNION SELECT DISTINCT subject FROM source.said.dispute_opened
    UNION SELECT DISTINCT subject FROM source.said.dispute_settled
    UNION SELECT DISTINCT office FROM source.said.office_taken
    UNION SELECT DISTINCT office FROM source.said.office_left
);

-- What each event says of which two; x is who has the slot.
CREATE TEMP TABLE spoken AS
SELECT 1 AS field, position, unnest(investors) AS x, company AS y, NULL AS word, FALSE AS closes,
    NULL::TIMESTAMP AS until, amount, amount_currency AS currency, amount_bound <> 'exactly' AS inexact,
    len(investors) > 1 AS jointly
FROM source.said.funding_round
UNION ALL BY NAME
SELECT 2 AS field, position, grantor AS x, grantee AS y, scope AS word, FALSE AS closes, until_latest AS until
FROM source.said.exclusivity_deal
UNION ALL BY NAME
SELECT 2 AS field, position, grantor AS x, grantee AS y, scope AS word, TRUE AS closes
FROM source.said.exclusivity_end
UNION ALL BY NAME
SELECT 3 AS field, position, holder AS x, company AS y, FALSE AS closes FROM source.said.stake_reported
UNION ALL BY NAME
SELECT 4 AS field, position, least(parties[1], parties[2]) AS x, greatest(parties[1], parties[2]) AS y,
    subject AS word, FALSE AS closes
FROM source.said.dispute_opened
UNION ALL BY NAME
SELECT 4 AS field, position, least(parties[1], parties[2]) AS x, greatest(parties[1], parties[2]) AS y,
    subject AS word, TRUE AS closes
FROM source.said.dispute_settled
UNION ALL BY NAME
SELECT 5 AS field, position, organisation AS x, person AS y, office AS word, FALSE AS closes
FROM source.said.office_taken
UNION ALL BY NAME
SELECT 5 AS field, position, organisation AS x, person AS y, office AS word, TRUE AS closes
FROM source.said.office_left
UNION ALL BY NAME
SELECT 6 AS field, position, x, y, FALSE AS closes
FROM (SELECT position, people || organisations AS those, unnest(those) AS x FROM source.said.meeting),
    unnest(those) AS other(y)
WHERE x < y
UNION ALL BY NAME
SELECT 7 AS field, position, least(made_by, about[1]) AS x, greatest(made_by, about[1]) AS y, FALSE AS closes
FROM source.said.remark;

CREATE TEMP TABLE coded AS
SELECT spoken.* EXCLUDE (x, y, word), least(one.code, other.code) AS a, greatest(one.code, other.code) AS b,
    2 * coalesce(word.code, 0) + (one.code > other.code)::INTEGER AS slot
FROM spoken
JOIN entity AS one ON one.id = x
JOIN entity AS other ON other.id = y
LEFT JOIN word ON word.word = spoken.word;

CREATE TABLE pair AS
SELECT row_number() OVER (ORDER BY a, b)::INTEGER AS pair, a, b FROM (SELECT DISTINCT a, b FROM coded);

-- Narrow and clustered, so that one pair is in one place.
CREATE TABLE tie AS
SELECT pair.pair, field::UTINYINT AS field, slot::USMALLINT AS slot, position::INTEGER AS position,
    origin::INTEGER AS origin, earliest, latest, known_at, closes, until, amount::DECIMAL(18, 2) AS amount,
    currency, coalesce(inexact, FALSE) AS inexact, coalesce(jointly, FALSE) AS jointly
FROM coded
JOIN pair USING (a, b)
JOIN source.log USING (position)
ORDER BY pair.pair, field, slot, position;

CREATE TABLE hidden AS SELECT * FROM source.hidden ORDER BY position;
CREATE TABLE told (position INTEGER, type VARCHAR, occurred VARCHAR, data VARCHAR USING COMPRESSION zstd);
INSERT INTO told SELECT position, type, occurred, data FROM source.log ORDER BY position;

-- name: answer
-- The state of every pair, or of one, as of an instant.
WITH absent AS (
    SELECT position FROM hidden
    WHERE known_from <= $known AND $known < known_to AND position_from <= $position AND $position < position_to
),
seen AS MATERIALIZED (
    SELECT tie.* EXCLUDE (known_at) FROM tie ANTI JOIN absent USING (position)
    WHERE $which AND tie.position <= $position AND tie.known_at <= $known AND tie.earliest <= $point
),
money AS (
    SELECT pair, slot, jointly, currency, sum(amount) AS amount, count(*) AS number,
        count(*) FILTER (WHERE currency IS NULL) AS undisclosed, count(*) FILTER (WHERE inexact) AS inexact
    FROM seen WHERE field = 1 AND latest <= $point
    GROUP BY ALL
),
funds AS (
    SELECT pair, slot AS side, sum(number)::BIGINT AS number,
        {
            'wholly': map_from_entries(coalesce(list((currency, amount))
                FILTER (WHERE currency IS NOT NULL AND NOT jointly), [])),
            'jointly': map_from_entries(coalesce(list((currency, amount))
                FILTER (WHERE currency IS NOT NULL AND jointly), [])),
            'undisclosed': sum(undisclosed)::BIGINT,
            'inexact': sum(inexact)::BIGINT
        } AS value
    FROM money GROUP BY pair, slot
),
purses AS (
    SELECT pair, sum(number)::BIGINT AS rounds, list((side, value)) AS invested FROM funds GROUP BY pair
),
paid AS (
    SELECT pair, list_sort(list(position)) AS because_rounds
    FROM seen WHERE field = 1 AND latest <= $point
    GROUP BY pair
),
opened AS (
    SELECT pair, field, slot,
        arg_max({'position': position, 'earliest': earliest, 'latest': latest, 'origin': origin,
            'until': until}, (latest, origin)) AS start
    FROM seen WHERE field > 1 AND NOT closes AND latest <= $point
    GROUP BY ALL
),
closed AS (
    SELECT pair, field, slot,
        arg_min({'position': position, 'earliest': earliest, 'latest': latest}, (latest, origin)) AS finish
    FROM seen JOIN opened USING (pair, field, slot)
    WHERE closes AND latest <= $point AND (latest, origin) > (start.latest, start.origin)
    GROUP BY ALL
),
decided AS MATERIALIZED (
    SELECT pair, field, slot, finish IS NULL AS still,
        coalesce(finish.position, start.position) AS decisive,
        coalesce(finish.earliest, start.earliest) AS decisive_earliest,
        coalesce(finish.latest, start.latest) AS decisive_latest,
        CASE WHEN finish IS NULL AND coalesce(start.until, 'infinity') >= $point THEN start.position END AS held
    FROM opened LEFT JOIN closed USING (pair, field, slot)
),
doubts AS (
    SELECT pair, field, position FROM seen WHERE latest > $point
    UNION
    SELECT pair, field, position FROM decided JOIN seen USING (pair, field, slot)
    WHERE latest <= $point AND latest >= decisive_earliest
        AND (earliest <> decisive_earliest OR latest <> decisive_latest)
        AND CASE
            WHEN field IN (3, 6, 7) THEN TRUE
            WHEN closes THEN still AND held IS NOT NULL
            WHEN field = 4 THEN held IS NULL
            WHEN coalesce(until, 'infinity') < $point THEN held IS NOT NULL
            ELSE TRUE
        END
),
shown AS (
    SELECT pair, field, slot % 2 AS side, word.word, decisive, held IS NOT NULL AS present,
        {'position': told.position, 'type': told.type, 'occurred': told.occurred, 'data': told.data} AS event
    FROM decided
    LEFT JOIN told ON told.position = held
    LEFT JOIN word ON word.code = slot // 2
),
slots AS (
    SELECT pair,
        list((side, word, event)) FILTER (WHERE field = 2 AND present) AS exclusivities,
        list((side, event)) FILTER (WHERE field = 3) AS stakes,
        list((word, 'open')) FILTER (WHERE field = 4 AND present) AS disputes,
        list((side, word, event)) FILTER (WHERE field = 5 AND present) AS offices,
        any_value(event) FILTER (WHERE field = 6) AS last_contact,
        any_value(event) FILTER (WHERE field = 7) AS last_remark,
        list(decisive) FILTER (WHERE field = 2) AS because_exclusivities,
        list(decisive) FILTER (WHERE field = 3) AS because_stakes,
        list(decisive) FILTER (WHERE field = 4) AS because_disputes,
        list(decisive) FILTER (WHERE field = 5) AS because_offices,
        list(decisive) FILTER (WHERE field = 6) AS because_contact,
        list(decisive) FILTER (WHERE field = 7) AS because_remark
    FROM shown GROUP BY pair
),
unsettling AS (
    SELECT pair, map_from_entries(list((name, positions))) AS unsettled
    FROM (SELECT pair, field, list_sort(list(position)) AS positions FROM doubts GROUP BY ALL)
    JOIN (VALUES (1, 'invested'), (1, 'rounds'), (2, 'exclusivities'), (3, 'stakes'), (4, 'disputes'),
        (5, 'offices'), (6, 'last_contact'), (7, 'last_remark')) AS named(field, name) USING (field)
    GROUP BY pair
),
known AS (
    SELECT pair.pair, one.id AS a, other.id AS b, [one.id, other.id] AS two
    FROM (SELECT DISTINCT pair FROM seen)
    JOIN pair USING (pair)
    JOIN entity AS one ON one.code = pair.a
    JOIN entity AS other ON other.code = pair.b
)
SELECT a, b,
    coalesce(rounds, 0) AS rounds,
    map_from_entries(list_transform(coalesce(invested, []), lambda one: (two[1 + one[1]], one[2]))) AS invested,
    map_from_entries(list_transform(coalesce(exclusivities, []),
        lambda one: ({'grantor': two[1 + one[1]], 'scope': one[2]}, one[3]))) AS exclusivities,
    map_from_entries(list_transform(coalesce(stakes, []), lambda one: (two[1 + one[1]], one[2]))) AS stakes,
    map_from_entries(coalesce(disputes, [])) AS disputes,
    map_from_entries(list_transform(coalesce(offices, []),
        lambda one: ({'organisation': two[1 + one[1]], 'office': one[2], 'person': two[2 - one[1]]}, one[3])))
        AS offices,
    last_contact, last_remark,
    map_from_entries(list_filter([
        ('invested', because_rounds),
        ('rounds', because_rounds),
        ('exclusivities', list_sort(because_exclusivities)),
        ('stakes', list_sort(because_stakes)),
        ('disputes', list_sort(because_disputes)),
        ('offices', list_sort(because_offices)),
        ('last_contact', because_contact),
        ('last_remark', because_remark)
    ], lambda one: one[2] IS NOT NULL)) AS because,
    coalesce(unsettled, MAP {}) AS unsettled
FROM known
LEFT JOIN purses USING (pair) LEFT JOIN paid USING (pair) LEFT JOIN slots USING (pair)
LEFT JOIN unsettling USING (pair);

-- name: floor
-- The least that any answer for all pairs has to do.
SELECT pair, count(*) FROM tie GROUP BY ALL;
