#include "core/calls/receipt.hpp"

#include <algorithm>
#include <span>
#include <vector>

#include "core/crypto/primitives.hpp"
#include "core/error.hpp"
#include "core/json/decimal.hpp"
#include "core/json/plain_utf8.hpp"

namespace llm_admin::calls {

namespace {

constexpr std::size_t receipt_texts = 5;
constexpr std::size_t fixed_receipt_size = 65;
constexpr std::size_t least_receipt = fixed_receipt_size + receipt_texts * 2 + crypto::digest_size;
constexpr std::size_t most_receipt = least_receipt + receipt_texts * longest_receipt_text;
constexpr std::uint8_t has_account = 1;
constexpr std::uint8_t is_by_tenant = 4;
constexpr std::uint8_t has_price = 2;
constexpr std::int64_t server_epoch = 946'684'800'000'000;  // of Unix, microseconds

using receipt_bytes = std::vector<std::uint8_t>;

void put_number(receipt_bytes& out, std::uint64_t value, int size) {
  for (int shift = 8 * (size - 1); shift >= 0; shift -= 8)
    out.push_back(static_cast<std::uint8_t>(value >> shift));
}

void put_bytes(receipt_bytes& out, byte_view bytes) { out.insert(out.end(), bytes.begin(), bytes.end()); }

void put_text(receipt_bytes& out, std::string_view text) {
  if (text.size() > longest_receipt_text)
    throw error(sqlstate::program_limit, "a name of a call is too long",
                "it has " + std::to_string(text.size()) + " bytes, and " +
                    std::to_string(longest_receipt_text) + " are the most");
  put_number(out, text.size(), 2);
  put_bytes(out, as_bytes(text));
}

// Bytes from the front; once there are too few, it is over and everything is empty.
class receipt_reader {
 public:
  explicit receipt_reader(byte_view bytes) noexcept : left_(bytes) {}
  byte_view take(std::size_t size) noexcept {
    if (size > left_.size()) {
      good_ = false;
      left_ = {};
      return {};
    }
    const byte_view taken = left_.first(size);
    left_ = left_.subspan(size);
    return taken;
  }
  std::uint64_t number(std::size_t size) noexcept {
    std::uint64_t value = 0;
    for (const std::uint8_t byte : take(size)) value = value << 8 | byte;
    return value;
  }
  uuid_bytes id() noexcept {
    uuid_bytes read{};
    const byte_view taken = take(read.size());
    std::copy(taken.begin(), taken.end(), read.begin());
    return read;
  }
  std::string text() {
    const auto size = static_cast<std::size_t>(number(2));
    if (size > longest_receipt_text) good_ = false;
    std::string read(as_text(take(size)));
    if (!is_plain_utf8(read)) good_ = false;
    return read;
  }
  bool is_done() const noexcept { return good_ && left_.empty(); }
  void fail() noexcept { good_ = false; }

