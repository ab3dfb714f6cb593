-- Who changed what, by month. The first nine columns are the seed's. Nobody has INSERT: rows are written by
-- store/audit alone, as the owner. `leaf` is what a later block vouches for (core/audit/leaf.hpp); `commitment` ties the
-- payload to it, and stays when the payload is erased. `xid` is for whoever looks: it is not in the leaf.
-- No index but these may be added, and no CHECK: the server would make it ready anew for each row.
CREATE TABLE llm_admin.audit_log (
  id pg_catalog.int8 NOT NULL,
  "timestamp" pg_catalog.timestamptz NOT NULL,
  user_id pg_catalog.text COLLATE pg_catalog."C" NOT NULL,
  action_type pg_catalog.text COLLATE pg_catalog."C" NOT NULL,
  resource_type pg_catalog.text COLLATE pg_catalog."C" NOT NULL,
  resource_id pg_catalog.text COLLATE pg_catalog."C" NOT NULL DEFAULT '',
  details pg_catalog.jsonb NOT NULL DEFAULT '{}',
  ip_address pg_catalog.inet,
  user_agent pg_catalog.text,
  tenant_id pg_catalog.text COLLATE pg_catalog."C" NOT NULL DEFAULT '',
  session_user_name pg_catalog.text COLLATE pg_catalog."C" NOT NULL,
  xid pg_catalog.xid8 NOT NULL,
  commitment pg_catalog.bytea,
  leaf pg_catalog.bytea NOT NULL,
  CONSTRAINT audit_log_pkey PRIMARY KEY (id, "timestamp")  -- the frontier reads by id
) PARTITION BY RANGE ("timestamp");
CREATE SEQUENCE llm_admin.audit_log_id_seq AS pg_catalog.int8 CACHE 1 OWNED BY llm_admin.audit_log.id;
CREATE INDEX idx_audit_user ON llm_admin.audit_log (user_id);
CREATE INDEX idx_audit_resource ON llm_admin.audit_log (resource_type, resource_id);
CREATE INDEX idx_audit_timestamp ON llm_admin.audit_log ("timestamp");
CREATE INDEX idx_audit_action ON llm_admin.audit_log (action_type);
-- Months are made by maintain_partitions(), beside this one, which takes what has none.
CREATE TABLE llm_admin.audit_log_default PARTITION OF llm_admin.audit_log DEFAULT;
ALTER TABLE llm_admin.audit_log ENABLE ROW LEVEL SECURITY;

-- The columns that changed, before and after. Apart from the log, so that a payload can be erased and the log still
-- holds: the salt goes with it, and nothing can be guessed from the commitment.
CREATE TABLE llm_admin.audit_payloads (
  audit_id pg_catalog.int8 NOT NULL,
  audit_time pg_catalog.timestamptz NOT NULL,
  salt pg_catalog.bytea NOT NULL,
  old pg_catalog.jsonb,
  new pg_catalog.jsonb,
  CONSTRAINT audit_payloads_pkey PRIMARY KEY (audit_time, audit_id)
) PARTITION BY RANGE (audit_time);
CREATE TABLE llm_admin.audit_payloads_default PARTITION OF llm_admin.audit_payloads DEFAULT;
ALTER TABLE llm_admin.audit_payloads ENABLE ROW LEVEL SECURITY;

-- What vouches for rows of llm_provider_config_history, which keeps its own books: an id among those of the log, and the
-- leaf. Beside it, since provider_history() returns that table's rows. Rows of before 0.6 have none.
CREATE TABLE llm_admin.provider_history_leaves (
  history_id pg_catalog.uuid NOT NULL,
  audit_id pg_catalog.int8 NOT NULL,
  leaf pg_catalog.bytea NOT NULL,
  CONSTRAINT provider_history_leaves_pkey PRIMARY KEY (audit_id)
);

-- A dump takes the rows of all months through the default partition, and a restore puts them back there.
SELECT pg_catalog.pg_extension_config_dump('llm_admin.audit_log_default', $$WHERE false UNION ALL SELECT
id, "timestamp", user_id, action_type, resource_type, resource_id, details, ip_address, user_agent, tenant_id,
session_user_name, xid, commitment, leaf
FROM llm_admin.audit_log$$);
SELECT pg_catalog.pg_extension_config_dump('llm_admin.audit_log_id_seq', '');
SELECT pg_catalog.pg_extension_config_dump('llm_admin.audit_payloads_default', $$WHERE false UNION ALL SELECT
audit_id, audit_time, salt, old, new
FROM llm_admin.audit_payloads$$);
SELECT pg_catalog.pg_extension_config_dump('llm_admin.provider_history_leaves', '');
