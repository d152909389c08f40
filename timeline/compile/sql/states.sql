-- name: ask
-- What is asked, read once.
    FROM (
        SELECT
            timeline_point(valid),
            timeline_known(known, valid),
            timeline_position("position"),
            timeline_dates(dates) = 'earliest'
    ) AS asked(point, knowing, upto, early);

-- name: entry
-- What stands in view of a state and may have happened by the point; `counted` if it has.
    SELECT
        feed.field, feed.a, feed.b, feed.slot, feed.position AS place, feed.origin, feed.earliest, feed.latest,
        feed.jointly, feed.closes, feed.value, feed.names, feed.until_latest, feed.amount, feed.currency, feed.inexact,
        ask.point,
        CASE WHEN ask.early THEN feed.earliest ELSE feed.latest END AS bound,
        bound <= ask.point AS counted
    FROM feeds AS feed, ask
    WHERE feed.state = :state
        AND feed.earliest <= ask.point
        AND feed.known_at <= ask.knowing
        AND feed.position <= ask.upto
        AND feed.position NOT IN (
            SELECT hidden.position FROM hidden, ask
            WHERE hidden.known_from <= ask.knowing AND ask.knowing < hidden.known_to
                AND hidden.position_from <= ask.upto AND ask.upto < hidden.position_to
        );

-- name: counts
-- The number of events in each slot.
    SELECT a, b, field, slot,
        count(*) FILTER (counted) AS number,
        NULL::VARCHAR AS value, NULL::BIGINT AS decisive, NULL:::type_of_numbers AS amount, NULL:::funds AS funds,
        number > 0 AS present,
        list(place) FILTER (counted) AS because,
        list(place) FILTER (latest > point) AS unsettled
    FROM entry
    WHERE field IN (:fields)
    GROUP BY a, b, field, slot;

-- name: totals
-- The sum of each slot, by currency where it is of money.
    SELECT a, b, field, slot,
        sum(number)::BIGINT AS number, NULL AS value, NULL AS decisive,
        coalesce(sum(wholly + jointly) FILTER (currency IS NULL), 0):::type_of_numbers AS amount,
        {
            'wholly': map_from_entries(list_sort(coalesce(
                list((currency, wholly)) FILTER (currency IS NOT NULL AND number > joint), []
            ))),
            'jointly': map_from_entries(list_sort(coalesce(
                list((currency, jointly)) FILTER (currency IS NOT NULL AND joint > 0), []
            ))),
            'undisclosed': coalesce(sum(undisclosed), 0)::BIGINT,
            'inexact': coalesce(sum(inexact), 0)::BIGINT
        }:::funds AS funds,
        sum(number) > 0 AS present,
        flatten(list(because) FILTER (because IS NOT NULL)) AS because,
        flatten(list(unsettled) FILTER (unsettled IS NOT NULL)) AS unsettled
    FROM (
        SELECT a, b, field, slot, currency,
            count(*) FILTER (counted) AS number,
            count(*) FILTER (counted AND jointly) AS joint,
            count(*) FILTER (counted AND amount IS NULL) AS undisclosed,
            count(*) FILTER (counted AND inexact) AS inexact,
            coalesce(sum(amount) FILTER (counted AND NOT jointly), 0) AS wholly,
            coalesce(sum(amount) FILTER (counted AND jointly), 0) AS jointly,
            list(place) FILTER (counted) AS because,
            list(place) FILTER (latest > point) AS unsettled
        FROM entry
        WHERE field IN (:fields)
        GROUP BY a, b, field, slot, currency
    )
    GROUP BY a, b, field, slot;

