#include "core/limits/request_size.hpp"

#include <algorithm>
#include <string_view>
#include <vector>

#include "core/json/decimal.hpp"
#include "core/json/text.hpp"

namespace llm_admin::limits {

namespace {

constexpr std::size_t most_bytes = std::size_t{1} << 40;
constexpr std::size_t deepest = 1000;
constexpr std::uint64_t bytes_of_a_visit = 16;
// Quotes, colon and comma of a member.
constexpr std::uint64_t punctuation = 4;

constexpr std::string_view walked[] = {"messages", "input", "contents", "prompt", "system", "instructions"};
constexpr std::string_view listed_messages[] = {"messages", "input", "contents"};
// Names in messages that stand for the vendor's own structure, whose tokens the overhead covers.
constexpr std::string_view structure[] = {"role",      "content",      "type",  "text",       "name",
                                          "parts",     "tool_calls",   "id",    "input",      "function",
                                          "arguments", "tool_call_id", "index", "tool_use_id"};

template <std::size_t N>
bool is_one_of(std::string_view name, const std::string_view (&names)[N]) noexcept {
  return std::find(std::begin(names), std::end(names), name) != std::end(names);
}

enum class attachment : std::uint8_t { none, image, audio, video, file };

attachment kind_named(std::string_view text) noexcept {
  const auto holds = [text](std::string_view word) { return text.find(word) != std::string_view::npos; };
  if (holds("image")) return attachment::image;
  if (holds("audio")) return attachment::audio;
  if (holds("video")) return attachment::video;
  if (holds("file") || holds("document")) return attachment::file;
  return attachment::none;
}

bool is_url(std::string_view text) noexcept {
  for (const std::string_view scheme : {"http://", "https://", "gs://", "s3://"})
    if (text.starts_with(scheme)) return true;
  return false;
}

// What an attachment carries, encoded: no text that a model reads as it stands.
bool is_payload(std::string_view text) noexcept {
  constexpr std::size_t shortest = 32;
  if (text.starts_with("data:")) return true;
  return text.size() >= shortest && std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  std::string_view("+/=-_\r\n").find(c) != std::string_view::npos;
         });
}

class request_walk {
 public:
  explicit request_walk(memory_bound* bound) : bound_(bound) {}

  request_size run(const json::node& params) {
    for (std::uint32_t n = 0; params.is_object() && n < params.size; ++n) {
      std::string_view name;
      const json::node value = params.member_at(n, name);
      if (is_one_of(name, walked)) {
        if (is_one_of(name, listed_messages) && value.is_array()) made_.messages += value.size;
        messages(value);
      } else if (value.is_array() || value.is_object()) {
        const std::size_t bytes = json::measure(value, most_bytes, deepest).bytes;
        worked(bytes);
        made_.text_bytes += name.size() + punctuation + bytes;
        asked_for(name, value);
        if (name == "extra_body" && value.is_object())
          for (std::uint32_t m = 0; m < value.size; ++m) {
            std::string_view within;
            const json::node extra = value.member_at(m, within);
            asked_for(within, extra);
          }
      }
    }
    return made_;
  }

 private:
  // A container that is being walked, and how far.
  struct place {
    json::node of;
    std::uint32_t next = 0;
    bool attached = false;
  };

  void asked_for(std::string_view name, const json::node& value) {
    if (name == "tools") tools(value);
    if (name == "modalities" || name == "response_modalities") modalities(value);
  }

  void worked(std::size_t bytes) {
    if (bound_ != nullptr) bound_->work(bytes_of_a_visit + bytes);
  }

  void messages(const json::node& from) {
    visit(from, false);
    while (!open_.empty()) {
      place& last = open_.back();
      if (last.next == last.of.size) {
        open_.pop_back();
        continue;
      }
      const bool attached = last.attached;
      if (last.of.is_array()) {
        visit(last.of.element(last.next++), attached);
        continue;
      }
      std::string_view name;
      const json::node value = last.of.member_at(last.next++, name);
      if (!is_one_of(name, structure)) made_.text_bytes += name.size() + punctuation;
      visit(value, attached);
    }
  }

