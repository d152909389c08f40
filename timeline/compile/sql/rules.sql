-- name: mended
-- The place in the order of replay of what is a correction; all else has its own position.
    SELECT position, origin FROM log WHERE kind = 'correction';

-- name: told
-- The most urgent violations, with how many there are.
SELECT found.*, counted.number, counted.sure
FROM found, (SELECT count(*) AS number, count(*) FILTER (certain) AS sure FROM found) AS counted
ORDER BY certain DESC, valid_from, positions
LIMIT $most;

-- name: counting
-- From when on the events of a rule count.
SELECT DISTINCT CASE WHEN $early THEN earliest ELSE latest END FROM said;

-- name: opposing
-- The same, and from when on those count that they oppose.
SELECT DISTINCT CASE WHEN $early THEN earliest ELSE latest END
FROM (
    SELECT earliest, latest FROM said
    UNION ALL
    SELECT earliest, latest FROM log WHERE ref IN (SELECT mark FROM said) AND earliest IS NOT NULL
);

-- name: knowing
-- For each of some instants, since when all that is known at it is known.
SELECT asked.known, told.known_at
FROM (SELECT unnest($1::TIMESTAMP[]) AS known) AS asked
    ASOF LEFT JOIN (SELECT DISTINCT known_at FROM log) AS told ON asked.known >= told.known_at;

-- name: tenure
-- Each start of a holder that has begun by the point, with what is next said of that holder. Days are compared, not instants.
-- What is next said with the very same span ends it on the day it begins, so that nothing is held.
    SELECT * EXCLUDE (closes),
        row_number() OVER (PARTITION BY key ORDER BY latest, origin) AS turn
    FROM (
        SELECT *,
            earliest::DATE AS lo,
            latest::DATE AS hi,
            least(coalesce(next_earliest, 'infinity'), until_latest)::DATE AS to_lo,
            least(coalesce(next_latest, 'infinity'), until_latest)::DATE AS to_hi,
            coalesce(next_closes, false) AS closed
        FROM (
            SELECT *,
                lead(position) OVER own AS next_position,
                lead(closes) OVER own AS next_closes,
                lead(earliest) OVER own AS next_earliest,
                lead(latest) OVER own AS next_latest
            FROM said
            WINDOW own AS (PARTITION BY key, holder ORDER BY latest, origin)
        )
        WHERE begun AND NOT closes AND (next_earliest = earliest AND next_latest = latest) IS NOT TRUE
    );

-- name: stays
-- For each tenure the one before it of another holder that it meets: surely rather than perhaps, later rather than earlier.
-- It is sure only if an end of the earlier one is recorded, or none is needed. A start and an end of the same span are one day.
    SELECT bool_or(sure) AS certain, arg_max(former, turn + (sure::BIGINT << 48)) AS former, latter
    FROM (
        SELECT one.position AS former, other.position AS latter, one.turn,
            greatest(one.hi, other.hi) < least(one.to_lo, other.to_lo) AND (one.closed OR :stays) AS sure
        FROM tenure AS one JOIN tenure AS other
            ON one.key = other.key
            AND one.turn < other.turn
            AND one.holder <> other.holder
            AND other.lo < one.to_hi
        WHERE one.lo < one.to_hi
            AND one.lo < other.to_hi
            AND other.lo < other.to_hi
            AND (one.next_earliest = other.earliest AND one.next_latest = other.latest) IS NOT TRUE
            AND (other.next_earliest = one.earliest AND other.next_latest = one.latest) IS NOT TRUE
    )
    GROUP BY latter, CASE WHEN :each THEN former END;

-- name: replaced
-- For each tenure that is ended by name, the first start of another holder within it; and for each start, another of the
-- very same span, since nothing tells which of the two replaced the other. Spans that are the same are one day.
    SELECT bool_or(sure) AS certain, former, arg_max(latter, (sure::BIGINT << 48) - turn) AS latter
    FROM (
        SELECT one.position AS former, other.position AS latter, other.turn,
            one.hi < other.lo AND other.hi < one.to_lo AS sure
        FROM tenure AS one JOIN tenure AS other
            ON one.key = other.key
            AND one.holder <> other.holder
            AND CASE WHEN (one.earliest, one.latest) = (other.earliest, other.latest)
                THEN one.turn < other.turn
                ELSE one.closed AND one.lo < other.hi AND other.lo < one.to_hi
            END
        WHERE (one.earliest, one.latest) = (other.earliest, other.latest)
            OR (one.lo < other.lo OR one.lo + 1 < one.to_hi)
            AND (one.next_earliest, one.next_latest) <> (other.earliest, other.latest)
    )
    GROUP BY former, CASE WHEN :each THEN latter END;

