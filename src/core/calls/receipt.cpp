#include "core/calls/receipt.hpp"

#include <algorithm>
#include <array>
#include <span>
#include <vector>

#include "core/crypto/primitives.hpp"
#include "core/error.hpp"
#include "core/json/decimal.hpp"
#include "core/json/plain_utf8.hpp"

namespace llm_admin::calls {

namespace {

// The members in the order of the layout; of a receipt that is written or read.
template <class Receipt>
auto receipt_ids(Receipt& of) {
  return std::array{&of.account_id, &of.key_id, &of.job_id, &of.parent_call_id, &of.rule, &of.permission};
}
template <class Receipt>
auto receipt_texts(Receipt& of) {
  return std::array{&of.tenant_id, &of.user_id,  &of.team_id,    &of.provider,
                    &of.model,     &of.model_id, &of.operation,  &of.service_tier,
                    &of.tier,      &of.reason,   &of.request_id, &of.estimate_usd};
}
constexpr std::size_t id_count = 6, text_count = 12;

constexpr std::uint16_t has_price = 1, first_id = 2;  // of the ids each has the next bit
constexpr std::uint16_t has_rule = first_id << 4;
constexpr std::uint16_t is_by_tenant = 128, is_no_request = 256, counts_by_rule = 512;
constexpr std::uint16_t all_flags = 1023;

constexpr std::size_t fixed_receipt_size = 50;
constexpr std::size_t least_receipt = fixed_receipt_size + text_count * 2 + 2 + crypto::digest_size;
constexpr std::size_t most_receipt = least_receipt + 8 + id_count * 16 + text_count * longest_receipt_text +
                                     most_receipt_tags * (4 + longest_tag_name + longest_tag_value) +
                                     most_fallbacks * (2 + longest_receipt_text);
constexpr std::int64_t server_epoch = 946'684'800'000'000;  // of Unix, microseconds

using receipt_bytes = std::vector<std::uint8_t>;

void put_number(receipt_bytes& out, std::uint64_t value, int size) {
  for (int shift = 8 * (size - 1); shift >= 0; shift -= 8)
    out.push_back(static_cast<std::uint8_t>(value >> shift));
}

void put_bytes(receipt_bytes& out, byte_view bytes) { out.insert(out.end(), bytes.begin(), bytes.end()); }

[[noreturn]] void refuse_size(const char* what, std::size_t size, const char* unit, std::size_t most) {
  throw error(sqlstate::program_limit, what,
              "it has " + std::to_string(size) + unit + ", and " + std::to_string(most) + " are the most");
}

void put_text(receipt_bytes& out, std::string_view text, std::size_t most = longest_receipt_text) {
  if (text.size() > most) refuse_size("a name of a call is too long", text.size(), " bytes", most);
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
  std::string text(std::size_t least = 0, std::size_t most = longest_receipt_text) {
    const auto size = static_cast<std::size_t>(number(2));
    if (size < least || size > most) good_ = false;
    std::string read(as_text(take(good_ ? size : 0)));
    if (!is_plain_utf8(read)) good_ = false;
    return read;
  }
  // How many come; none where there may not be so many.
  std::size_t count(std::size_t most) noexcept {
    const auto given = static_cast<std::size_t>(number(1));
    if (given <= most) return given;
    good_ = false;
    return 0;
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

std::int32_t positive(receipt_reader& in, std::uint64_t least) {
  const std::uint64_t value = in.number(4);
  if (value < least || value > INT32_MAX) in.fail();
  return static_cast<std::int32_t>(value);
}

std::optional<receipt> read_body(byte_view body) {
  receipt_reader in(body);
  receipt read;
  (void)in.take(std::tuple_size_v<envelope::key_id>);
  read.call_id = in.id();
  const auto started = static_cast<std::int64_t>(in.number(8));
  if (started < INT64_MIN + server_epoch) in.fail();
  const std::uint64_t flags = in.number(2);
  if (flags > all_flags || (flags & (has_rule | counts_by_rule)) == counts_by_rule) in.fail();
  read.by_tenant = (flags & is_by_tenant) != 0;
  read.is_request = (flags & is_no_request) == 0;
  read.rule_counts = (flags & counts_by_rule) != 0;
  read.attempt = positive(in, 1);
  read.input_estimate = positive(in, 0);
  if ((flags & has_price) != 0) read.price_id = static_cast<std::int64_t>(in.number(8));
  std::uint64_t flag = first_id;
  for (std::optional<uuid_bytes>* id : receipt_ids(read)) {
    if ((flags & flag) != 0) *id = in.id();
    flag <<= 1;
  }
  for (std::string* text : receipt_texts(read)) *text = in.text();
  for (std::size_t left = in.count(most_receipt_tags); left > 0; --left) {
    receipt_tag tag{in.text(1, longest_tag_name), in.text(1, longest_tag_value)};
    if (!read.tags.empty() && tag.name <= read.tags.back().name) in.fail();
    read.tags.push_back(std::move(tag));
  }
  for (std::size_t left = in.count(most_fallbacks); left > 0; --left) read.models.push_back(in.text(1));
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
  const auto is_empty = [](const auto& text) { return text.empty(); };
  const auto by_name = [](const receipt_tag& a, const receipt_tag& b) { return a.name >= b.name; };
  if (of.started_at > INT64_MAX - server_epoch || !is_estimate(of.estimate_usd) || of.attempt < 1 ||
      of.input_estimate < 0 || (of.rule_counts && !of.rule) ||
      std::adjacent_find(of.tags.begin(), of.tags.end(), by_name) != of.tags.end() ||
      std::any_of(of.models.begin(), of.models.end(), is_empty) ||
      std::any_of(of.tags.begin(), of.tags.end(),
                  [](const receipt_tag& one) { return one.name.empty() || one.value.empty(); }))
    throw error(sqlstate::internal_error, "a receipt cannot be written",
                "its time, its estimate or something else of it is beyond what it can say");
  if (of.tags.size() > most_receipt_tags)
    refuse_size("a call has too many tags for a receipt", of.tags.size(), "", most_receipt_tags);
  if (of.models.size() > most_fallbacks)
    refuse_size("a call has too many models for a receipt", of.models.size(), "", most_fallbacks);
  unsigned flags = (of.price_id ? has_price : 0U) | (of.by_tenant ? is_by_tenant : 0U) |
                   (of.is_request ? 0U : is_no_request) | (of.rule_counts ? counts_by_rule : 0U);
  unsigned flag = first_id;
  for (const std::optional<uuid_bytes>* id : receipt_ids(of)) {
    if (*id) flags |= flag;
    flag <<= 1;
  }
  receipt_bytes body;
  body.reserve(512);
  put_bytes(body, data_key);
  put_bytes(body, of.call_id);
  put_number(body, static_cast<std::uint64_t>(of.started_at + server_epoch), 8);
  put_number(body, flags, 2);
  put_number(body, static_cast<std::uint64_t>(of.attempt), 4);
  put_number(body, static_cast<std::uint64_t>(of.input_estimate), 4);
  if (of.price_id) put_number(body, static_cast<std::uint64_t>(*of.price_id), 8);
  for (const std::optional<uuid_bytes>* id : receipt_ids(of))
    if (*id) put_bytes(body, **id);
  for (const std::string* text : receipt_texts(of)) put_text(body, *text);
  put_number(body, of.tags.size(), 1);
  for (const receipt_tag& tag : of.tags) {
    put_text(body, tag.name, longest_tag_name);
    put_text(body, tag.value, longest_tag_value);
  }
  put_number(body, of.models.size(), 1);
  for (const std::string& model : of.models) put_text(body, model);
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
