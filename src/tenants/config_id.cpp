#include "tenants/config_id.hpp"

#include <array>
#include <cstdint>

#include "core/crypto/primitives.hpp"
#include "core/encoding.hpp"
#include "core/error.hpp"
#include "pg/args.hpp"
#include "pg/spi.hpp"
#include "store/entered_tenant.hpp"
#include "store/owner.hpp"

namespace llm_admin::tenants {

namespace {

pg::statement tenant_of{
    "SELECT c.tenant_id FROM llm_admin.llm_configs c WHERE c.id OPERATOR(pg_catalog.=) $1", {TEXTOID}};

std::optional<std::string> owner_of(std::string_view id) {
  const store::as_owner owner;
  pg::spi sql;
  sql.run_on_latest(tenant_of, {pg::value(id)});
  const auto found = sql.first();
  return found ? std::optional<std::string>(found->text(1)) : std::nullopt;
}

bool is_random_uuid(std::string_view id) {
  if (id.size() != 36) return false;
  for (std::size_t n = 0; n < id.size(); ++n) {
    const bool dash = n == 8 || n == 13 || n == 18 || n == 23;
    const char c = id[n];
    const bool digit = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
    if (dash ? c != '-' : !digit) return false;
  }
  constexpr std::string_view versions = "47", variants = "89abAB";  // RFC 9562
  return versions.find(id[14]) != std::string_view::npos && variants.find(id[19]) != std::string_view::npos;
}

std::string new_id() {
  std::array<std::uint8_t, 16> bytes;
  crypto::random_bytes(bytes);
  bytes[6] = static_cast<std::uint8_t>((bytes[6] & 0x0F) | 0x40);
  bytes[8] = static_cast<std::uint8_t>((bytes[8] & 0x3F) | 0x80);
  std::string text = hex_encode(byte_view(bytes));
  for (const std::size_t at : {20, 16, 12, 8}) text.insert(at, "-");
  return text;
}

}  // namespace

std::optional<std::string> replaced_id(const pg::tuple_image& row, const pg::tuple_image* before) {
  const auto entered = store::entered_tenant();
  if (!entered || row.text("tenant_id") != *entered || row.is_null("id")) return std::nullopt;
  const std::string_view id = row.text("id");
  if (before != nullptr) {
    if (before->text("id") == id) return std::nullopt;
    throw error(sqlstate::config_invalid, "the id of a tenant's configuration does not change", "",
                "leave id out of the UPDATE: a tenant has one row, found by tenant_id");
  }
  const auto owner = owner_of(id);
  if (owner && *owner == *entered) return std::nullopt;
  if (!is_random_uuid(id))
    throw error(sqlstate::config_invalid, "the id of a tenant's configuration must be a random uuid", "",
                "leave id out of the INSERT, or give pg_catalog.gen_random_uuid()::text");
  return owner ? std::optional(new_id()) : std::nullopt;
}

}  // namespace llm_admin::tenants
