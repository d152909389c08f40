-- name: found
-- What in a file stands in for something that SQL means by its name: the kind of thing, its schema, its name, and what
-- is meant. Here nothing but comparisons is taken for granted, and functions are called by their full names.
WITH functions AS MATERIALIZED (
    SELECT schema_name, function_name, function_type, internal FROM system.main.duckdb_functions()
),
types AS MATERIALIZED (SELECT schema_name, type_name, internal FROM system.main.duckdb_types())
SELECT
    CASE function_type WHEN 'table_macro' THEN 'macro table' ELSE 'macro' END AS kind,
    schema_name AS place,
    function_name AS name,
    'a function of DuckDB' AS meant
FROM functions
WHERE NOT internal AND schema_name = 'main' AND function_name NOT IN (:macros)
    AND system.main.lower(function_name) IN (SELECT system.main.lower(function_name) FROM functions WHERE internal)
UNION ALL
SELECT 'type', schema_name, type_name, 'a type of DuckDB' FROM types
WHERE NOT internal AND schema_name = 'main'
    AND system.main.lower(type_name) IN (SELECT system.main.lower(type_name) FROM types WHERE internal)
UNION ALL
SELECT 'view', schema_name, view_name, 'a table of a timeline' FROM system.main.duckdb_views()
WHERE NOT internal AND NOT temporary
    AND (schema_name IN ('said', 'spans') OR (schema_name = 'main' AND system.main.lower(view_name) IN (:tables)))
UNION ALL
SELECT 'table', schema_name, table_name, 'a view of a timeline' FROM system.main.duckdb_tables()
WHERE NOT internal AND NOT temporary AND schema_name = 'main' AND system.main.lower(table_name) IN (:views)
UNION ALL
SELECT 'trigger', schema_name, trigger_name, 'what a timeline writes' FROM system.main.duckdb_triggers()
UNION ALL
SELECT 'schema', schema_name, schema_name, 'a part of DuckDB' FROM system.main.duckdb_schemas()
WHERE NOT internal AND system.main.lower(schema_name) IN ('temp', 'system')
ORDER BY ALL;