-- name: decided
-- What an order decides: the first or last event, or the last start and the first end behind it that closes it.
-- `held_names` is '' where what is held has no name. `rivals` are the events whose order to the deciding one is not certain, and which would change the value.
    SELECT a, b, field, slot,
        NULL AS number,
        CASE WHEN ended.place IS NULL AND coalesce(until_latest, 'infinity') >= point THEN opened END AS value,
        coalesce(ended.place, place) AS decisive,
        NULL AS amount, NULL AS funds,
        decisive IS NOT NULL AND (value IS NOT NULL OR field NOT IN (:held_fields)) AS present,
        CASE WHEN decisive IS NULL THEN [] ELSE [decisive] END AS because,
        list_distinct(list_concat(open, list_transform(list_filter(rivals, lambda rival:
            (rival.earliest <> coalesce(ended.earliest, earliest) OR rival.latest <> coalesce(ended.latest, latest))
            AND CASE WHEN field IN (:first_fields) THEN rival.earliest <= latest
                ELSE rival.latest >= coalesce(ended.earliest, earliest) END
            AND CASE
                WHEN field NOT IN (:held_fields) THEN rival.value
                WHEN NOT rival.closes AND coalesce(rival.until_latest, 'infinity') < point THEN NULL
                WHEN NOT rival.closes THEN rival.value
                WHEN ended.place IS NULL AND (rival.names IS NULL OR rival.names = names) THEN NULL
                ELSE value END IS DISTINCT FROM value
        ), lambda rival: rival.place))) AS unsettled
    FROM (
        SELECT a, b, field, slot, any_value(point) AS point,
            any_value(place) FILTER (opens) AS place,
            any_value(value) FILTER (opens) AS opened,
            any_value(names) FILTER (opens) AS names,
            any_value(earliest) FILTER (opens) AS earliest,
            any_value(latest) FILTER (opens) AS latest,
            any_value(until_latest) FILTER (opens) AS until_latest,
            arg_min({'place': place, 'earliest': earliest, 'latest': latest}, rank)
                FILTER (ends AND (names IS NULL OR names = held_names)) AS ended,
            list({
                'place': place, 'earliest': earliest, 'latest': latest, 'closes': closes,
                'value': value, 'names': names, 'until_latest': until_latest
            }) FILTER (doubtful) AS rivals,
            list(place) FILTER (latest > point) AS open
        FROM (
            SELECT *,
                counted AND NOT closes
                    AND CASE WHEN field IN (:first_fields) THEN rank = 1 ELSE start = starts END AS opens,
                counted AND closes AND starts > 0 AND start = starts AS ends,
                counted AND CASE
                    WHEN field IN (:first_fields) THEN latest_before >= earliest
                    ELSE earliest_behind <= latest
                END AS doubtful
            FROM (
                SELECT *,
                    row_number() OVER ordered AS rank,
                    count(*) FILTER (NOT closes) OVER (ordered ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS start,
                    count(*) FILTER (NOT closes) OVER (PARTITION BY a, b, field, slot, counted) AS starts,
                    last_value(CASE WHEN NOT closes THEN coalesce(names, '') END IGNORE NULLS)
                        OVER (ordered ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS held_names,
                    min(earliest) OVER (ordered ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING) AS earliest_behind,
                    max(latest) OVER (ordered ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS latest_before
                FROM entry
                WHERE field IN (:fields)
                WINDOW ordered AS (PARTITION BY a, b, field, slot, counted ORDER BY bound, origin)
            )
        )
        WHERE opens OR ends OR doubtful OR latest > point OR closes
        GROUP BY a, b, field, slot
    );

-- name: answer
-- All that is told of each key, slots in order.
    SELECT a, b,
        list_sort(list({'field': field, 'slot': slot, 'number': number, 'value': value, 'decisive': decisive})
            FILTER (present AND funds IS NULL)) AS told,
        list_sort(list({'field': field, 'slot': slot, 'amount': amount, 'funds': funds})
            FILTER (present AND funds IS NOT NULL)) AS sums,
        list({'field': field, 'positions': because}) FILTER (len(because) > 0) AS because,
        list({'field': field, 'positions': unsettled}) FILTER (len(unsettled) > 0) AS unsettled
    FROM outcome
    GROUP BY a, b;
