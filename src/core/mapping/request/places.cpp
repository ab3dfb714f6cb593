// Where values go: the body, the URL, headers; and what extra_body may not reach.
#include <algorithm>
#include <set>

#include "core/given_name.hpp"
#include "core/http/auth.hpp"
#include "core/http/headers.hpp"
#include "core/http/url.hpp"
#include "core/json/text.hpp"
#include "core/mapping/coerce.hpp"
#include "core/mapping/request/builder.hpp"
#include "core/text.hpp"

namespace llm_admin::mapping {

namespace {

constexpr const char* no_model = "extra_body cannot set the model; give model_name";
constexpr const char* no_output_tokens = "extra_body cannot set max_output_tokens; give it as a parameter";

}  // namespace

void request_builder::put(const rule& of, const place& where, json::item* value) {
  switch (where.kind) {
    case place_kind::body:
      return put_into_body(of, where, value);
    case place_kind::url:
      return put_into_url(of, where, value);
    case place_kind::query:
      return put_into_query(of, where.segments[0], value);
    case place_kind::splice:
      spliced_by_ = &of;  // after all others
      spliced_ = value;
  }
}

void request_builder::put_into_body(const rule& of, const place& where, json::item* value) {
  if (input_.trace) {
    std::string pointer;
    for (const std::string& segment : where.segments) json::push_token(pointer, segment);
    trace(of, value, std::move(pointer));
  }
  json::item* target = result_.body;
  for (std::size_t n = 0; n + 1 < where.segments.size(); ++n) {
    json::item* next = json::tree::find(target, where.segments[n]);
    if (next == nullptr) {
      next = out_.object();
      out_.append(target, where.segments[n], next);
    }
    target = next;
  }
  out_.append(target, where.segments.back(), value);  // the compiler has seen to it that no two places meet
}

// What leaves the body is text; everything but an object or an array can become one.
std::optional<std::string> request_builder::plain_text(const rule& of, const json::item* value,
                                                       const char* what) {
  const json::node given = json::view(value);
  const json::item* text = coerce(given, value_type::string, out_);
  if (text == nullptr) {
    find("", of.pointer,
         std::string(what) + " must be a text, a number or a boolean, not " + std::string(kind_name(given)));
    return std::nullopt;
  }
  const std::string_view plain = json::view(text).text();
  outside_ += plain.size();
  if (outside_ > input_.limits.max_output_bytes) output_too_large(input_.limits);
  return std::string(plain);
}

void request_builder::put_into_query(const rule& of, const std::string& name, const json::item* value) {
  if (input_.trace) trace(of, value, "query:" + name);
  std::optional<std::string> plain = plain_text(of, value, "what goes into the URL");
  if (plain) result_.query.emplace_back(name, std::move(*plain));
}

void request_builder::put_into_url(const rule& of, const place& where, const json::item* value) {
  const std::string& name = where.segments[0];
  if (input_.trace) trace(of, value, "url:" + name);
  std::optional<std::string> plain = plain_text(of, value, "what goes into the URL");
  if (!plain) return;
  // Dots survive percent-encoding, and a client would take them for a way up.
  const std::string_view whole = *plain;
  for (std::size_t from = 0; from <= whole.size();) {
    const std::size_t end =
        where.keeps_slashes ? std::min(whole.find('/', from), whole.size()) : whole.size();
    const std::string_view segment = whole.substr(from, end - from);
    if (segment.empty() || segment == "." || segment == "..")
      return find("", of.pointer, quoted_member(*plain) + " cannot be a part of the URL's path");
    from = end + 1;
  }
  if (where.keeps_slashes) result_.segmented_holes.push_back(name);
  result_.url_holes.emplace_back(name, std::move(*plain));
}

// A hole whose rule gave no value, or which no rule fills at all. What kept the rule from it has been told.
void request_builder::require_holes(std::string_view path) {
  for (std::size_t open = path.find('{'); open != std::string_view::npos; open = path.find('{', open + 1)) {
    const std::size_t close = path.find('}', open);
    if (close == std::string_view::npos) return;
    const std::string_view name = path.substr(open + 1, close - open - 1);
    const auto filled = [&](const auto& hole) { return hole.first == name; };
    if (std::any_of(result_.url_holes.begin(), result_.url_holes.end(), filled)) continue;
    std::string by;
    for (std::uint32_t n = 0; n < call_.count && by.empty(); ++n) {
      const place& where = call_.places[n];
      if (where.kind == place_kind::url && where.segments[0] == name)
        by = program_.rules.rules[call_.first + n].pointer;
    }
    const auto told = [&](const finding& one) { return one.rule.starts_with(by); };
    if (!by.empty() && std::any_of(findings_.begin(), findings_.end(), told)) continue;
    find("", by, "nothing fills {" + member_named(name) + "} in the URL");
  }
}

void request_builder::put_header(const rule& of, const json::item* value) {
  if (input_.trace) trace(of, value, "header:" + of.name);
  std::optional<std::string> plain = plain_text(of, value, "the value of a header");
  if (!plain) return;
  if (!valid_header_value(*plain))
    return find("", of.pointer, "the value of header " + header_named(of.name) + " holds control characters");
  if (!within_latin_1(*plain))
    return find("", of.pointer,
                "the value of header " + header_named(of.name) + " holds characters that are not in Latin-1");
  result_.headers.emplace_back(of.name, std::move(*plain));
}

// Headers that the caller adds; never in the place of one that a rule made.
void request_builder::extra_headers() {
  const std::size_t made = result_.headers.size();
  std::set<std::string> taken;
  for (std::size_t n = 0; n < made; ++n)
    taken.insert(ascii_lower(std::string_view(result_.headers[n].first)));
  for (std::uint32_t n = 0; n < extra_headers_.size; ++n) {
    left_.spend();
    std::string_view name;
    const json::node value = extra_headers_.member_at(n, name);
    if (value.is_absent()) continue;
    const std::string at = nameable(json::child("/extra_headers", name));
    const auto refuse = [&](std::string why) { find(at, "", header_named(name) + std::move(why)); };
    if (!valid_header_name(name)) {
      refuse(" is no HTTP header name");
    } else if (auth::is_reserved_header(name)) {
      refuse(" may not be set by extra_headers: it carries credentials or steers delivery");
    } else if (!value.is_string() || !valid_header_value(value.text()) || !within_latin_1(value.text())) {
      refuse(" must be a text without control characters, in Latin-1");
    } else if (!taken.insert(ascii_lower(name)).second) {
      refuse(" cannot be set by extra_headers: it is set already");
    } else {
      outside_ += name.size() + value.size;
      if (outside_ > input_.limits.max_output_bytes) output_too_large(input_.limits);
      result_.headers.emplace_back(name, value.text());
      if (input_.trace)
        result_.trace.push_back({"header:" + std::string(name), "", "extra_headers", out_.borrow(value)});
    }
  }
}

// Members that are taken, or that extra_body could not set either, are left out.
void request_builder::splice(const rule& of, const json::item* value) {
  const json::node from = json::view(value);
  if (!from.is_object())
    return find("", of.pointer,
                "what is spliced into the body must be an object, not " + std::string(kind_name(from)));
  const extra_guard guard = guarded();
  std::set<std::string_view> taken;
  for (const json::item* one : result_.body->children()) taken.insert(one->key);
  for (const auto& [name, why] : guard.names) taken.insert(name);
  for (const auto& [place, why] : guard.places) taken.insert(place[0]);
  for (std::uint32_t n = 0; n < from.size; ++n) {
    left_.spend();
    std::string_view key;
    const json::node member = from.member_at(n, key);
    if (member.is_absent() || taken.contains(key)) continue;
    json::item* made = out_.borrow(member);
    if (input_.trace) trace(of, made, json::child("", key));
    out_.append(result_.body, key, made);
  }
}

extra_guard request_builder::guarded() {
  extra_guard guard;
  guard.names.emplace_back("model", no_model);
  for (std::uint32_t n = 0; n < call_.count; ++n) {
    const place& where = call_.places[n];
    const rule& of = program_.rules.rules[call_.first + n];
    if (where.kind == place_kind::url || where.kind == place_kind::query) {
      for (const std::string& name : {of.name, where.segments[0]})
        guard.names.emplace_back(name,
                                 "extra_body cannot set " + member_named(name) + ", which goes into the URL");
    } else if (call_.first + n == call_.model_rule) {
      guard.places.emplace_back(where.segments, no_model);
    } else if (limit_ && where.kind == place_kind::body) {
      std::vector<std::string> segments = where.segments;
      guard_output_tokens(of, segments, guard);
    }
  }
  if (limit_) {
    for (const char* name : {"max_output_tokens", "max_tokens", "max_completion_tokens"})
      guard.names.emplace_back(name, no_output_tokens);
  }
  return guard;
}

void request_builder::guard_output_tokens(const rule& of, std::vector<std::string>& segments,
                                          extra_guard& guard) {
  left_.spend();
  if (of.caps_output && out_.charged() != nullptr) {  // there may be many, through definitions
    std::uint64_t size = 0;
    for (const std::string& segment : segments) size += 2 * sizeof(segment) + segment.size();
    out_.charged()->take(size);
  }
  if (of.caps_output) guard.places.emplace_back(segments, no_output_tokens);
  if (of.head == head::call || of.head == head::select ||
      of.head == head::first) {  // any branch may be the one
    for (std::uint32_t n = 0; n < of.child_count; ++n)
      guard_output_tokens(program_.rules.rules[of.first_child + n], segments, guard);
    return;
  }
  if (of.head != head::fields) return;
  for (std::uint32_t n = 0; n < of.child_count; ++n) {
    const rule& part = program_.rules.rules[of.first_child + n];
    if (part.spread) continue;
    segments.push_back(part.name);
    guard_output_tokens(part, segments, guard);
    segments.pop_back();
  }
}

// extra_body without what it holds for single providers: an object under the name of one. The own one's
// members come behind the others.
json::node request_builder::extra_of_provider(const json::node& extra) {
  if (program_.rules.version < language::v1_2) return extra;  // before 1.2 a member is a member
  std::set<std::string_view> of_providers;
  json::node own;
  for (std::uint32_t n = 0; n < extra.size; ++n) {
    left_.spend();
    std::string_view key;
    const json::node value = extra.member_at(n, key);
    if (!value.is_object()) continue;
    const bool named = !input_.provider_name.empty() && key == input_.provider_name;
    const std::string of = named                           ? std::string(key)
                           : input_.provider_of != nullptr ? input_.provider_of(key)
                                                           : std::string();
    if (of.empty()) continue;
    of_providers.insert(key);
    if (of == input_.provider_name) own = value;
  }
  if (of_providers.empty()) return extra;
  json::item* made = out_.object();
  for (const json::node& from : {extra, own}) {
    for (std::uint32_t n = 0; n < from.size; ++n) {
      left_.spend();
      std::string_view key;
      const json::node value = from.member_at(n, key);
      const bool of_provider = from.data == extra.data && of_providers.contains(key);
      if (!of_provider) out_.append(made, key, out_.borrow(value));
    }
  }
  out_.unify(made);  // what is meant for this provider alone wins
  return json::view(made);
}

void request_builder::merge_extra() {
  std::vector<std::string> added;
  extra_ = extra_of_provider(extra_);
  merge_extra_body(result_.body, extra_, guarded(), out_, left_, "/extra_body", findings_,
                   input_.trace ? &added : nullptr);
  if (!input_.trace) return;
  for (std::string& pointer : added) {
    const json::item* value = out_.borrow(json::resolve(extra_, pointer));
    result_.trace.push_back({std::move(pointer), "", "extra_body", value});
  }
}

}  // namespace llm_admin::mapping
