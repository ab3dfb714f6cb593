// Additional data in one canonical form: a domain and a list of fields, each preceded by its length as four
// bytes, big-endian. Two different lists never give the same bytes, so ("ab", "c") and ("a", "bc") stay
// apart.
//
// Owns its bytes; holds no secrets. A field of 4 GiB or more is an error{internal_error}.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "core/encoding.hpp"

namespace llm_admin::crypto {

class binding {
 public:
  explicit binding(std::string_view domain) {
    bytes_.reserve(usual_size);
    add(domain);
  }
  binding& add(std::string_view field);
  binding& add(byte_view field) { return add(as_text(field)); }
  byte_view bytes() const noexcept { return bytes_; }  // until the next add()

 private:
  static constexpr std::size_t usual_size = 256;
  std::vector<std::uint8_t> bytes_;
};

}  // namespace llm_admin::crypto
