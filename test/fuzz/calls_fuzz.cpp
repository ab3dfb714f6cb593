// Receipts, reservations and options from anywhere: a refusal of the one kind there is, or what is written the same
// again. A body is signed here, so that what lies behind the signature is reached.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "core/calls/fingerprint.hpp"
#include "core/calls/options.hpp"
#include "core/calls/receipt.hpp"
#include "core/calls/reservation.hpp"
#include "core/crypto/wrap.hpp"
#include "core/error.hpp"
#include "core/json/parse.hpp"

using namespace llm_admin;

namespace {

constexpr std::string_view beginning = calls::receipt_beginning;

void require(bool condition) {
  if (!condition) std::abort();
}

bool is_state(const error& e, std::string_view state) { return e.sqlstate() == state; }

const secret_bytes& signing_key() {
  static const secret_bytes key = crypto::receipt_key(std::vector<std::uint8_t>(32, 1));
  return key;
}

void open_any(std::string_view text) {
  const auto parsed = calls::parse_receipt(text);
  try {
    (void)calls::receipt_data_key(text);
  } catch (const error& e) {
    require(is_state(e, sqlstate::request_invalid) && !parsed);
  }
  try {
    const uuid_bytes call = parsed ? parsed->call_id : uuid_bytes{};
    const calls::receipt read = calls::open_receipt(text, signing_key().span(), call, INT64_MIN);
    require(parsed &&
            calls::write_receipt(read, calls::receipt_data_key(text), signing_key().span()) == text);
  } catch (const error& e) {
    require(is_state(e, sqlstate::request_invalid) || is_state(e, sqlstate::call_unknown));
  }
}

void open_signed(byte_view body) {
  const crypto::digest tag = crypto::hmac_sha256(
      signing_key().span(), as_bytes(std::string(beginning) + std::string(as_text(body))));
  std::vector<std::uint8_t> bytes(body.begin(), body.end());
  bytes.insert(bytes.end(), tag.begin(), tag.end());
  const std::string text = std::string(beginning) + base64url_encode(bytes);
  open_any(text);
  // The signature is right, so whatever can be parsed opens.
  if (const auto parsed = calls::parse_receipt(text))
    (void)calls::open_receipt(text, signing_key().span(), parsed->call_id, parsed->started_at);
}

void read_stored(const json::node& value) {
  try {
    const std::string written = calls::write_reservations(calls::read_reservations(value));
    json::tree again;
    require(calls::write_reservations(calls::read_reservations(json::view(json::parse(written, again)))) ==
            written);
  } catch (const error& e) {
    require(is_state(e, sqlstate::not_in_state) && !e.detail().empty());
  }
}

void read_options(const json::node& value) {
  try {
    const calls::begin_options read = calls::read_begin_options(value);
    const calls::caller by{{}, {}, read.team, {}, read.tags};
    memory_bound bound(1 << 24);
    require(calls::fingerprint_of({value, 0, &read, &by, {}}, bound).size() == 32 && bound.held() == 0);
  } catch (const error& e) {
    require(is_state(e, sqlstate::invalid_parameter) || is_state(e, sqlstate::feature_not_supported));
  }
  try {
    (void)calls::read_finish_options(value, 200, 1);
  } catch (const error& e) {
    require(is_state(e, sqlstate::invalid_parameter));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  open_any(text);
  open_signed({data, size});
  json::tree tree;
  const json::item* parsed = json::parse(text, tree);
  if (parsed == nullptr) return 0;
  read_stored(json::view(parsed));
  read_options(json::view(parsed));
  return 0;
}