  // A scalar is counted, a container opened.
  void visit(const json::node& value, bool attached) {
    worked(value.is_string() ? value.size : 0);
    if (value.is_string()) {
      made_.by_url = made_.by_url || (attached && is_url(value.text()));
      if (!attached || !is_payload(value.text())) made_.text_bytes += value.size;
    } else if (value.is_number()) {
      made_.text_bytes += value.number_text().size();
    } else if (value.is_boolean()) {
      made_.text_bytes += punctuation;
    } else if (value.is_array()) {
      made_.text_bytes += value.size;
      open_.push_back({value, 0, attached});
    } else if (value.is_object()) {
      const bool attaches = !attached && counted(kind_of(value));
      open_.push_back({value, 0, attached || attaches});
    }
  }

  static attachment kind_of(const json::node& part) {
    if (const json::node type = part.member("type"); type.is_string()) return kind_named(type.text());
    for (const std::string_view holder : {"inline_data", "inlineData", "file_data", "fileData"}) {
      const json::node data = part.member(holder);
      if (!data.is_object()) continue;
      json::node mime = data.member("mime_type");
      if (!mime.is_string()) mime = data.member("mimeType");
      const attachment kind = mime.is_string() ? kind_named(mime.text()) : attachment::none;
      return kind == attachment::none ? attachment::file : kind;
    }
    return attachment::none;
  }

  bool counted(attachment kind) {
    switch (kind) {
      case attachment::none:
        return false;
      case attachment::image:
        return ++made_.images > 0;
      case attachment::audio:
        return ++made_.audios > 0;
      case attachment::video:
        return ++made_.videos > 0;
      case attachment::file:
        break;
    }
    return ++made_.files > 0;
  }

  void tools(const json::node& list) {
    if (!list.is_array()) return;
    made_.tools += list.size;
    for (std::uint32_t n = 0; n < list.size; ++n) {
      const json::node type = list.element(n).member("type");
      if (type.is_string() && type.text() != "function" && type.text() != "custom") made_.server_tools = true;
    }
  }

  void modalities(const json::node& list) {
    for (std::uint32_t n = 0; list.is_array() && n < list.size; ++n) {
      const json::node one = list.element(n);
      made_.media_out = made_.media_out || (one.is_string() && one.text() != "text" && one.text() != "TEXT");
    }
  }

  memory_bound* bound_;
  request_size made_;
  std::vector<place> open_;
};

// Of one holder of parameters; 0: none.
std::int64_t choices_within(const json::node& holder) {
  std::int64_t most = 0;
  for (const std::string_view name :
       {"n", "best_of", "candidate_count", "candidateCount", "num_generations", "num_return_sequences"}) {
    const json::node value = holder.member(name);
    if (value.is_absent()) continue;
    // A text that is a number is sent as one.
    const auto number = value.is_number()   ? json::to_int64(value.number_text())
                        : value.is_string() ? json::to_int64(value.text())
                                            : std::nullopt;
    most = std::max(most, number ? std::clamp<std::int64_t>(*number, 1, most_choices) : most_choices);
  }
  return most;
}

}  // namespace

std::int64_t requested_choices(const json::node& params) {
  const json::node extra = params.member("extra_body");
  std::int64_t most = std::max({std::int64_t{1}, choices_within(params), choices_within(extra)});
  for (std::uint32_t n = 0; extra.is_object() && n < extra.size; ++n) {
    std::string_view name;
    most = std::max(most, choices_within(extra.member_at(n, name)));
  }
  return most;
}

std::string_view requested_service_tier(const json::node& params) {
  for (const json::node& holder : {params.member("extra_body"), params})
    for (const std::string_view name : {"service_tier", "serviceTier"})
      if (const json::node tier = holder.member(name); tier.is_string() && tier.size > 0) return tier.text();
  return {};
}

request_size size_of(const json::node& params, memory_bound* bound) {
  return request_walk(bound).run(params);
}

std::optional<std::int64_t> requested_maximum(const json::node& params) {
  std::optional<std::int64_t> largest;
  for (const json::node& holder : {params, params.member("extra_body")})
    for (const std::string_view name : {"max_output_tokens", "max_completion_tokens", "max_tokens"}) {
      const json::node value = holder.member(name);
      if (value.is_absent()) continue;
      const auto number = value.is_number() ? json::to_int64(value.number_text()) : std::nullopt;
      const std::int64_t its = number && *number > 0 ? *number : largest_maximum;
      largest = std::max(largest.value_or(0), its);
    }
  return largest;
}

}  // namespace llm_admin::limits