-- name: overlaps
-- The pairs as violations: the two starts, and the ends that are recorded.
    SELECT certain,
        CASE WHEN certain THEN greatest(one.latest, other.latest) ELSE greatest(one.earliest, other.earliest) END AS valid_from,
        CASE WHEN certain
            THEN least(coalesce(one.next_earliest, 'infinity'), coalesce(other.next_earliest, 'infinity'), one.until_latest + INTERVAL 1 MICROSECOND, other.until_latest + INTERVAL 1 MICROSECOND)
            ELSE least(coalesce(one.next_latest, 'infinity'), coalesce(other.next_latest, 'infinity'), one.until_latest + INTERVAL 1 MICROSECOND, other.until_latest + INTERVAL 1 MICROSECOND)
        END AS valid_to,
        [one.position, other.position] || list_filter(
            [CASE WHEN one.closed THEN one.next_position END, CASE WHEN other.closed THEN other.next_position END],
            lambda position: position IS NOT NULL
        ) AS positions
    FROM met
    JOIN tenure AS one ON one.position = met.former
    JOIN tenure AS other ON other.position = met.latter;

-- name: followed
-- For each event after an end, the last such end that no event of `but` parts it from; surely before it, rather than perhaps.
    SELECT bool_or(sure) AS certain, arg_max(former, turn + (sure::BIGINT << 48)) AS former, latter
    FROM (
        SELECT ending.position AS former, late.position AS latter, ending.origin AS turn,
            ending.latest::DATE < late.earliest::DATE AS sure
        FROM said AS late JOIN said AS ending ON late.key = ending.key AND late.part = 'then' AND ending.part = 'ends'
        WHERE late.begun AND ending.begun
            AND ending.earliest::DATE < late.latest::DATE
            AND (ending.earliest, ending.latest) <> (late.earliest, late.latest)
            AND NOT EXISTS (
                FROM said AS anew
                WHERE anew.part = 'but' AND anew.key = ending.key
                    AND (anew.latest, anew.origin) > (ending.latest, ending.origin)
                    AND (anew.latest, anew.origin) < (late.latest, late.origin)
            )
    )
    GROUP BY latter, CASE WHEN :each THEN former END;

-- name: pairs
-- Two records, over the time of both.
    SELECT certain,
        least(one.earliest, other.earliest) AS valid_from,
        greatest(one.latest, other.latest) + INTERVAL 1 MICROSECOND AS valid_to,
        [one.position, other.position] AS positions
    FROM met JOIN place AS one ON one.position = met.former JOIN place AS other ON other.position = met.latter;

-- name: place
-- Where in time the records of pairs lie.
    SELECT DISTINCT position, earliest, latest FROM said
    WHERE position IN (SELECT former FROM met) OR position IN (SELECT latter FROM met);

-- name: terms
-- Events whose term ends before them.
    SELECT term::DATE < earliest::DATE AS certain,
        least(earliest, term) AS valid_from,
        latest + INTERVAL 1 MICROSECOND AS valid_to,
        [position] AS positions
    FROM said
    WHERE begun AND term::DATE < latest::DATE;

