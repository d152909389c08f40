-- name: unseen
-- What a filter does not let through: by itself, or judged with all that was said of it.
    SELECT position FROM left_out WHERE position NOT IN (SELECT unnest($apart::BIGINT[]))
    UNION ALL
    SELECT unnest($dropped::BIGINT[]);

-- name: gone
-- The same, and what does not stand where it is looked from.
    SELECT position FROM hidden
    WHERE known_from <= $known AND $known < known_to AND position_from <= $upto AND $upto < position_to
        AND position NOT IN (SELECT unnest($apart::BIGINT[]))
    UNION ALL
    FROM unseen
    UNION ALL
    SELECT unnest($fallen::BIGINT[]);
