-- name: names of
-- The name that each of some entities was first given up to a position, and where naming events name it.
SELECT entities.id, any_value(entities.name), list(namings.position) FILTER (namings.position IS NOT NULL)
FROM entities
LEFT JOIN (SELECT entity, position FROM entity_names WHERE naming AND position <= $2) AS namings
    ON namings.entity = entities.id
WHERE entities.id IN (SELECT unnest($1::VARCHAR[])) AND entities.first_position <= $2
GROUP BY entities.id;

-- name: fit names
-- What names stood for at a position, as `fit names` of the log. Of the naming events at positions that are given,
-- those count that are given a second time; of others, those that stood.
SELECT entity, name, folded, position, naming
FROM entity_names
WHERE position <= $3
    AND (list_contains($2::VARCHAR[], folded) OR (naming AND list_contains($1::VARCHAR[], entity)))
    AND (NOT naming OR list_contains($5::BIGINT[], position) OR (
        NOT list_contains($4::BIGINT[], position) AND position NOT IN (
            SELECT hidden.position FROM hidden
            WHERE known_to = 'infinity' AND position_from <= $3 AND $3 < position_to
        )
    ))
UNION ALL
SELECT id, name, id, 0, FALSE FROM entities WHERE first_position <= $3 AND list_contains($1::VARCHAR[], id);

-- name: near names
-- For each folded name, at most three entities with a name near it, alike but for what a pattern takes away,
-- nearest first, each under that name; of the
-- names up to a position that stood there, and of others that are given.
SELECT wanted, entity, arg_max(name, likeness) FROM (
    SELECT given.wanted, entity, name, jaro_winkler_similarity(folded, given.wanted) AS likeness
    FROM (
        SELECT entity, name, folded FROM entity_names
        WHERE position <= $4 AND (NOT naming OR list_contains($6::BIGINT[], position) OR (
            NOT list_contains($5::BIGINT[], position) AND position NOT IN (
                SELECT hidden.position FROM hidden
                WHERE known_to = 'infinity' AND position_from <= $4 AND $4 < position_to
            )
        ))
        UNION ALL
        SELECT unnest($7::VARCHAR[]), unnest($8::VARCHAR[]), unnest($9::VARCHAR[])
    ), (SELECT unnest($1::VARCHAR[]) AS wanted, unnest($2::VARCHAR[]) AS besides) AS given
    WHERE entity <> given.besides
        AND regexp_replace(folded, $10, '', 'g') = regexp_replace(given.wanted, $10, '', 'g')
)
WHERE likeness >= $3
GROUP BY wanted, entity
QUALIFY row_number() OVER (PARTITION BY wanted ORDER BY max(likeness) DESC, entity) <= 3
ORDER BY wanted, max(likeness) DESC, entity;
