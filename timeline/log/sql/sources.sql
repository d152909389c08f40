-- name: relied on
-- What the records cite that stand, have happened by the point, are not denied, and that nobody attests; and how many each.
SELECT log.sources, count(*) FROM log
WHERE log.position <= $upto AND log.known_at <= $known AND log.credence <> 'denied'
    AND CASE WHEN $early THEN log.earliest ELSE log.latest END <= $point::TIMESTAMP
    AND log.position NOT IN (SELECT position FROM gone)
    AND log.position NOT IN (
        SELECT said.target FROM log AS said WHERE said.kind = 'attestation' AND said.position <= $upto
    )
GROUP BY log.sources;

-- name: attested
-- Where somebody attests what a record says.
SELECT DISTINCT said.target FROM log AS said WHERE said.kind = 'attestation' AND said.position <= $upto;
