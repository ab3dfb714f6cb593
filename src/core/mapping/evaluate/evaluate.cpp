#include "core/mapping/evaluate/evaluate.hpp"

#include <iterator>
#include <limits>
#include <utility>

#include "core/error.hpp"
#include "core/given_name.hpp"
#include "core/json/text.hpp"
#include "core/mapping/coerce.hpp"
#include "core/mapping/evaluate/binding.hpp"

namespace llm_admin::mapping {

namespace {

constexpr std::size_t deepest_bound = 40;  // of results; deeper ones are measured

}  // namespace

void output_too_large(const limits& most) {
  throw error(sqlstate::program_limit, "mapping stopped: its output is too large",
              "One call may make " + std::to_string(most.max_output_bytes) + " bytes of JSON.");
}

void check_output(const json::node& value, const limits& most) {
  if (json::surely_within(value, most.max_output_bytes, deepest_bound)) return;
  constexpr std::size_t any_depth = std::numeric_limits<std::size_t>::max();
  if (!json::measure(value, most.max_output_bytes, any_depth).within) output_too_large(most);
}

namespace {

// Nothing but a path and a type: what most rules are.
bool plain(const rule& of) noexcept {
  return of.head == head::paths && of.conversion == nothing && !of.joins && !of.all && !of.omit_empty &&
         of.with == nothing && of.checks == nothing;
}

bool is_empty(const json::node& value) noexcept {
  return (value.is_string() || value.is_array() || value.is_object()) && value.size == 0;
}

}  // namespace

json::item* evaluator::run(const rule& what) {
  left_.spend();
  if (!what.counts) return evaluated(what);
  const json::node around = in_.count;
  in_.count = json::view(out_.integer(++counts_[&what]));
  json::item* value = evaluated(what);
  in_.count = around;
  return value;
}

json::item* evaluator::evaluated(const rule& what) {
  json::item* value = nullptr;
  if (what.on_error != failure_policy::usual) {
    value = guarded(what);
  } else {
    bool failed = false;
    value = plain(what) ? first_of(what, failed) : attempt(what, failed, nullptr);
    value = finish(what, value, failed);
  }
  if (origins != nullptr && value != nullptr) origins->try_emplace(value, origin{&what, false});
  return value;
}

json::item* evaluator::attempt(const rule& what, bool& failed, json::item** raw) {
  if (what.with == nothing) return general(what, failed, raw);
  const rule& giver = rules_.rules[what.with];
  const std::uint64_t before = failures_;
  const json::item* given = run(giver);
  if (request_ && failures_ != before) failed = true;
  if (given == nullptr) return nullptr;
  binding here(*this, nullptr, &giver);
  here.bind_item(json::view(given));
  return general(what, failed, raw);
}

json::item* evaluator::general(const rule& what, bool& failed, json::item** raw) {
  const std::uint64_t before = failures_;
  json::item* head = head_of(what, failed);
  // What failed below is an error of a request, so the rest would only follow from it.
  if (request_ && failures_ != before) failed = true;
  const bool whole = failures_ == before;
  json::item* value = head == nullptr || failed ? nullptr : modified(what, head, failed);
  if (raw != nullptr && failures_ != before) {
    bool ignored = false;
    *raw = what.head == head::paths ? (what.joins || what.all ? matches(what, nullptr, ignored)
                                                              : first_decoded(what, nullptr, ignored))
           : whole                  ? head
                                    : nullptr;
  }
  return value;
}

json::item* evaluator::modified(const rule& what, json::item* value, bool& failed) {
  if (what.head != head::paths) {
    if (const conversion* by = conversion_of(what)) {
      const json::node decoded = decode(*by, json::view(value), what, {}, failed);
      if (decoded.is_absent()) return nullptr;
      value = out_.borrow(decoded);
    }
    if (what.joins) value = joined_value(what, value, failed);
    if (value == nullptr) return nullptr;
  }
  const checks* by = what.checks == nothing ? nullptr : &rules_.checks[what.checks];
  if (by != nullptr && by->map != nullptr) value = mapped(what, *by, value, failed);
  if (value != nullptr && by != nullptr && by->distinct) value = distinct(*by, value);
  if (value != nullptr) value = typed(what, value, failed);
  if (value != nullptr && by != nullptr) value = bounded(what, *by, value, failed);
  if (value == nullptr) return nullptr;
  if (by != nullptr) {
    std::string why;
    if (!within(*by, json::view(value), why)) {
      failed = true;
      fail(what, subject(what) + why, {nullptr, 0, true, nullptr});
      return nullptr;
    }
  }
  return what.omit_empty && is_empty(json::view(value)) ? nullptr : value;
}

json::item* evaluator::typed(const rule& what, json::item* value, bool& failed) {
  const json::node seen = json::view(value);
  if (has_kind(seen, what.type)) return value;
  if (seen.is_string()) left_.read(seen.size);
  json::item* made = coerce(seen, what.type, out_);
  if (made != nullptr) return made;
  failed = true;
  const std::string type(type_name(what.type));
  if (what.joins) {
    fail(what, "the joined text is no " + type);
  } else {
    fail(what,
         subject(what) + " must be " + type + ", not " + std::string(kind_name(seen)) + " " +
             value_or_size(seen),
         {nullptr, 0, true, nullptr});
  }
  return nullptr;
}

json::item* evaluator::finish(const rule& what, json::item* value, bool failed) {
  if (value != nullptr && json::view(value).is_absent()) value = nullptr;
  if (value == nullptr && !(failed && request_) && what.fallback != nullptr) {
    value = fallback_of(what);
  }
  if (value == nullptr && what.required && !failed && enforce_required) {
    std::string message = (what.name.empty() ? "a value" : quoted_member(what.name)) + " is required";
    if ((what.head == head::paths || what.head == head::each) && what.path_count > 0) {
      const path& from = rules_.paths[what.first_path];
      if (from.root == root_kind::param) message += "; give the parameter " + quoted_member(from.root_name);
      if (!request_) message += " and not in the response";
    }
    fail(what, std::move(message));
  }
  return value;
}

json::item* evaluator::fallback_of(const rule& what) {
  json::item* value = out_.borrow(json::view(what.fallback));
  if (origins != nullptr) origins->try_emplace(value, origin{&what, true});
  return value;
}

json::item* evaluator::guarded(const rule& what) {
  const std::size_t warnings_before = warnings.size();
  const std::uint64_t failures_before = failures_;
  const bool drops = what.on_error != failure_policy::fail;
  if (drops) ++quiet_;
  bool failed = false;
  json::item* raw = nullptr;
  json::item* attempted = attempt(what, failed, what.on_error == failure_policy::raw ? &raw : nullptr);
  json::item* value = finish(what, attempted, failed);
  if (drops) --quiet_;
  if (failures_ == failures_before) return value;
  if (!drops) {  // what was found below is no mere warning then
    if (!request_ && enforce_required) {
      const auto first = warnings.begin() + static_cast<std::ptrdiff_t>(warnings_before);
      std::move(first, warnings.end(), std::back_inserter(errors));
      warnings.erase(first, warnings.end());
    }
    return nullptr;
  }
  failures_ = failures_before;
  if (warnings.size() > warnings_before) warnings.resize(warnings_before);  // of what is dropped now
  if (request_ && what.head == head::raise && quiet_ == 0) note(what, what.text);
  if (what.on_error == failure_policy::raw && raw != nullptr) return raw;
  const bool falls_back = what.on_error != failure_policy::omit && what.fallback != nullptr;
  return falls_back ? fallback_of(what) : nullptr;
}

// Where a failure of the rule is kept.
std::vector<finding>& evaluator::list_for(const rule& what) noexcept {
  const bool raise =
      request_ || (enforce_required && (what.required || what.on_error == failure_policy::fail));
  return raise ? errors : warnings;
}

void evaluator::note(const rule& what, std::string message, spot at) {
  if (warnings.size() >= max_findings) return;
  std::string where =
      warnings.size() < max_listed ? resolving(place(what, at), longest_pointer) : std::string();
  warnings.push_back({std::move(where), what.pointer, std::move(message)});
}

void evaluator::fail(const rule& what, std::string message, spot at) {
  ++failures_;
  if (quiet_ > 0) return;
  std::vector<finding>& list = list_for(what);
  if (list.size() >= max_findings) return;
  const rule& named = at.part != nullptr ? *at.part : what;
  std::string where = list.size() < max_listed ? resolving(place(named, at), longest_pointer) : std::string();
  list.push_back({std::move(where), named.pointer, std::move(message)});
}

}  // namespace llm_admin::mapping
