CREATE FUNCTION llm_admin.encrypt_key(plaintext pg_catalog.text, context pg_catalog.text DEFAULT ''::pg_catalog.text)
  RETURNS pg_catalog.text
  LANGUAGE c VOLATILE STRICT PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'llm_admin_encrypt_key';

CREATE FUNCTION llm_admin.decrypt_key(envelope pg_catalog.text, context pg_catalog.text DEFAULT ''::pg_catalog.text)
  RETURNS pg_catalog.text
  LANGUAGE c VOLATILE STRICT PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'llm_admin_decrypt_key';

CREATE FUNCTION llm_admin.decrypt_provider_key(provider_name pg_catalog.text) RETURNS pg_catalog.text
  LANGUAGE c VOLATILE STRICT PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'llm_admin_decrypt_provider_key';

CREATE FUNCTION llm_admin.set_provider_key(
  provider_name pg_catalog.text, api_key pg_catalog.text, changed_by pg_catalog.text DEFAULT NULL::pg_catalog.text)
  RETURNS pg_catalog.text
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'llm_admin_set_provider_key';

CREATE FUNCTION llm_admin.mask_key(key pg_catalog.text) RETURNS pg_catalog.text
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'llm_admin_mask_key';

CREATE FUNCTION llm_admin.key_fingerprint(envelope pg_catalog.text) RETURNS pg_catalog.text
  LANGUAGE c STABLE STRICT PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'llm_admin_key_fingerprint';

CREATE FUNCTION llm_admin.import_pgcrypto_key(ciphertext pg_catalog.text, passphrase pg_catalog.text)
  RETURNS pg_catalog.text
  LANGUAGE c VOLATILE STRICT PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'llm_admin_import_pgcrypto_key';

CREATE FUNCTION llm_admin.adopt_pgcrypto_keys(
  passphrase pg_catalog.text, OUT item pg_catalog.text, OUT outcome pg_catalog.text)
  RETURNS SETOF pg_catalog.record
  LANGUAGE c VOLATILE STRICT PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'llm_admin_adopt_pgcrypto_keys';

CREATE FUNCTION llm_admin.key_status(
  OUT item pg_catalog.text, OUT value pg_catalog.text, OUT verdict pg_catalog.text, OUT hint pg_catalog.text)
  RETURNS SETOF pg_catalog.record
  LANGUAGE c VOLATILE PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'llm_admin_key_status';

CREATE FUNCTION llm_admin.verify_keys(
  sample pg_catalog.int4 DEFAULT NULL::pg_catalog.int4,
  OUT ok pg_catalog.int8, OUT wrong_key pg_catalog.int8, OUT tampered pg_catalog.int8, OUT opaque pg_catalog.int8)
  RETURNS pg_catalog.record
  LANGUAGE c VOLATILE PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'llm_admin_verify_keys';

-- The life of keys.
CREATE FUNCTION llm_admin.rotate_root_key(
  new_id pg_catalog.int4, OUT root_id pg_catalog.int4, OUT rewrapped pg_catalog.int8)
  RETURNS pg_catalog.record
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'llm_admin_rotate_root_key';

CREATE FUNCTION llm_admin.rotate_data_key(tenant_id pg_catalog.text DEFAULT NULL::pg_catalog.text)
  RETURNS pg_catalog.int4
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'llm_admin_rotate_data_key';

CREATE FUNCTION llm_admin.reseal_keys(
  batch pg_catalog.int4 DEFAULT 1000,
  OUT resealed pg_catalog.int8, OUT remaining pg_catalog.int8, OUT unreadable pg_catalog.int8)
  RETURNS pg_catalog.record
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'llm_admin_reseal_keys';

CREATE FUNCTION llm_admin.shred_tenant_keys(
  tenant_id pg_catalog.text, OUT data_keys pg_catalog.int8, OUT secrets pg_catalog.int8)
  RETURNS pg_catalog.record
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'llm_admin_shred_tenant_keys';

CREATE FUNCTION llm_admin.data_keys_changed() RETURNS pg_catalog.trigger
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'llm_admin_data_keys_changed';

-- For a copy of a database: makes it another installation, whose envelopes open in no other one.
CREATE FUNCTION llm_admin.new_installation(OUT item pg_catalog.text, OUT value pg_catalog.text)
  RETURNS SETOF pg_catalog.record
  LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'llm_admin_new_installation';
