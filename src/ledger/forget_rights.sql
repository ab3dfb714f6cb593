-- What has left is no more among what levels gave: else refresh_access() would believe, once it is back, that it was taken.
UPDATE llm_admin.access_grants AS g SET rights = ARRAY(
  SELECT u.held FROM pg_catalog.unnest(g.rights) WITH ORDINALITY AS u (held, place),
    LATERAL (SELECT pg_catalog.split_part(u.held, ' ', 2) AS whole) o,
    LATERAL (SELECT pg_catalog.split_part(o.whole, '.', 1) AS object, pg_catalog.split_part(o.whole, '.', 2) AS part) p
  WHERE p.object OPERATOR(pg_catalog.=) 'llm_admin'
    OR EXISTS (SELECT FROM pg_catalog.pg_proc f WHERE f.proname::pg_catalog.text OPERATOR(pg_catalog.=) p.object
      AND f.pronamespace OPERATOR(pg_catalog.=) 'llm_admin'::pg_catalog.regnamespace::pg_catalog.oid)
    OR EXISTS (SELECT FROM pg_catalog.pg_class c WHERE c.relname::pg_catalog.text OPERATOR(pg_catalog.=) p.object
      AND c.relnamespace OPERATOR(pg_catalog.=) 'llm_admin'::pg_catalog.regnamespace::pg_catalog.oid
      AND (p.part OPERATOR(pg_catalog.=) '' OR EXISTS (SELECT FROM pg_catalog.pg_attribute a
        WHERE a.attrelid OPERATOR(pg_catalog.=) c.oid AND a.attname::pg_catalog.text OPERATOR(pg_catalog.=) p.part
        AND NOT a.attisdropped)))
  ORDER BY u.place)
WHERE g.rights IS NOT NULL;
