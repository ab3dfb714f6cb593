#include "core/mapping/response/usage.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "core/json/decimal.hpp"
#include "core/json/text.hpp"
#include "core/mapping/coerce.hpp"

namespace llm_admin::mapping {

namespace {

constexpr std::int64_t largest_count = std::int64_t{1} << 53;

// The objects in which OpenAI's two APIs nest parts under their own names.
enum details : std::uint8_t { of_input, of_output, kinds_of_details, no_details = kinds_of_details };
constexpr std::array<std::array<std::string_view, 2>, kinds_of_details> details_names = {
    {{"prompt_tokens_details", "input_tokens_details"},
     {"completion_tokens_details", "output_tokens_details"}}};

struct part {
  std::string_view name, chat_name;
  details within;
};

enum : std::size_t { input, output, cached, written, written_1h, reasoning, count };

constexpr std::array<part, count> parts = {{{"input_tokens", "prompt_tokens", no_details},
                                            {"output_tokens", "completion_tokens", no_details},
                                            {"cached_tokens", "", of_input},
                                            {"cache_write_tokens", "", of_input},
                                            {"cache_write_1h_tokens", "", no_details},
                                            {"reasoning_tokens", "", of_output}}};
constexpr std::array<std::string_view, 3> kinds_of_content = {"audio_tokens", "image_tokens", "video_tokens"};

class usage_maker {
 public:
  usage_maker(const json::node& raw, std::string_view rule, json::tree& out, std::vector<finding>& warnings)
      : raw_(raw), rule_(rule), out_(out), warnings_(warnings) {
    for (std::size_t kind = 0; kind < kinds_of_details; ++kind) {
      for (std::size_t n = 0; n < details_names[kind].size(); ++n)
        details_[kind][n] = raw.member(details_names[kind][n]);
    }
  }

  // False when nothing is reported.
  bool read() {
    bool any = false;
    for (std::size_t n = 0; n < count; ++n) {
      counts_[n] = count_of(part_of(parts[n]), parts[n].name);
      any |= n <= output ? counts_[n] >= 0 : counts_[n] > 0;  // a part that is 0 may be a rule's default
      if (counts_[n] < 0) counts_[n] = 0;
    }
    return any;
  }

  void check() {
    hold(written, counts_[written_1h], "cache_write_1h_tokens");
    hold(input, counts_[cached] + counts_[written], "cached_tokens and cache_write_tokens");
    hold(input, content(of_input), "audio, image and video tokens");
    hold(output, counts_[reasoning], "reasoning_tokens");
    hold(output, content(of_output), "audio, image and video tokens");
    total();
  }

  json::item* make(bool empty_is_absent) {
    json::item* made = out_.object(count + 2);
    for (std::size_t n = 0; n < count; ++n) {
      out_.append(made, parts[n].name, out_.integer(counts_[n]));
      if (n == output) out_.append(made, "total_tokens", out_.integer(counts_[input] + counts_[output]));
    }
    json::node tier = raw_.member("service_tier");
    if (empty_is_absent && tier.is_string() && tier.size == 0) tier = {};
    out_.append(made, "service_tier", text_or_null(tier));
    return made;
  }

 private:
  json::node part_of(const part& what) const {
    json::node value = raw_.member(what.name);
    if (value.is_absent() && !what.chat_name.empty()) value = raw_.member(what.chat_name);
    return value.is_absent() && what.within != no_details ? nested(what.within, what.name) : value;
  }

  json::node nested(details within, std::string_view name) const {
    json::node value;
    for (std::size_t n = 0; n < details_[within].size() && value.is_absent(); ++n)
      value = details_[within][n].member(name);
    return value;
  }

  // -1 when it is not reported.
  std::int64_t count_of(const json::node& value, std::string_view name) {
    if (value.is_absent()) return -1;
    std::optional<std::int64_t> number;
    if (value.is_number()) {
      number = json::to_int64(value.number_text());
    } else if (const json::item* whole = coerce(value, value_type::integer, out_)) {
      number = json::to_int64(json::view(whole).number_text());
    }
    if (number && *number >= 0 && *number <= largest_count) return *number;
    warn(std::string(name) + " must be a whole number, not " + json::excerpt(value, 40));
    return -1;
  }

  json::item* text_or_null(const json::node& value) {
    if (value.is_absent()) return out_.null();
    json::item* text = coerce(value, value_type::string, out_);
    return text != nullptr ? text : out_.string(out_.keep(json::excerpt(value, 1000)));
  }

  std::int64_t content(details within) {
    std::int64_t sum = 0;
    for (std::string_view name : kinds_of_content)
      sum += std::max<std::int64_t>(count_of(nested(within, name), name), 0);
    return sum;
  }

  void hold(std::size_t whole, std::int64_t within, std::string_view name) {
    if (within <= counts_[whole]) return;
    const std::string_view total = parts[whole].name;
    warn(std::string(name) + " are " + std::to_string(within) + ", more than the " +
         std::to_string(counts_[whole]) + " " + std::string(total) +
         ": they are counted apart and were added");
    counts_[whole] += within;
  }

  void total() {
    const std::int64_t given = count_of(raw_.member("total_tokens"), "total_tokens");
    const std::int64_t sum = counts_[input] + counts_[output];
    if (given < 0 || given == sum) return;
    const std::string both = "the vendor's total_tokens are " + std::to_string(given) +
                             ", input and output " + std::to_string(sum);
    if (given < sum) return warn(both);
    warn(both + ": the rest counts as output");
    counts_[output] += given - sum;
  }

  void warn(std::string message) { warnings_.push_back({"", std::string(rule_), std::move(message)}); }

  const json::node& raw_;
  std::string_view rule_;
  json::tree& out_;
  std::vector<finding>& warnings_;
  std::array<std::array<json::node, 2>, kinds_of_details> details_;
  std::array<std::int64_t, count> counts_{};
};

}  // namespace

json::item* usage_of(const json::node& raw, std::string_view rule, bool checked, json::tree& out,
                     std::vector<finding>& warnings) {
  if (!raw.is_object()) return nullptr;
  usage_maker made(raw, rule, out, warnings);
  if (!made.read()) return nullptr;
  if (checked) made.check();
  return made.make(checked);
}

}  // namespace llm_admin::mapping
