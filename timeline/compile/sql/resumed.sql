-- name: timed
-- What enters slots whose starts come back, each with the instant at which its term has run out.
    SELECT *, CASE WHEN until_latest < 'infinity' THEN until_latest + INTERVAL 1 MICROSECOND ELSE 'infinity' END AS spent
    FROM :rows
    WHERE f IN (:resumed_fields);

-- name: moves
-- What moves each of those slots, in order: terms that run out, starts and ends.
    SELECT s, list({
        'number': number, 'instant': instant, 'sort': sort, 'names': names, 'lives': bound < spent
    } ORDER BY instant, sort <> 'term', number) AS moves
    FROM (
        SELECT *, bound AS instant, CASE WHEN closes THEN 'end' ELSE 'start' END AS sort FROM timed
        UNION ALL
        SELECT *, spent AS instant, 'term' AS sort FROM timed WHERE NOT closes AND bound < spent AND spent < 'infinity'
    )
    GROUP BY s;

-- name: outcome
-- What each of some moves comes to: which event decides the slot from then on, whether it is held, what made it so, and
-- the last event that changed anything. Starts are open until an end names them, or names nothing while they are the
-- newest, or their term runs out; where none is left, the end decides, or the start that was held last.
list_reduce(
        :moves,
        lambda state, step: list_transform(
            [CASE step.sort
                WHEN 'start' THEN 0
                WHEN 'term' THEN list_position([one.number FOR one IN state.open], step.number)
                ELSE CASE
                    WHEN step.names IS NULL THEN len(state.open)
                    ELSE list_max([spot FOR one, spot IN state.open IF one.names = step.names])
                END
            END],
            lambda gone: list_transform(
                [list_concat(
                    [one FOR one, other IN state.open IF other <> coalesce(gone, 0)],
                    [{'number': one.number, 'names': one.names} FOR one IN [step] IF one.sort = 'start' AND one.lives]
                )],
                lambda still: list_transform(
                    [CASE
                        WHEN len(still) > 0 THEN {'number': still[-1].number, 'names': still[-1].names, 'opens': true}
                        WHEN step.sort = 'start' THEN {'number': step.number, 'names': step.names, 'opens': true}
                        WHEN step.sort = 'end' AND (
                            gone > 0 OR state.last.opens AND (step.names IS NULL OR step.names = state.last.names)
                        ) THEN {'number': step.number, 'names': NULL, 'opens': false}
                        ELSE state.last
                    END],
                    lambda last: {
                        'open': still,
                        'last': last,
                        'told': list_append(state.told, {
                            'number': last.number,
                            'held': len(still) > 0,
                            'turned': CASE
                                WHEN last.number = state.last.number THEN state.told[-1].turned
                                ELSE step.number
                            END,
                            'settled': CASE
                                WHEN step.sort <> 'term' AND (
                                    gone > 0 OR len(still) > len(state.open) OR last.number <> state.last.number
                                ) THEN step.number
                                ELSE state.told[-1].settled
                            END
                        })
                    }
                )[1]
            )[1]
        )[1],
        {
            'open': []::STRUCT(number BIGINT, names VARCHAR)[],
            'last': {'number': 0::BIGINT, 'names': NULL::VARCHAR, 'opens': false},
            'told': []::STRUCT(number BIGINT, held BOOLEAN, turned BIGINT, settled BIGINT)[]
        }
    ).told;

-- name: played
-- The moves with what each comes to.
    SELECT s, moves, :told AS told FROM moves;

-- name: turns
-- From when to when an event decides such a slot, and what made it so.
    SELECT s, number, turned, since, coalesce(lead(since) OVER ordered, 'infinity') AS upto
    FROM (
        SELECT *, lag(number) OVER ordered AS before
        FROM (
            SELECT s, each.*
            FROM (
                SELECT s, unnest([{
                    'turn': turn,
                    'number': told[turn].number,
                    'turned': told[turn].turned,
                    'since': moves[turn].instant,
                    'following': moves[turn + 1].instant
                } FOR turn IN range(1, len(moves) + 1)]) AS each
                FROM played
            )
        )
        WHERE number > 0 AND (since < following OR following IS NULL)
        WINDOW ordered AS (PARTITION BY s ORDER BY turn)
    )
    WHERE number IS DISTINCT FROM before
    WINDOW ordered AS (PARTITION BY s ORDER BY turn);

