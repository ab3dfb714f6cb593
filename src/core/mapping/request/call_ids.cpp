#include "core/mapping/request/call_ids.hpp"

#include <deque>
#include <map>
#include <set>

#include "core/json/text.hpp"
#include "core/mapping/state.hpp"

namespace llm_admin::mapping {

namespace {

std::string_view text_of(const json::node& value) {
  return value.is_string() ? value.text() : std::string_view();
}

class separator {
 public:
  separator(const json::node& messages, std::string_view dialect, json::tree& out, budget& left)
      : messages_(messages), dialect_(dialect), out_(out), left_(left) {}
  ~separator() {
    if (out_.charged() != nullptr) out_.charged()->give(held_);
  }
  separator(const separator&) = delete;
  separator& operator=(const separator&) = delete;

  distinct_calls run() {
    if (!find_all()) return std::move(made_);
    find_kept();
    made_.messages = out_.array();
    for (std::uint32_t n = 0; n < messages_.size; ++n) {
      const json::node message = messages_.element(n);
      json::item* changed = text_of(message.member("role")) == "tool" ? result(message) : calls(message, n);
      out_.push(made_.messages, changed != nullptr ? changed : out_.borrow(message));
    }
    return std::move(made_);
  }

 private:
  // Does any id come twice?
  bool find_all() {
    bool twice = false;
    for (std::uint32_t n = 0; messages_.is_array() && n < messages_.size; ++n) {
      left_.spend();
      const json::node list = messages_.element(n).member("tool_calls");
      for (std::uint32_t at = 0; list.is_array() && at < list.size; ++at) {
        left_.spend();
        const std::string_view id = text_of(list.element(at).member("id"));
        if (id.empty()) continue;
        hold(ids_.insert(id).second ? memory_of_id : 0);
        twice |= ids_.size() < ++calls_with_id_;
      }
    }
    return twice;
  }

  // Ids that go out as their vendor wrote them, within what is kept of the answer.
  void find_kept() {
    for (std::uint32_t n = 0; n < messages_.size; ++n) {
      const json::node message = messages_.element(n), list = message.member("tool_calls");
      for (std::uint32_t at = 0; list.is_array() && at < list.size; ++at) {
        const std::string_view id = text_of(list.element(at).member("id"));
        if (!id.empty() && keeps(message, id)) kept_.insert(id);
      }
    }
  }

  bool keeps(const json::node& message, std::string_view id) {
    if (dialect_.empty()) return false;
    const std::string_view state =
        text_of(message.member("provider_state").member(dialect_).member("content"));
    left_.read(state.size());
    return state.find(json::quoted(id)) != std::string_view::npos;
  }

  void hold(std::uint64_t bytes) {
    if (out_.charged() == nullptr || bytes == 0) return;
    out_.charged()->take(bytes);
    held_ += bytes;
  }

  std::string_view fresh(std::string_view id) {
    for (std::uint64_t& number = numbers_[id];;) {
      left_.spend();
      std::string made = std::string(id) + "_" + std::to_string(++number + 1);
      if (ids_.contains(made)) continue;
      const std::string_view kept = out_.keep(made);
      hold(memory_of_id);
      ids_.insert(kept);
      return kept;
    }
  }

  // `of` with another text under `name`.
  json::item* with(const json::node& of, std::string_view name, json::item* value) {
    json::item* changed = out_.object();
    for (std::uint32_t n = 0; n < of.size; ++n) {
      left_.spend();
      std::string_view key;
      const json::node member = of.member_at(n, key);
      out_.append(changed, key, key == name ? value : out_.borrow(member));
    }
    return changed;
  }

  json::item* calls(const json::node& message, std::uint32_t number) {
    const json::node list = message.member("tool_calls");
    if (!list.is_array()) return nullptr;
    json::item* changed = out_.array();
    bool any = false;
    std::set<std::string_view> here;
    for (std::uint32_t n = 0; n < list.size; ++n) {
      left_.spend();
      const json::node call = list.element(n);
      const std::string_view id = text_of(call.member("id"));
      if (id.empty()) {
        out_.push(changed, out_.borrow(call));
        continue;
      }
      std::deque<std::string_view>& waiting = waiting_[id];
      if (here.insert(id).second) waiting.clear();  // what was not answered before is not answered any more
      const bool fixed = keeps(message, id);
      const bool again = !fixed && (kept_.contains(id) || used_.contains(id));
      used_.insert(id);
      waiting.push_back(again ? fresh(id) : id);
      last_[id] = waiting.back();
      out_.push(changed, again ? with(call, "id", out_.string(waiting.back())) : out_.borrow(call));
      if (!again) continue;
      any = true;
      made_.pointers.push_back(json::child(
          json::child(json::child(json::child("", std::size_t{number}), "tool_calls"), std::size_t{n}),
          "id"));
    }
    return any ? same_state(message, with(message, "tool_calls", changed)) : nullptr;
  }

  // What is kept of the answer stays good for the message: nobody edited it.
  json::item* same_state(const json::node& before, json::item* message) {
    const json::node states = before.member("provider_state");
    const json::node state = dialect_.empty() ? json::node{} : states.member(dialect_);
    const std::string_view digest = text_of(state.member("digest"));
    if (digest.empty() || digest != state_digest(before, out_.charged())) return message;
    json::item* made = out_.string(out_.keep(state_digest(json::view(message), out_.charged())));
    return with(json::view(message), "provider_state", with(states, dialect_, with(state, "digest", made)));
  }

  json::item* result(const json::node& message) {
    const std::string_view id = text_of(message.member("tool_call_id"));
    const auto known = waiting_.find(id);
    if (id.empty() || known == waiting_.end()) return nullptr;
    std::string_view belongs = last_[id];
    if (!known->second.empty()) {
      belongs = known->second.front();
      known->second.pop_front();
    }
    return belongs == id ? nullptr : with(message, "tool_call_id", out_.string(belongs));
  }

  const json::node& messages_;
  const std::string_view dialect_;
  json::tree& out_;
  budget& left_;
  static constexpr std::uint64_t memory_of_id = 400;  // in all that is kept of one below
  std::uint64_t held_ = 0, calls_with_id_ = 0;
  distinct_calls made_;
  std::set<std::string_view> ids_, used_, kept_;
  std::map<std::string_view, std::uint64_t> numbers_;
  std::map<std::string_view, std::deque<std::string_view>> waiting_;  // calls without a result, by given id
  std::map<std::string_view, std::string_view> last_;
};

}  // namespace

distinct_calls make_calls_distinct(const json::node& messages, std::string_view dialect, json::tree& out,
                                   budget& left) {
  return separator(messages, dialect, out, left).run();
}

}  // namespace llm_admin::mapping
