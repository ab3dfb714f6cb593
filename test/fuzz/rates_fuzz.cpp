// Any JSON as rates, and a call by what was taken: LA002 or a table whose choices are rates of its own, and a cost
// that is the sum of its lines, within what its tokens can cost.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "core/error.hpp"
#include "core/json/parse.hpp"
#include "core/pricing/cost.hpp"

using namespace llm_admin;

namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

// Numbers of a call from the text's own bytes, so that each input has calls of its own.
struct bytes {
  std::string_view left;
  std::int64_t next(std::int64_t below) {
    std::uint64_t value = 0;
    for (int n = 0; n < 3 && !left.empty(); ++n, left.remove_prefix(1))
      value = value * 256 + static_cast<unsigned char>(left.front());
    return static_cast<std::int64_t>(value % static_cast<std::uint64_t>(below));
  }
};

void price(const pricing::rate_table& rates, std::string_view text) {
  bytes from{text};
  pricing::call call;
  call.usage.prompt_tokens = from.next(600000);
  call.usage.cached_tokens = from.next(300000);
  call.usage.cache_write_tokens = from.next(300000);
  call.usage.cache_write_1h_tokens = from.next(300000);
  call.usage.completion_tokens = from.next(100000);
  call.usage.reasoning_tokens = from.next(100000);
  constexpr std::string_view tiers[] = {"", "batch", "priority", "flex"};
  call.service_tier = tiers[from.next(4)];
  for (const char* name : {"images", "seconds", "input_audio", "cached_audio", "x_turns", "queries"})
    if (from.next(2) == 0) call.usage.quantities.push_back({name, from.next(5000)});
  const pricing::cost cost = cost_of(call, &rates, money::decimal(1));
  money::decimal sum, tokens;
  for (const pricing::cost_line& line : cost.lines) {
    sum += line.cost;
    require(!line.quantity.is_negative() && !line.cost.is_negative());
    require(line.by == nullptr || rates.find(line.by->key) == line.by);
    require(line.by == nullptr ||
            std::find(line.missing.begin(), line.missing.end(), line.by->key) == line.missing.end());
    if (line.by_thousand) tokens += line.quantity;
  }
  require(tokens == money::decimal(call.usage.prompt_tokens + call.usage.completion_tokens));
  require(!cost.cost_usd || *cost.cost_usd == sum);
  require(cost.cost_usd || cost.status == pricing::cost_status::unpriced);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  json::tree tree;
  const json::item* parsed = json::parse(text, tree);
  if (parsed == nullptr) {
    (void)pricing::key_problem(text);
    if (const auto amount = money::decimal::from_text(text)) {
      require(money::decimal::from_text(amount->text()) == amount);
      require((*amount - *amount).is_zero() && *amount + *amount == *amount * money::decimal(2));
    }
    return 0;
  }
  try {
    const pricing::rate_table rates = pricing::rate_table::read(json::view(parsed));
    require(rates.all().size() == json::view(parsed).size);
    for (const pricing::rate& each : rates.all())
      require(!pricing::key_problem(each.key) && !each.value.is_negative());
    price(rates, text);
  } catch (const error& refused) {
    require(std::string_view(refused.sqlstate()) == sqlstate::request_invalid && !refused.detail().empty());
  }
  return 0;
}
