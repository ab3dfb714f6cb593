// The statements that read and write key columns, for store/all_keys.cpp alone. Those that read return what a
// visit needs of a row: its name, the text, and what its place is made of. Where $1 is a tenant, null stands for
// all of them.
#pragma once

#include "pg/spi.hpp"

namespace llm_admin::store {

inline pg::statement provider_keys{
    "SELECT p.provider_name::pg_catalog.text, p.api_key_encrypted, p.base_url, "
    "p.auth_scheme::pg_catalog.text, p.auth_header_template FROM llm_admin.llm_provider_configs p "
    "WHERE p.api_key_encrypted IS NOT NULL ORDER BY p.provider_name",
    {}};
inline pg::statement some_provider_keys{
    "SELECT p.provider_name::pg_catalog.text, p.api_key_encrypted, p.base_url, "
    "p.auth_scheme::pg_catalog.text, p.auth_header_template FROM llm_admin.llm_provider_configs p "
    "WHERE p.api_key_encrypted IS NOT NULL ORDER BY pg_catalog.random() LIMIT $1",
    {INT8OID}};
inline pg::statement tenant_keys{
    "SELECT c.tenant_id, c.api_key_encrypted, c.base_url, c.provider FROM llm_admin.llm_configs c "
    "WHERE c.api_key_encrypted OPERATOR(pg_catalog.<>) '' "
    "AND ($1 IS NULL OR c.tenant_id OPERATOR(pg_catalog.=) $1) ORDER BY c.tenant_id",
    {TEXTOID}};
inline pg::statement some_tenant_keys{
    "SELECT c.tenant_id, c.api_key_encrypted, c.base_url, c.provider FROM llm_admin.llm_configs c "
    "WHERE c.api_key_encrypted OPERATOR(pg_catalog.<>) '' "
    "AND ($1 IS NULL OR c.tenant_id OPERATOR(pg_catalog.=) $1) ORDER BY pg_catalog.random() LIMIT $2",
    {TEXTOID, INT8OID}};
// The newest data key of each tenant, in the order of tenant_keys.
inline pg::statement newest_data_keys{
    "SELECT DISTINCT ON (k.tenant_id COLLATE pg_catalog.\"C\") k.tenant_id, k.key_id, k.version "
    "FROM llm_admin.data_keys k WHERE k.tenant_id IS NOT NULL "
    "AND ($1 IS NULL OR k.tenant_id OPERATOR(pg_catalog.=) $1) "
    "ORDER BY k.tenant_id COLLATE pg_catalog.\"C\", k.version DESC",
    {TEXTOID}};
// Without waiting: whoever holds the row may be about to ask for a lock that we hold.
inline pg::statement lock_provider{
    "SELECT p.provider_name::pg_catalog.text, p.api_key_encrypted, p.base_url, "
    "p.auth_scheme::pg_catalog.text, p.auth_header_template FROM llm_admin.llm_provider_configs p "
    "WHERE p.provider_name OPERATOR(pg_catalog.=) $1::pg_catalog.varchar AND p.api_key_encrypted IS NOT NULL "
    "FOR NO KEY UPDATE SKIP LOCKED",
    {TEXTOID}};
inline pg::statement lock_tenant{
    "SELECT c.tenant_id, c.api_key_encrypted, c.base_url, c.provider FROM llm_admin.llm_configs c "
    "WHERE c.tenant_id OPERATOR(pg_catalog.=) $1 AND c.api_key_encrypted OPERATOR(pg_catalog.<>) '' "
    "FOR NO KEY UPDATE SKIP LOCKED",
    {TEXTOID}};
inline pg::statement provider_is_there{
    "SELECT 1 FROM llm_admin.llm_provider_configs p WHERE p.provider_name OPERATOR(pg_catalog.=) "
    "$1::pg_catalog.varchar AND p.api_key_encrypted IS NOT NULL",
    {TEXTOID}};
inline pg::statement tenant_is_there{
    "SELECT 1 FROM llm_admin.llm_configs c WHERE c.tenant_id OPERATOR(pg_catalog.=) $1 "
    "AND c.api_key_encrypted OPERATOR(pg_catalog.<>) ''",
    {TEXTOID}};
inline pg::statement provider_with{
    "SELECT p.provider_name::pg_catalog.text FROM llm_admin.llm_provider_configs p "
    "WHERE p.api_key_encrypted OPERATOR(pg_catalog.=) $1 LIMIT 1",
    {TEXTOID}};
inline pg::statement tenant_with{
    "SELECT c.tenant_id FROM llm_admin.llm_configs c WHERE c.api_key_encrypted OPERATOR(pg_catalog.=) $1 "
    "LIMIT 1",
    {TEXTOID}};
inline pg::statement store_provider_key{
    "UPDATE llm_admin.llm_provider_configs AS p SET api_key_encrypted = $2 "
    "WHERE p.provider_name OPERATOR(pg_catalog.=) $1::pg_catalog.varchar",
    {TEXTOID, TEXTOID}};
inline pg::statement store_tenant_key{
    "UPDATE llm_admin.llm_configs AS c SET api_key_encrypted = $2 WHERE c.tenant_id OPERATOR(pg_catalog.=) "
    "$1",
    {TEXTOID, TEXTOID}};

inline pg::statement account_keys{
    "SELECT a.id::pg_catalog.text, a.api_key_encrypted, a.base_url::pg_catalog.text, "
    "a.type::pg_catalog.text, a.name::pg_catalog.text FROM llm_admin.llm_providers a "
    "WHERE a.api_key_encrypted OPERATOR(pg_catalog.<>) '' ORDER BY a.name, a.type",
    {}};
inline pg::statement some_account_keys{
    "SELECT a.id::pg_catalog.text, a.api_key_encrypted, a.base_url::pg_catalog.text, "
    "a.type::pg_catalog.text, a.name::pg_catalog.text FROM llm_admin.llm_providers a "
    "WHERE a.api_key_encrypted OPERATOR(pg_catalog.<>) '' ORDER BY pg_catalog.random() LIMIT $1",
    {INT8OID}};
inline pg::statement lock_account{
    "SELECT a.id::pg_catalog.text, a.api_key_encrypted, a.base_url::pg_catalog.text, "
    "a.type::pg_catalog.text, a.name::pg_catalog.text FROM llm_admin.llm_providers a "
    "WHERE a.id OPERATOR(pg_catalog.=) $1::pg_catalog.uuid AND a.api_key_encrypted "
    "OPERATOR(pg_catalog.<>) '' FOR NO KEY UPDATE SKIP LOCKED",
    {TEXTOID}};
inline pg::statement account_is_there{
    "SELECT 1 FROM llm_admin.llm_providers a WHERE a.id OPERATOR(pg_catalog.=) $1::pg_catalog.uuid "
    "AND a.api_key_encrypted OPERATOR(pg_catalog.<>) ''",
    {TEXTOID}};
inline pg::statement account_with{
    "SELECT a.id::pg_catalog.text, a.api_key_encrypted, a.base_url::pg_catalog.text, "
    "a.type::pg_catalog.text, a.name::pg_catalog.text FROM llm_admin.llm_providers a "
    "WHERE a.api_key_encrypted OPERATOR(pg_catalog.=) $1 LIMIT 1",
    {TEXTOID}};
inline pg::statement store_account_key{
    "UPDATE llm_admin.llm_providers AS a SET api_key_encrypted = $2 WHERE a.id OPERATOR(pg_catalog.=) "
    "$1::pg_catalog.uuid",
    {TEXTOID, TEXTOID}};

}  // namespace llm_admin::store
