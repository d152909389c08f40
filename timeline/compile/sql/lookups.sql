-- name: foldings
-- What single characters are folded to, and which are letters, digits or marks of them.
CREATE OR REPLACE TABLE foldings AS
SELECT
    unnest(string_split($1, chr(31))) AS mark,
    unnest(string_split($2, chr(31))) AS plain,
    unnest(string_split($3, chr(31))) AS caseless;

-- name: letters
-- Runs of characters that a name is compared by.
CREATE OR REPLACE TABLE letters AS
SELECT unnest(string_split($1, chr(31))) AS first, unnest(string_split($2, chr(31))) AS last;

-- name: macros
-- Whom a name means, and which events stand at a point.
CREATE OR REPLACE MACRO timeline_spaced(given) AS
    regexp_replace(given, '[\s\x0b\x1c-\x1f\x{85}\p{Z}]+', ' ', 'g');

CREATE OR REPLACE MACRO timeline_plain(given) AS nfc_normalize((
    SELECT coalesce(string_agg(coalesce(foldings.plain, one.mark), '' ORDER BY one.place), '')
    FROM (
        SELECT unnest(regexp_extract_all(given, '(?s).')) AS mark, unnest(range(length(given))) AS place
    ) AS one
    LEFT JOIN foldings USING (mark)
));

CREATE OR REPLACE MACRO timeline_caseless(given) AS (
    SELECT coalesce(string_agg(coalesce(foldings.caseless, one.mark), '' ORDER BY one.place), '')
    FROM (
        SELECT unnest(regexp_extract_all(given, '(?s).')) AS mark, unnest(range(length(given))) AS place
    ) AS one
    LEFT JOIN foldings USING (mark)
);

CREATE OR REPLACE MACRO timeline_kept(given) AS (
    SELECT coalesce(string_agg(
        CASE
            WHEN one.mark IN ('+', '#') THEN one.mark
            WHEN EXISTS (FROM letters WHERE letters.first <= one.mark AND one.mark <= letters.last) THEN one.mark
            ELSE ' '
        END, '' ORDER BY one.place
    ), '')
    FROM (
        SELECT unnest(regexp_extract_all(given, '(?s).')) AS mark, unnest(range(length(given))) AS place
    ) AS one
);

CREATE OR REPLACE MACRO timeline_words(given) AS nfc_normalize(replace(
    regexp_replace(
        regexp_replace(timeline_kept(given), '(^| )[+#]+', '\1', 'g'), '[+#]+([^ +#])', '\1', 'g'
    ), ' ', ''
));

CREATE OR REPLACE MACRO timeline_folded(given) AS (
    SELECT CASE
        WHEN length(words) > 1 THEN words
        WHEN length(unstopped) > 0 THEN unstopped
        ELSE replace(spaced, ' ', '')
    END
    FROM (
        SELECT
            timeline_words(whole) AS words,
            regexp_replace(timeline_spaced(whole), '[ .,:;''"‘’“”()\[\]_–—-]+', '', 'g') AS unstopped,
            timeline_spaced(whole) AS spaced
        FROM (SELECT timeline_caseless(timeline_plain(given)) AS whole)
    )
);

CREATE OR REPLACE MACRO entity(given) AS (
    WITH wanted AS (
        SELECT name, timeline_folded(name) AS folded
        FROM (SELECT nfc_normalize(trim(timeline_spaced(given))) AS name)
    ),
    called AS (
        SELECT entity, name, folded FROM entity_names
        WHERE NOT EXISTS (
            FROM superseded WHERE entity_names.naming AND superseded.position = entity_names.position
        )
    ),
    itself AS (SELECT count(*) > 0 AS found FROM entities, wanted WHERE entities.id = wanted.name),
    fits AS (
        SELECT
            coalesce(list_sort(list(DISTINCT called.entity)), []) AS ids,
            list(DISTINCT coalesce(same.read_as, called.entity)) AS meant
        FROM wanted, called LEFT JOIN (SELECT entity, read_as FROM sameness WHERE read_as IS NOT NULL) AS same USING (entity)
        WHERE called.folded = wanted.folded
    ),
    nearest AS (
        SELECT entity, arg_max(name, likeness) AS name, max(likeness) AS likeness
        FROM (
            SELECT called.entity, called.name, jaro_winkler_similarity(called.folded, wanted.folded) AS likeness
            FROM called, wanted, fits, itself WHERE len(fits.ids) = 0 AND NOT itself.found
        )
        WHERE likeness >= 0.7
        GROUP BY entity
        ORDER BY max(likeness) DESC, entity
        LIMIT 3
    ),
    near AS (SELECT string_agg(name || ' (' || entity || ')', ', ' ORDER BY likeness DESC, entity) AS names FROM nearest)
    SELECT CASE
        WHEN wanted.name IS NULL THEN NULL
        WHEN regexp_matches(translate(wanted.name, chr(8204) || chr(8205), ''), '[\p{Cc}\p{Cf}]')
            THEN error('''' || wanted.name || ''' holds an invisible character')
        WHEN itself.found THEN wanted.name
        WHEN len(fits.ids) = 1 THEN fits.ids[1]
        WHEN len(fits.meant) = 1 THEN fits.meant[1]
        WHEN len(fits.ids) > 1 THEN error('''' || wanted.name || ''' fits ' || array_to_string(fits.ids, ' and ') || '; say which by its id')
        WHEN near.names IS NULL THEN error('no entity ''' || wanted.name || '''; the log names nobody like it')
        ELSE error('no entity ''' || wanted.name || '''; the nearest names are ' || near.names)
    END
    FROM wanted, itself, fits, near
);

CREATE OR REPLACE MACRO records_as_of(valid, known := NULL, dates := 'latest', position := NULL) AS TABLE
WITH ask(point, knowing, upto, early) AS (
    SELECT
        timeline_point(CASE WHEN timeline_dates(dates) IN ('latest', 'earliest') THEN valid END),
        timeline_known(known, valid),
        timeline_position(position),
        timeline_dates(dates) = 'earliest'
)
SELECT records.* EXCLUDE (stands, superseded_by) REPLACE (log.entities AS entities)
FROM ask, records JOIN log ON log.position = records.position
WHERE records.kind IN ('assertion', 'correction')
    AND records.position <= ask.upto
    AND records.known_at <= ask.knowing
    AND CASE WHEN ask.early THEN records.earliest ELSE records.latest END <= ask.point
    AND NOT EXISTS (
        FROM hidden
        WHERE hidden.position = records.position
            AND hidden.known_from <= ask.knowing AND ask.knowing < hidden.known_to
            AND hidden.position_from <= ask.upto AND ask.upto < hidden.position_to
    )
ORDER BY records.position;
