// What two reports of one request are compared by.
#include <algorithm>

#include "core/usage/call.hpp"

namespace llm_admin::usage {

namespace {

void append(std::string& text, std::string_view name, std::int64_t value) {
  if (value != 0) text += ' ' + std::string(name) + '=' + std::to_string(value);
}

}  // namespace

std::string fingerprint(const call& of, std::string_view model_id) {
  std::string text = "model=" + std::string(model_id);
  append(text, "input", of.counted.input);
  append(text, "output", of.counted.output);
  append(text, "total", of.counted.total);
  append(text, "cached", of.counted.cached);
  append(text, "cache_write", of.counted.cache_write);
  append(text, "cache_write_1h", of.counted.cache_write_1h);
  append(text, "reasoning", of.counted.reasoning);
  if (of.cost) text += " cost_usd=" + *of.cost;
  if (!of.user_id.empty()) text += " user=" + std::string(of.user_id);
  return text;
}

std::string difference(std::string_view before, std::string_view now) {
  // Both are lists of name=value; values hold no blank but a user's, which stands before the last part.
  std::string text;
  const auto value_of = [](std::string_view in, std::string_view name) -> std::string_view {
    const std::string wanted = std::string(name) + '=';
    for (std::size_t at = in.find(wanted); at != std::string_view::npos; at = in.find(wanted, at + 1)) {
      if (at != 0 && in[at - 1] != ' ') continue;
      const std::size_t begin = at + wanted.size();
      return in.substr(begin, std::min(in.find(' ', begin), in.size()) - begin);
    }
    return {};
  };
  for (const std::string_view name : {"model", "input", "output", "total", "cached", "cache_write",
                                      "cache_write_1h", "reasoning", "user", "cost_usd"}) {
    const std::string_view then = value_of(before, name), given = value_of(now, name);
    if (then == given) continue;
    // What was given may be anything by mistake, so no text of it is told.
    const bool is_text = name == "model" || name == "user";
    text += (text.empty() ? "" : "; ") + std::string(name) + " was " +
            (!then.empty() ? std::string(then)
             : is_text     ? "none"
                           : "0") +
            ", " + (is_text ? "another is given" : "is " + (given.empty() ? "0" : std::string(given)));
  }
  return text.empty() && before != now ? "its user" : text;
}

}  // namespace llm_admin::usage
