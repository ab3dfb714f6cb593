// One run of bytes for one value, whatever the settings of the session, the machine or the way that a value was stored:
// what leaves and commitments of the audit log are made of (docs/audit.md has the same for a reader of another language).
//
// A field is a tag (0: NULL, and nothing follows; 1: a value), the length as 4 bytes, and the bytes. Integers and lengths
// are big-endian. A JSON value is one letter and what it needs:
//
//   n  f  t                                null, false, true
//   d  length  digits                      a number as the server writes it: 1.50 and 1.5 differ, as they do in jsonb
//   s  length  bytes                       a string, in UTF-8
//   a  count   values                      an array
//   o  count   (length  key  value)...     an object, shorter keys first, those of one length by their bytes
//
// The walk is iterative. Throws std::bad_alloc, what a holder's number_text() throws, and 54000 for a value of 4 GB.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/encoding.hpp"
#include "core/json/view.hpp"

namespace llm_admin::audit {

// An address with its mask, as inet holds it: family (4 or 6), mask length, 4 or 16 bytes.
struct address {
  std::uint8_t family = 4;
  std::uint8_t mask = 32;
  std::uint8_t bytes[16] = {};
  std::size_t size() const noexcept { return family == 4 ? 4 : 16; }
};

class canonical {
 public:
  void null() { bytes_.push_back('\0'); }
  void text(std::string_view value);
  void text_or_null(const std::optional<std::string_view>& value) { value ? text(*value) : null(); }
  void bytes(byte_view value) { text(as_text(value)); }
  void integer(std::int64_t value);  // 8 bytes, two's complement
  void inet(const address& value);
  void json(const json::node& value);  // absent: NULL; JSON's null is a value
  // Without a tag or a length.
  void raw(std::uint8_t byte) { bytes_.push_back(static_cast<char>(byte)); }
  void raw(byte_view value) { bytes_.append(as_text(value)); }

  byte_view view() const noexcept { return as_bytes(bytes_); }
  void clear() noexcept { bytes_.clear(); }

 private:
  void length(std::size_t value);
  void put_length(std::size_t at, std::size_t value);
  void scalar(const json::node& value);
  void walk(const json::node& value);
  std::string bytes_;
};

}  // namespace llm_admin::audit
