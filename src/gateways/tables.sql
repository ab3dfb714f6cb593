-- What changed in the configuration, in the order of commits: who has seen a version misses none below it. A row tells that
-- a row of a table changed; what it is now is read there. A bounded number is kept (store/config_log.hpp). Not marked for
-- dumps: a restored database has a history of its own.
CREATE TABLE llm_admin.config_changes (
  number pg_catalog.int8 NOT NULL,   -- how many there were
  version pg_catalog.int8 NOT NULL,  -- of the commit: microseconds since 1970
  kind pg_catalog.text COLLATE pg_catalog."C" NOT NULL,
  id pg_catalog.text COLLATE pg_catalog."C" NOT NULL,
  tenant_id pg_catalog.text COLLATE pg_catalog."C" NOT NULL DEFAULT '',
  op pg_catalog.text COLLATE pg_catalog."C" NOT NULL,
  at pg_catalog.timestamptz NOT NULL DEFAULT pg_catalog.now(),
  CONSTRAINT config_changes_pkey PRIMARY KEY (number),
  CONSTRAINT config_changes_op_check CHECK (op IN ('put', 'delete', 'reset'))
);
CREATE INDEX config_changes_version ON llm_admin.config_changes (version);
ALTER TABLE llm_admin.config_changes ENABLE ROW LEVEL SECURITY;

SELECT pg_catalog.pg_extension_config_dump('llm_admin.config_changes', 'WHERE false');
