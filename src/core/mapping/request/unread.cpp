// Members of messages, content parts, tool calls and tools that no rule of the config reads.
#include <utility>

#include "core/given_name.hpp"
#include "core/json/text.hpp"
#include "core/mapping/request/builder.hpp"

namespace llm_admin::mapping {

namespace {

const char* const kinds[] = {"message", "content part", "tool", "tool call"};

// What is an object of its own within a content part. What is lost there changes no meaning, so it is only told.
constexpr std::string_view inside_parts[] = {"image_url", "file", "input_audio", "video_url"};

class longer {  // a pointer, by one token, while it lives
 public:
  template <typename token_type>
  longer(std::string& pointer, const token_type& token) : pointer_(pointer), before_(pointer.size()) {
    json::push_token(pointer, token);
  }
  ~longer() { pointer_.resize(before_); }
  longer(const longer&) = delete;
  longer& operator=(const longer&) = delete;

 private:
  std::string& pointer_;
  const std::size_t before_;
};

}  // namespace

void request_builder::unread_members() {
  const read_trie& reads = program_.reads;
  const auto each = [&](std::string_view param, auto look) {
    const json::node list = params_view_.member(param);
    const read_trie::place* read = reads.element(reads.member(reads.top(), param));
    // A parameter that no rule reads has been told as a whole.
    if (!list.is_array() || read == nullptr || read->whole_object ||
        !call_.params.contains(std::string(param)))
      return;
    const longer in_param(place_, params_.given_name(param));
    for (std::uint32_t n = 0; n < list.size; ++n) {
      looked_.spend();
      const longer in_list(place_, std::size_t{n});
      if (const json::node one = list.element(n); one.is_object()) look(one, read);
    }
  };
  if (reads.empty()) return;
  each("messages", [&](const json::node& message, const read_trie::place* read) {
    const json::node role = message.member("role");
    by_vendor_ = role.is_string() && role.text() == "assistant";
    unread_of_message(message, read);
  });
  by_vendor_ = false;
  each("tools", [&](const json::node& tool, const read_trie::place* read) {
    if (read_trie::takes(*read, tool)) return;
    unread_of(kind::tool, tool, read);
    for (const std::string_view name : {"function", "custom"})
      unread_below(kind::tool, tool, read, name, false);
  });
  const auto mark = [](std::vector<finding>& list, const mention& one) {
    if (one.more > 0) list[one.at].message += " (nor in " + std::to_string(one.more) + " more)";
  };
  for (const auto& [key, one] : told_) mark(std::get<2>(key) ? findings_ : result_.warnings, one);
}

void request_builder::unread_of_message(const json::node& message, const read_trie::place* reads) {
  // What the vendor's own array says already goes back to it whole.
  const std::string& dialect = program_.rules.dialect;
  if (by_vendor_ && !dialect.empty() &&
      message.member("provider_state").member(dialect).member("content").is_string())
    return;
  if (read_trie::takes(*reads, message)) return;
  unread_of(kind::message, message, reads);
  const read_trie& all = program_.reads;
  const json::node content = message.member("content"), calls = message.member("tool_calls"),
                   state = message.member("provider_state");
  const auto each = [&](const json::node& list, std::string_view name, auto look) {
    const read_trie::place* read = all.element(all.member(reads, name));
    if (!list.is_array() || read == nullptr || read->whole_object) return;
    const longer in_member(place_, name);
    for (std::uint32_t n = 0; n < list.size; ++n) {
      looked_.spend();
      const longer in_list(place_, std::size_t{n});
      if (const json::node one = list.element(n); one.is_object()) look(one, read);
    }
  };
  each(content, "content",
       [&](const json::node& part, const read_trie::place* read) { unread_of_part(part, read); });
  each(calls, "tool_calls", [&](const json::node& call, const read_trie::place* read) {
    if (read_trie::takes(*read, call)) return;
    unread_of(kind::tool_call, call, read);
    for (const std::string_view name : {"function", "custom"})
      unread_below(kind::tool_call, call, read, name, false);
  });
  if (!says_nothing(state)) unread_state(state, all.member(reads, "provider_state"));
}

void request_builder::unread_of_part(const json::node& part, const read_trie::place* reads) {
  if (read_trie::takes(*reads, part)) return;
  unread_of(kind::part, part, reads);
  for (const std::string_view name : inside_parts) unread_below(kind::part, part, reads, name, true);
}

// Of the members themselves.
void request_builder::unread_of(kind of, const json::node& object, const read_trie::place* reads) {
  for (std::uint32_t n = 0; n < object.size; ++n) {
    looked_.spend();
    std::string_view name;
    const json::node value = object.member_at(n, name);
    if (says_nothing(value) || program_.reads.member(reads, name) != nullptr) continue;
    if (of == kind::message && name == "provider_state") continue;  // by unread_state()
    // Which of its members an object goes by is told by that member, too.
    if (name == "type" && value.is_string() && object.member(value.text()).is_object()) continue;
    not_read(of, name, value, false);
  }
}

void request_builder::unread_below(kind of, const json::node& object, const read_trie::place* reads,
                                   std::string_view name, bool only_warn) {
  const json::node value = object.member(name);
  const read_trie::place* below = program_.reads.member(reads, name);
  // A place that no path goes on from is read as it is.
  if (!value.is_object() || below == nullptr || below->whole_object || below->members.empty()) return;
  const longer in_member(place_, name);
  for (std::uint32_t n = 0; n < value.size; ++n) {
    looked_.spend();
    std::string_view key;
    const json::node one = value.member_at(n, key);
    if (!says_nothing(one) && program_.reads.member(below, key) == nullptr)
      not_read(of, key, one, only_warn, name);
  }
}

// The state of another dialect is no loss that the caller could mend.
void request_builder::unread_state(const json::node& state, const read_trie::place* reads) {
  const bool before = std::exchange(by_vendor_, true);
  if (reads == nullptr || !state.is_object()) {
    if (reads == nullptr) not_read(kind::message, "provider_state", state, true);
  } else {
    const longer in_state(place_, std::string_view("provider_state"));
    for (std::uint32_t n = 0; n < state.size; ++n) {
      looked_.spend();
      std::string_view name;
      const json::node value = state.member_at(n, name);
      if (says_nothing(value) || program_.reads.member(reads, name) != nullptr) continue;
      not_read(kind::message, name, value, true);
    }
  }
  by_vendor_ = before;
}

bool request_builder::ignored(kind of, std::string_view name) const {
  const ignored_members& all = program_.ignores;
  switch (of) {
    case kind::message:
      return all.message.contains(name);
    case kind::part:
      return all.part.contains(name);
    case kind::tool:
      return all.tool.contains(name);
    case kind::tool_call:
      return all.tool_call.contains(name);
  }
  return false;
}

// A problem, or a warning: in what a vendor wrote, where the config says so, or with drop_params.
void request_builder::not_read(kind of, std::string_view name, const json::node& value, bool only_warn,
                               std::string_view around) {
  const bool left_out =
      ignored(of, name) || (!around.empty() && ignored(of, std::string(around) + "." + std::string(name)));
  const bool problem = !only_warn && !by_vendor_ && !drop_ && !left_out;
  const auto [at, fresh] = told_.try_emplace({of, name, problem});
  if (!fresh) {
    ++at->second.more;
    return;
  }
  std::vector<finding>& list = problem ? findings_ : result_.warnings;
  if (list.size() >= evaluator::max_findings) {
    told_.erase(at);
    return;
  }
  at->second.at = list.size();
  std::string pointer = nameable(resolving(json::child(place_, name), longest_pointer));
  std::string message = "no rule of this provider reads " + quoted_member(name) + " of a " +
                        kinds[static_cast<std::size_t>(of)] + (problem ? "" : "; it is left out");
  if (input_.trace) result_.trace.push_back({pointer, "", "not read", out_.borrow(value)});
  list.push_back({std::move(pointer), "", std::move(message)});
}

}  // namespace llm_admin::mapping
