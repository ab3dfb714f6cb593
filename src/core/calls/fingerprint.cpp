#include "core/calls/fingerprint.hpp"

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <string_view>
#include <vector>

#include "core/crypto/binding.hpp"
#include "core/encoding.hpp"
#include "core/json/decimal.hpp"

namespace llm_admin::calls {

namespace {

constexpr std::size_t kept_bytes = 32 * 1024;  // before they become their digest
constexpr std::size_t long_text = 1024;        // from here on a text is its digest
constexpr std::size_t fingerprint_bytes = 16;

// Tokens that end where their length says, in a run that becomes its own digest whenever it is long: 'h' and a digest
// stand for all before them, and no token begins with 'h'.
class json_digest {
 public:
  explicit json_digest(memory_bound& bound) : bound_(bound) { run_.reserve(2 * kept_bytes); }
  crypto::digest of(const json::node& value);

 private:
  struct open_container {
    json::node value;
    std::uint32_t next = 0;
    std::vector<std::uint32_t> order;  // of an object's members; empty where they come so
  };
  void enter(const json::node& value);
  void scalar(const json::node& value);
  void text(char tag, std::string_view bytes);
  void length(std::size_t size);
  void fold();
  std::vector<std::uint32_t> order_of(const json::node& object);
  static std::string_view name_at(const json::node& object, std::uint32_t n) noexcept {
    std::string_view name;
    (void)object.member_at(n, name);
    return name;
  }

  memory_bound& bound_;
  std::string run_;
  std::vector<open_container> open_;
};

void json_digest::length(std::size_t size) {
  for (int shift = 56; shift >= 0; shift -= 8)
    run_ += static_cast<char>(static_cast<std::uint64_t>(size) >> shift);
}

void json_digest::text(char tag, std::string_view bytes) {
  bound_.work(bytes.size());
  const bool is_long = bytes.size() >= long_text;
  run_ += tag;
  run_ += is_long ? 'l' : 's';
  length(bytes.size());
  if (is_long)
    run_ += as_text(crypto::sha256(as_bytes(bytes)));
  else
    run_ += bytes;
}

void json_digest::fold() {
  if (run_.size() < kept_bytes) return;
  const crypto::digest all = crypto::sha256(as_bytes(run_));
  run_ = 'h';
  run_ += as_text(all);
}

void json_digest::scalar(const json::node& value) {
  if (value.is_string()) return text('s', value.text());
  if (value.is_number()) {
    const std::string written = value.number_text();
    return text('d', json::decimal_key(written).value_or(written));
  }
  run_ += !value.is_boolean() ? 'n' : value.truth() ? 't' : 'f';
}

std::vector<std::uint32_t> json_digest::order_of(const json::node& object) {
  std::vector<std::uint32_t> order;
  bool sorted = true;
  for (std::uint32_t n = 1; n < object.size && sorted; ++n)
    sorted = name_at(object, n - 1) < name_at(object, n);
  if (sorted) return order;
  bound_.take(object.size * sizeof(std::uint32_t));
  order.resize(object.size);
  std::iota(order.begin(), order.end(), 0U);
  std::sort(order.begin(), order.end(),
            [&](std::uint32_t a, std::uint32_t b) { return name_at(object, a) < name_at(object, b); });
  return order;
}

void json_digest::enter(const json::node& value) {
  if (!value.is_object() && !value.is_array()) return scalar(value);
  run_ += value.is_object() ? 'o' : 'a';
  length(value.size);
  open_.push_back({value, 0, value.is_object() ? order_of(value) : std::vector<std::uint32_t>()});
}

crypto::digest json_digest::of(const json::node& value) {
  enter(value);
  while (!open_.empty()) {
    fold();
    bound_.work(1);
    open_container& here = open_.back();
    if (here.next == here.value.size) {
      bound_.give(here.order.size() * sizeof(std::uint32_t));
      open_.pop_back();
      continue;
    }
    const std::uint32_t n = here.order.empty() ? here.next : here.order[here.next];
    ++here.next;
    if (here.value.is_array()) {
      enter(here.value.element(n));
      continue;
    }
    std::string_view name;
    const json::node member = here.value.member_at(n, name);
    text('m', name);
    enter(member);  // `here` may be gone
  }
  return crypto::sha256(as_bytes(run_));
}

void add_id(crypto::binding& to, const std::optional<uuid_bytes>& id) {
  to.add(id ? byte_view(*id) : byte_view());
}

}  // namespace

crypto::digest digest_of(const json::node& value, memory_bound& bound) {
  return json_digest(bound).of(value);
}

std::string fingerprint_of(const begin_request& request, memory_bound& bound) {
  const begin_options& options = *request.options;
  const caller& by = *request.by;
  crypto::binding all("llm_admin/begin/v1");
  all.add(by.tenant_id).add(by.user_id).add(by.team).add(by.tier);
  add_id(all, request.key_id);
  all.add(std::to_string(by.tags.size()));
  for (const call_tag& tag : by.tags) all.add(tag.name).add(tag.value);
  all.add(options.agent).add(options.provider).add(options.operation).add(options.service_tier);
  all.add(options.requested);
  all.add(!options.stream ? "" : *options.stream ? "t" : "f");
  std::vector<std::string_view> roles = options.roles;
  std::sort(roles.begin(), roles.end());
  roles.erase(std::unique(roles.begin(), roles.end()), roles.end());
  all.add(std::to_string(roles.size()));
  for (const std::string_view role : roles) all.add(role);
  add_id(all, options.account_id);
  add_id(all, options.parent_call_id);
  add_id(all, options.job_id);
  all.add(std::to_string(request.replaced));
  all.add(byte_view(digest_of(request.params, bound)));
  return hex_encode(byte_view(crypto::sha256(all.bytes())).first(fingerprint_bytes));
}

}  // namespace llm_admin::calls
