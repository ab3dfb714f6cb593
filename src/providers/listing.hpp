// How providers look to an operator: the rows of list_providers() and create_provider().
#pragma once

#include <optional>
#include <string_view>

#include "pg/provider.hpp"
#include "pg/result.hpp"
#include "pg/role.hpp"
#include "pg/spi.hpp"

namespace llm_admin::providers {

// A result of all providers, or of the named one. Open for as long as rows are read; fill() adds the columns
// of llm_admin.provider_listing. Keys are opened to be masked; when the keyring cannot be had, that is tried
// once only.
class listing {
 public:
  listing(std::optional<std::string_view> name, pg::as_of when);
  std::uint64_t size() const noexcept { return sql_.rows(); }
  void fill(std::uint64_t n, pg::row_builder& out);

 private:
  std::string key_hint(const pg::provider_row& row);

  pg::as_owner owner_;
  pg::spi sql_;
  pg::as_of when_;
  bool no_keyring_ = false;
};

}  // namespace llm_admin::providers
