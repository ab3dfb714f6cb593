-- Root keys seen by this database: never the key, only a value that tells the right one from a wrong one.
CREATE TABLE llm_admin.root_keys (
  root_id pg_catalog.int4 PRIMARY KEY CHECK (root_id > 0),
  check_value pg_catalog.text NOT NULL,
  is_active pg_catalog.bool NOT NULL DEFAULT false,
  first_used_at pg_catalog.timestamptz NOT NULL DEFAULT pg_catalog.now()
);
CREATE UNIQUE INDEX root_keys_one_active ON llm_admin.root_keys (is_active) WHERE is_active;

-- Data keys, each wrapped by a root key; tenant_id is null for the installation's own. No foreign key to root_keys:
-- pg_restore -j fills tables in any order, and those of an extension have their constraints before their rows.
CREATE TABLE llm_admin.data_keys (
  key_id pg_catalog.uuid PRIMARY KEY,
  tenant_id pg_catalog.text COLLATE pg_catalog."C",
  version pg_catalog.int4 NOT NULL CHECK (version > 0),
  root_id pg_catalog.int4 NOT NULL,
  wrapped_key pg_catalog.bytea NOT NULL,
  check_value pg_catalog.text NOT NULL,
  first_use_block pg_catalog.int8 NOT NULL,
  created_at pg_catalog.timestamptz NOT NULL DEFAULT pg_catalog.now(),
  uses pg_catalog.int8 NOT NULL DEFAULT 0
);
-- Together these hold one row a tenant and version, the installation included (its tenant is null).
CREATE UNIQUE INDEX data_keys_tenant_version ON llm_admin.data_keys (tenant_id, version) WHERE tenant_id IS NOT NULL;
CREATE UNIQUE INDEX data_keys_installation_version ON llm_admin.data_keys (version) WHERE tenant_id IS NULL;

-- Until 0.3 it counted the uses of all data keys at once; what it stood at still counts for the keys of that time.
CREATE SEQUENCE llm_admin.key_use_blocks AS pg_catalog.int8;

SELECT pg_catalog.pg_extension_config_dump('llm_admin.root_keys', '');
SELECT pg_catalog.pg_extension_config_dump('llm_admin.data_keys', '');
SELECT pg_catalog.pg_extension_config_dump('llm_admin.key_use_blocks', '');
