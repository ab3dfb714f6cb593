#include "core/audit/leaf.hpp"

#include <algorithm>

namespace llm_admin::audit {

namespace {
constexpr std::uint8_t leaf_prefix = 0x00;
constexpr std::uint8_t commitment_prefix = 0x03;
}  // namespace

crypto::digest commitment_of(const salt& with, const json::node& before, const json::node& after) {
  canonical bytes;
  bytes.raw(commitment_prefix);
  bytes.raw(with);
  bytes.json(before);
  bytes.json(after);
  return crypto::sha256(bytes.view());
}

leaf leaf_of(const entry& row) {
  canonical bytes;
  bytes.raw(leaf_prefix);
  bytes.raw(leaf_version);
  bytes.integer(row.id);
  bytes.integer(row.unix_microseconds);
  for (const std::string_view text : {row.tenant_id, row.user_id, row.session_user_name, row.action_type,
                                      row.resource_type, row.resource_id})
    bytes.text(text);
  bytes.json(row.details);
  if (row.ip_address)
    bytes.inet(*row.ip_address);
  else
    bytes.null();
  bytes.text_or_null(row.user_agent);
  if (row.commitment)
    bytes.bytes(*row.commitment);
  else
    bytes.null();
  leaf result;
  result[0] = leaf_version;
  const crypto::digest hash = crypto::sha256(bytes.view());
  std::copy(hash.begin(), hash.end(), result.begin() + 1);
  return result;
}

}  // namespace llm_admin::audit