-- name: claim
-- What each claim says, and what its parts come to: at least and at most, and at face value. An open end is NULL.
    SELECT claim, positions, earliest, latest, least_claimed, most_claimed,
        coalesce(sum(least_said) FILTER (inside AND sure AND comparable), 0::BIGNUM) AS least_told,
        CASE WHEN bool_and(comparable AND most_said IS NOT NULL) THEN sum(most_said) END AS most_told,
        coalesce(sum(face) FILTER (inside AND sure AND comparable), 0::BIGNUM) AS least_face,
        coalesce(sum(face) FILTER (comparable), 0::BIGNUM) AS most_face
    FROM (
        SELECT claim.position AS claim, claim.earliest, claim.latest,
            claim.least_said AS least_claimed, claim.most_said AS most_claimed,
            part.least_said, part.most_said, part.face,
            [claim.position] || list(part.position) OVER (PARTITION BY claim.position ORDER BY part.position
                ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS positions,
            part.givers <> [] AND (claim.givers = [] OR list_has_all(claim.givers, part.givers)) AS inside,
            part.latest::DATE <= claim.earliest::DATE
                OR (part.earliest, part.latest) = (claim.earliest, claim.latest) AS sure,
            coalesce(part.currency = claim.currency, false) AS comparable
        FROM said AS claim JOIN said AS part ON claim.key = part.key AND claim.claims AND NOT part.claims
        WHERE claim.begun AND claim.face IS NOT NULL
            AND part.earliest::DATE <= claim.latest::DATE
            AND (claim.givers = [] OR part.givers = [] OR list_has_any(claim.givers, part.givers))
    )
    GROUP BY claim, positions, earliest, latest, least_claimed, most_claimed;

-- name: sums
-- Claims that their parts cannot come to, or do not unless some of them say more or less than is known.
    SELECT coalesce(least_told > most_claimed, false) OR coalesce(most_told < least_claimed, false) AS certain,
        earliest AS valid_from, latest + INTERVAL 1 MICROSECOND AS valid_to, positions
    FROM claim
    WHERE certain OR coalesce(least_face > most_claimed, false) OR most_face < least_claimed;

-- name: figures
-- Figures that cannot all be right, since one says at least more than another at most; sure if they are of one time.
    SELECT bool_and(one_time) AS certain,
        min(earliest) AS valid_from, max(latest) + INTERVAL 1 MICROSECOND AS valid_to,
        list(position ORDER BY position) AS positions
    FROM said
    WHERE begun AND face IS NOT NULL
    GROUP BY key
    HAVING max(least_said) > min(most_said);

-- name: opposed
-- Records that stand, each with what names its mark to contest it.
    SELECT false AS certain,
        least(log.earliest, said.earliest) AS valid_from,
        greatest(log.latest, said.latest) + INTERVAL 1 MICROSECOND AS valid_to,
        [log.position, said.position] AS positions
    FROM said JOIN log ON log.ref = said.mark
    WHERE said.begun AND CASE WHEN $early THEN log.earliest ELSE log.latest END <= $point::TIMESTAMP
        AND log.known_at <= $known AND log.position <= $upto AND log.credence <> 'denied'
        AND log.type IS NOT NULL AND log.position NOT IN (FROM gone) AND :about;

-- name: denied
-- For each denial, the last record that may say what it denies; surely if both say the very same.
    SELECT bool_or(sure) AS certain, arg_max(former, former + (sure::BIGINT << 48)) AS former, latter
    FROM (
        SELECT one.position AS former, other.position AS latter,
            (one.earliest, one.latest) = (other.earliest, other.latest) AND :same AS sure
        FROM said AS one JOIN said AS other ON one.key = other.key AND NOT one.denied AND other.denied
        WHERE one.begun AND other.begun
            AND one.earliest <= other.latest AND other.earliest <= one.latest AND :alike
    )
    GROUP BY latter;

-- name: alike
-- For each record after a position, the last one before it that may tell the same event; one that differs in no figure
-- rather than another. Those of single days are brought together by day, of which one entity may have very many.
    SELECT arg_max(former, place) AS former, latter, arg_max(differing, place) AS differing
    FROM (
        SELECT *, former + ((len(differing) = 0)::BIGINT << 48) AS place FROM (
            SELECT one.position AS former, other.position AS latter, :differing AS differing
            FROM brief AS one JOIN brief AS other
                ON one.key = other.key AND one.day = other.day AND one.position < other.position
            WHERE other.position > $since
                AND one.earliest <= other.latest AND other.earliest <= one.latest AND :alike
            UNION ALL
            SELECT one.position, other.position, :differing
            FROM long AS one JOIN said AS other ON one.key = other.key AND one.position < other.position
            WHERE other.begun AND other.position > $since
                AND one.earliest <= other.latest AND other.earliest <= one.latest AND :alike
            UNION ALL
            SELECT one.position, other.position, :differing
            FROM brief AS one JOIN long AS other ON one.key = other.key AND one.position < other.position
            WHERE other.position > $since
                AND one.earliest <= other.latest AND other.earliest <= one.latest AND :alike
        )
    )
    GROUP BY latter;

-- name: brief
-- The events of a single day.
    SELECT *, earliest::DATE AS day FROM said WHERE begun AND earliest::DATE = latest::DATE;

-- name: long
-- The events that may have happened on more than one.
    SELECT * FROM said WHERE begun AND earliest::DATE <> latest::DATE;

-- name: lookalikes
-- Two records, over the time of both, with the figures that differ.
    SELECT false AS certain,
        least(one.earliest, other.earliest) AS valid_from,
        greatest(one.latest, other.latest) + INTERVAL 1 MICROSECOND AS valid_to,
        [one.position, other.position] AS positions,
        differing
    FROM met JOIN place AS one ON one.position = met.former JOIN place AS other ON other.position = met.latter;

-- name: denials
-- The event types of which anything is denied.
SELECT DISTINCT type FROM log WHERE credence = 'denied' AND type IS NOT NULL;

-- name: rereading
-- The records whose ids are read as others.
    SELECT position FROM rereads
    WHERE known_from <= $known AND $known < known_to AND position_from <= $upto AND $upto < position_to;

-- name: refed
-- What events contribute to states with ids read as others.
    SELECT * FROM refeeds
    WHERE known_from <= $known AND $known < known_to AND position_from <= $upto AND $upto < position_to;

-- name: entering
-- What enters the fields of a state that an order decides. Values are compared by hashes of 64 bits, which are quicker to
-- sort and to carry than texts.
    SELECT s AS place, f AS field, given.place AS position, origin, earliest, latest, closes,
        CASE WHEN value IS NOT NULL THEN hash(value) END AS value,
        CASE WHEN names IS NOT NULL THEN hash(names) END AS names
    FROM (:contributed) AS given
    WHERE f IN (:fields) AND known_at <= $known AND given.place <= $upto AND given.place NOT IN (FROM gone);

-- name: order
-- Neighbours in the order of replay that may have come the other way round, and would then give another value.
-- Only slots that hold a date of more than a day can have any.
    SELECT DISTINCT false AS certain,
        least(earliest, before_earliest) AS valid_from,
        latest + INTERVAL 1 MICROSECOND AS valid_to,
        [before, position] AS positions
    FROM (
        SELECT field, position, earliest, latest, closes, value, names,
            lag(position) OVER replay AS before,
            lag(earliest) OVER replay AS before_earliest,
            lag(latest) OVER replay AS before_latest,
            lag(closes) OVER replay AS before_closes,
            lag(value) OVER replay AS before_value,
            lag(names) OVER replay AS before_names,
            row_number() OVER replay AS turn
        FROM :entering
        WHERE place IN (SELECT place FROM :entering WHERE latest > earliest + INTERVAL 1 DAY)
        WINDOW replay AS (PARTITION BY place ORDER BY latest, origin)
    )
    WHERE before_latest >= earliest
        AND CASE WHEN $early THEN greatest(before_earliest, earliest) ELSE greatest(before_latest, latest) END <= $point::TIMESTAMP
        AND (before_earliest::DATE, before_latest::DATE) <> (earliest::DATE, latest::DATE)
        AND (field NOT IN (:first_fields) OR turn = 2)
        AND CASE
            WHEN field NOT IN (:held_fields) OR NOT (closes OR before_closes) THEN value IS DISTINCT FROM before_value
            WHEN closes AND before_closes THEN false
            ELSE coalesce(names = before_names, true)
        END;

-- name: upon
-- For each end in a slot, the last start before it in the order of replay, and whether it ends that: it is the first to
-- name its holder, or to name nobody. It finds something to end, too, where it is the first to name a holder since that
-- one began, though another has taken over meanwhile.
    SELECT position, earliest, latest, start, start_earliest, start_latest, ends,
        ends OR coalesce(begun > 0 AND row_number() OVER (PARTITION BY place, names, begun ORDER BY counted_at, origin) = 1, false) AS finds
    FROM (
        SELECT *, matches AND row_number() OVER (PARTITION BY place, turn, matches ORDER BY counted_at, origin) = 1 AS ends
        FROM (
            SELECT *, turn > 0 AND (names IS NULL OR coalesce(names = start_names, false)) AS matches FROM (
                SELECT *,
                    first_value(position) OVER own AS start,
                    first_value(earliest) OVER own AS start_earliest,
                    first_value(latest) OVER own AS start_latest,
                    first_value(names) OVER own AS start_names
                FROM (
                    SELECT *,
                        count(*) FILTER (NOT closes) OVER (replay ROWS UNBOUNDED PRECEDING) AS turn,
                        CASE WHEN names IS NOT NULL THEN
                            count(*) FILTER (NOT closes) OVER (PARTITION BY place, names ORDER BY counted_at, origin ROWS UNBOUNDED PRECEDING)
                        END AS begun
                    FROM (
                        SELECT *, CASE WHEN $early THEN earliest ELSE latest END AS counted_at FROM :entering
                        WHERE field IN (:held_fields) AND place IN (SELECT place FROM :entering WHERE closes)
                    )
                    WHERE counted_at <= $point::TIMESTAMP
                    WINDOW replay AS (PARTITION BY place ORDER BY counted_at, origin)
                )
                WINDOW own AS (PARTITION BY place, turn ORDER BY counted_at, origin)
            )
        )
        WHERE closes
    );

-- name: same span
-- Ends that end what began with the very same span, and may be those of what came before it.
    SELECT DISTINCT false AS certain, earliest AS valid_from, latest + INTERVAL 1 MICROSECOND AS valid_to,
        [start, position] AS positions
    FROM :upon
    WHERE ends AND earliest = start_earliest AND latest = start_latest;

-- name: idle
-- Ends that find nothing to end in any slot of any state.
    SELECT false AS certain, min(earliest) AS valid_from, max(latest) + INTERVAL 1 MICROSECOND AS valid_to,
        [position] AS positions
    FROM (:every)
    GROUP BY position
    HAVING NOT bool_or(finds);

-- name: touched
-- What new records, and those of the same chains, are about: their types and entities.
SELECT DISTINCT type, entities FROM log
WHERE type IS NOT NULL AND origin IN (SELECT origin FROM log WHERE position > $1 AND kind <> 'attestation');

-- name: origins
-- The origins of some records.
SELECT position, origin FROM log WHERE position IN (SELECT unnest($1::BIGINT[]));