 private:
  byte_view left_;
  bool good_ = true;
};

bool is_estimate(const std::string& text) {
  if (text.empty()) return true;
  return json::is_decimal(text) && json::fits_numeric(text) && json::plain_decimal(text) == text &&
         json::compare_decimal(text, "0") >= 0;
}

// All bytes with the tag, or nothing for a text that cannot be a receipt.
std::optional<receipt_bytes> bytes_of_receipt(std::string_view text) {
  if (!text.starts_with(receipt_beginning)) return std::nullopt;
  text.remove_prefix(receipt_beginning.size());
  if (text.size() > base64url_encoded_size(most_receipt)) return std::nullopt;
  receipt_bytes bytes(base64url_decoded_size(text.size()));
  const auto size = base64url_decode(text, bytes);
  if (!size || *size < least_receipt || *size > most_receipt) return std::nullopt;
  bytes.resize(*size);
  return bytes;
}

std::optional<receipt> read_body(byte_view body) {
  receipt_reader in(body);
  receipt read;
  (void)in.take(std::tuple_size_v<envelope::key_id>);
  read.call_id = in.id();
  const auto started = static_cast<std::int64_t>(in.number(8));
  if (started < INT64_MIN + server_epoch) in.fail();
  const std::uint64_t flags = in.number(1);
  const uuid_bytes account = in.id();
  const auto price = static_cast<std::int64_t>(in.number(8));
  for (std::string* text : {&read.tenant_id, &read.user_id, &read.provider, &read.model, &read.estimate_usd})
    *text = in.text();
  // One text for one receipt: what is not there is zero.
  if (flags > (has_account | has_price | is_by_tenant)) in.fail();
  read.by_tenant = (flags & is_by_tenant) != 0;
  if ((flags & has_account) != 0)
    read.account_id = account;
  else if (account != uuid_bytes{})
    in.fail();
  if ((flags & has_price) != 0)
    read.price_id = price;
  else if (price != 0)
    in.fail();
  if (!in.is_done() || !is_estimate(read.estimate_usd)) return std::nullopt;
  read.started_at = started - server_epoch;
  return read;
}

crypto::digest tag_of(byte_view body, byte_view key) {
  receipt_bytes signed_bytes;
  signed_bytes.reserve(receipt_beginning.size() + body.size());
  put_bytes(signed_bytes, as_bytes(receipt_beginning));
  put_bytes(signed_bytes, body);
  return crypto::hmac_sha256(key, signed_bytes);
}

[[noreturn]] void refuse_no_receipt() {
  throw error(sqlstate::request_invalid, "option receipt is no receipt of a call", "",
              "give it as begin_call() returned it, with all of its characters");
}

}  // namespace

void refuse_unknown_call(const uuid_bytes& call_id, std::string_view why) {
  throw error(
      sqlstate::call_unknown, "call " + uuid_string(call_id) + " is not known",
      why.empty() ? "no open call has this id, and no receipt was given" : std::string(why),
      "finish_call() takes what begin_call() returned as call_id, and its receipt where the row is gone");
}

std::string write_receipt(const receipt& of, const envelope::key_id& data_key, byte_view key) {
  if (of.started_at > INT64_MAX - server_epoch || !is_estimate(of.estimate_usd))
    throw error(sqlstate::internal_error, "a receipt cannot be written",
                "its time or its estimate is beyond what it can say");
  receipt_bytes body;
  body.reserve(512);
  put_bytes(body, data_key);
  put_bytes(body, of.call_id);
  put_number(body, static_cast<std::uint64_t>(of.started_at + server_epoch), 8);
  body.push_back(static_cast<std::uint8_t>((of.account_id ? has_account : 0) | (of.price_id ? has_price : 0) |
                                           (of.by_tenant ? is_by_tenant : 0)));
  put_bytes(body, of.account_id.value_or(uuid_bytes{}));
  put_number(body, static_cast<std::uint64_t>(of.price_id.value_or(0)), 8);
  for (const std::string* text : {&of.tenant_id, &of.user_id, &of.provider, &of.model, &of.estimate_usd})
    put_text(body, *text);
  put_bytes(body, tag_of(body, key));
  std::string text(receipt_beginning);
  base64url_append(text, body);
  return text;
}

envelope::key_id receipt_data_key(std::string_view text) {
  const auto bytes = bytes_of_receipt(text);
  if (!bytes) refuse_no_receipt();
  envelope::key_id id{};
  std::copy_n(bytes->begin(), id.size(), id.begin());
  return id;
}

receipt open_receipt(std::string_view text, byte_view key, const uuid_bytes& call_id, std::int64_t now) {
  const auto bytes = bytes_of_receipt(text);
  if (!bytes) refuse_no_receipt();
  const byte_view body = byte_view(*bytes).first(bytes->size() - crypto::digest_size);
  if (!crypto::constant_time_equal(tag_of(body, key), byte_view(*bytes).last(crypto::digest_size)))
    refuse_unknown_call(call_id, "its receipt was altered, or signed by another installation");
  auto read = read_body(body);
  if (!read) refuse_no_receipt();
  if (read->call_id != call_id)
    refuse_unknown_call(call_id, "the receipt is that of call " + uuid_string(read->call_id));
  // Without a sign, for two times may be further apart than a number with one can say.
  if (read->started_at < now &&
      static_cast<std::uint64_t>(now) - static_cast<std::uint64_t>(read->started_at) >=
          static_cast<std::uint64_t>(receipt_validity))
    refuse_unknown_call(call_id, "its receipt is older than 24 hours");
  return *std::move(read);
}

std::optional<receipt> parse_receipt(std::string_view text) {
  const auto bytes = bytes_of_receipt(text);
  if (!bytes) return std::nullopt;
  return read_body(byte_view(*bytes).first(bytes->size() - crypto::digest_size));
}

}  // namespace llm_admin::calls
