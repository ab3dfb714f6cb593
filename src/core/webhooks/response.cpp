#include "core/webhooks/response.hpp"

#include "core/json/plain_utf8.hpp"
#include "core/json/utf8.hpp"
#include "core/keys/redact.hpp"

namespace llm_admin::webhooks {

namespace {

constexpr std::size_t longest_character = 4;  // bytes

// The first bytes of a longer text, without a character that they hold the beginning of.
std::string_view beginning_of(std::string_view body) {
  const std::string_view cut = body.substr(0, kept_response);
  if (cut.size() == body.size()) return cut;
  for (std::size_t back = 1; back < longest_character; ++back) {
    const std::size_t at = cut.size() - back, whole = json::sequence(body.substr(at));
    if (whole > 0) return whole > back ? cut.substr(0, at) : cut;
  }
  return cut;
}

}  // namespace

std::string response_text(std::string_view body) {
  std::string text = repaired_utf8(beginning_of(body));
  text.resize(shortened(text, kept_response).size());
  return text;
}

}  // namespace llm_admin::webhooks