-- name: resumed
-- What enters those slots with the instant up to which each decides its slot for the first time.
    SELECT :as_fed, bound, number, NULL AS total, NULL:::funds AS funds,
        coalesce(turns.upto, '-infinity') AS upto, false AS idle
    FROM ranked LEFT JOIN (SELECT s, number, upto FROM turns WHERE number = turned) AS turns USING (s, number)
    WHERE f IN (:fields);

-- name: returned
-- What comes back in those slots, from when to when, and the record that made it so.
    SELECT started.k, started.f, started.s, started.slot, started.place, started.until_latest, started.value,
        turning.place AS turned_by, turns.since, turns.upto
    FROM turns
    JOIN timed AS started ON started.s = turns.s AND started.number = turns.number
    JOIN timed AS turning ON turning.s = turns.s AND turning.number = turns.turned
    WHERE turns.number <> turns.turned;

-- name: doubtful
-- What may have come in another order in those slots, and would then give another value; from when to when.
    SELECT DISTINCT k, f, s, place, since, until
    FROM (
        SELECT other.*, held.value AS value, instead.value AS other_value
        FROM otherwise AS other
        LEFT JOIN hazy AS held ON held.s = other.s AND held.number = other.held
        LEFT JOIN hazy AS instead ON instead.s = other.s AND instead.number = other.instead
    )
    WHERE value IS DISTINCT FROM other_value;

-- name: rivals
-- What may have come after an event that it is taken before, as the move that it would be then.
    SELECT one.k, one.f, one.s, other.place, one.number AS decisive, other.number AS rival, {
            'number': other.number,
            'instant': one.bound,
            'sort': CASE WHEN other.closes THEN 'end' ELSE 'start' END,
            'names': other.names,
            'lives': one.bound < other.spent
        } AS afterwards
    FROM hazy AS one JOIN hazy AS other USING (s)
    WHERE one.f IN (:resumed_fields) AND other.number < one.number AND other.latest >= one.earliest
        AND (one.earliest <> other.earliest OR one.latest <> other.latest);

-- name: otherwise
-- What each move since then comes to, and what it would come to; as long as that event set the slot last, or is held.
    SELECT k, f, s, place, each.*
    FROM (
        SELECT k, f, s, place, decisive, unnest([{
            'since': moves[one].instant,
            'until': coalesce(moves[one + 1].instant, 'infinity'),
            'decisive': [told[one].number, told[one].settled],
            'held': CASE WHEN told[one].held THEN told[one].number END,
            'instead': CASE
                WHEN retold[len(retold) - len(moves) + one].held THEN retold[len(retold) - len(moves) + one].number
            END
        } FOR one IN range(turn, len(moves) + 1)]) AS each
        FROM (
            SELECT *, :retold AS retold
            FROM (
                SELECT *, list_concat(
                    [one FOR one IN list_slice(moves, 1, turn) IF one.number <> rival], [afterwards],
                    list_slice(moves, turn + 1, len(moves))
                ) AS anew
                FROM (
                    SELECT *,
                        list_position([CASE WHEN one.sort <> 'term' THEN one.number END FOR one IN moves], decisive) AS turn
                    FROM rivals JOIN played USING (s)
                )
            )
        )
    )
    WHERE each.since < each.until AND list_contains(each.decisive, decisive);

-- name: back
-- What comes back, in the columns of spans.
    SELECT k, f, s, slot, place, since AS earliest, since AS latest, false AS closes, until_latest, value, upto,
        false AS idle, since AS bound, turned_by
    FROM :returned;

-- name: both
-- What comes back in the slots that are not folded anew, and in those that are.
(
        FROM :returns WHERE s NOT IN (SELECT touched.s FROM touched)
        UNION ALL
        FROM returned
    );

-- name: make
-- Make what comes back in the slots that are made anew.
DELETE FROM :returns WHERE s IN (FROM temp.touched);
INSERT INTO :returns BY NAME FROM (:returned) ORDER BY ALL;
