-- Keys of callers. The id is key_id in usage and the subject of a limit of scope key, and outlives each token: what is
-- stored of a token is the SHA-256 of its text, which is as good as the token where it is taken.
CREATE TABLE llm_admin.access_keys (
  id pg_catalog.uuid NOT NULL DEFAULT pg_catalog.gen_random_uuid(),
  key_hash pg_catalog.bytea NOT NULL,
  previous_hash pg_catalog.bytea,  -- of the token before the last rotation
  previous_until pg_catalog.timestamptz,
  prefix pg_catalog.text COLLATE pg_catalog."C" NOT NULL DEFAULT '',
  name pg_catalog.text COLLATE pg_catalog."C" NOT NULL,
  tenant_id pg_catalog.text COLLATE pg_catalog."C" NOT NULL DEFAULT '',
  team_id pg_catalog.text COLLATE pg_catalog."C" NOT NULL DEFAULT '',
  user_id pg_catalog.text COLLATE pg_catalog."C" NOT NULL DEFAULT '',
  tier_code pg_catalog.varchar(50) COLLATE pg_catalog."C",
  allow pg_catalog.text[] NOT NULL DEFAULT '{}',
  deny pg_catalog.text[] NOT NULL DEFAULT '{}',
  tags pg_catalog.jsonb NOT NULL DEFAULT '{}',
  expires_at pg_catalog.timestamptz,
  revoke_at pg_catalog.timestamptz,
  blocked pg_catalog.bool NOT NULL DEFAULT false,
  created_at pg_catalog.timestamptz NOT NULL DEFAULT pg_catalog.now(),
  created_by pg_catalog.text,
  last_used_day pg_catalog.date,  -- in UTC
  CONSTRAINT access_keys_pkey PRIMARY KEY (id),
  CONSTRAINT access_keys_key_hash_key UNIQUE (key_hash),
  CONSTRAINT access_keys_previous_hash_key UNIQUE (previous_hash),
  CONSTRAINT access_keys_key_hash_check CHECK (pg_catalog.octet_length(key_hash) OPERATOR(pg_catalog.=) 32),
  CONSTRAINT access_keys_previous_hash_check CHECK (
    pg_catalog.octet_length(previous_hash) OPERATOR(pg_catalog.=) 32
    AND previous_hash OPERATOR(pg_catalog.<>) key_hash),
  CONSTRAINT access_keys_prefix_check CHECK (pg_catalog.octet_length(prefix) OPERATOR(pg_catalog.<=) 11),
  CONSTRAINT access_keys_name_check CHECK (
    name OPERATOR(pg_catalog.<>) '' AND pg_catalog.octet_length(name) OPERATOR(pg_catalog.<=) 255),
  CONSTRAINT access_keys_tier_code_check
    CHECK (tier_code::pg_catalog.text OPERATOR(pg_catalog.~) '^[a-z0-9_-]+$'),
  CONSTRAINT access_keys_allow_check
    CHECK (pg_catalog.array_position(allow, NULL::pg_catalog.text) IS NULL
           AND pg_catalog.cardinality(allow) OPERATOR(pg_catalog.<=) 1000),
  CONSTRAINT access_keys_deny_check
    CHECK (pg_catalog.array_position(deny, NULL::pg_catalog.text) IS NULL
           AND pg_catalog.cardinality(deny) OPERATOR(pg_catalog.<=) 1000),
  CONSTRAINT access_keys_tags_check CHECK (pg_catalog.jsonb_typeof(tags) OPERATOR(pg_catalog.=) 'object')
);
-- What the planner keeps of values could be read there.
ALTER TABLE llm_admin.access_keys ALTER COLUMN key_hash SET STATISTICS 0;
ALTER TABLE llm_admin.access_keys ALTER COLUMN previous_hash SET STATISTICS 0;
ALTER TABLE llm_admin.access_keys ENABLE ROW LEVEL SECURITY;
CREATE INDEX idx_access_keys_tenant ON llm_admin.access_keys (tenant_id, user_id);

SELECT pg_catalog.pg_extension_config_dump('llm_admin.access_keys', '');
