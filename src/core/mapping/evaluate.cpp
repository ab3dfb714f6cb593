#include "core/mapping/evaluate.hpp"

#include <limits>
#include <utility>

#include "core/error.hpp"
#include "core/json/text.hpp"
#include "core/mapping/coerce.hpp"

namespace llm_admin::mapping {

namespace {

// Only what a caller sent can be pointed at.
bool points_into_input(const path& from) noexcept {
  return from.root == root_kind::document || from.root == root_kind::param;
}

std::string source_name(const path& from) {
  switch (from.root) {
    case root_kind::provider:
      return "provider:" + from.root_name;
    case root_kind::model:
      return "model:" + from.root_name;
    case root_kind::header:
      return "header:" + from.root_name;
    case root_kind::param:
      return from.root_name;
    default:
      return "value";
  }
}

// The longest text of a number in jsonb: 131,072 digits before the point, 16,383 after it.
constexpr std::uint64_t longest_number = 150'000;
constexpr int deepest_bound = 40;  // of results; deeper ones are measured

bool spend(std::uint64_t& left, std::uint64_t bytes) noexcept {
  if (bytes > left) return false;
  left -= bytes;
  return true;
}

// An upper bound that looks at no text: true when `value` surely fits into `left` bytes of JSON. False says
// nothing.
bool surely_fits(const json::item& value, int depth, std::uint64_t& left) noexcept {
  const json::node seen = json::view(&value);
  const json::item* ours = json::item_of(seen);
  if (seen.is_object() || seen.is_array()) {
    if (ours == nullptr || depth == deepest_bound || !spend(left, 2)) return false;
    for (const json::item* child = ours->first; child != nullptr; child = child->next) {
      if (!spend(left, 6 * std::uint64_t{child->key.size()} + 4) || !surely_fits(*child, depth + 1, left))
        return false;
    }
    return true;
  }
  if (seen.is_string()) return spend(left, 6 * std::uint64_t{seen.size} + 2);
  if (seen.is_number()) return spend(left, ours != nullptr ? ours->text.size() : longest_number);
  return spend(left, 5);
}

}  // namespace

void output_too_large(const limits& most) {
  throw error(sqlstate::program_limit, "mapping stopped: its output is too large",
              "One call may make " + std::to_string(most.max_output_bytes) + " bytes of JSON.");
}

void check_output(const json::node& value, const limits& most) {
  std::uint64_t left = most.max_output_bytes;
  const json::item* ours = json::item_of(value);
  if (ours != nullptr && surely_fits(*ours, 0, left)) return;
  constexpr std::size_t any_depth = std::numeric_limits<std::size_t>::max();
  if (!json::measure(value, most.max_output_bytes, any_depth).within) output_too_large(most);
}

void evaluator::fail(const rule& what, std::string where, std::string message) {
  const bool raise = request_ || (what.required && enforce_required);
  (raise ? errors : warnings).push_back({std::move(where), what.pointer, std::move(message)});
}

json::item* evaluator::run(const rule& what) {
  json::item* value = nullptr;
  bool failed = false;
  if (what.head == head::fields) {
    value = fields(what);
  } else if (what.joins) {
    value = joined(what, failed);
    if (value != nullptr && what.type != value_type::any) {
      value = coerce(json::view(value), what.type, out_);
      if (value == nullptr) {
        failed = true;
        fail(what, {}, "the joined text is no " + std::string(type_name(what.type)));
      }
    }
  } else {
    for (std::uint32_t n = 0; n < what.path_count && value == nullptr; ++n) {
      const path& from = rules_.paths[what.first_path + n];
      const json::node found = from.first(in_, left_);
      if (found.is_absent()) continue;
      value = coerce(found, what.type, out_);
      if (value != nullptr) break;
      failed = true;
      std::string where;
      from.first(in_, left_, &where);  // once more for its place
      if (!points_into_input(from)) where.clear();
      fail(what, std::move(where),
           source_name(from) + " must be " + std::string(type_name(what.type)) + ", not " +
               std::string(kind_name(found)) + " " + json::excerpt(found, 40));
      break;
    }
  }
  if (value == nullptr && !(failed && request_) && what.fallback != nullptr) {
    value = out_.borrow(json::view(what.fallback));
  }
  if (value == nullptr && what.required && !failed && enforce_required) {
    std::string message = json::quoted(what.name) + " is required";
    if (what.path_count > 0) {
      const path& from = rules_.paths[what.first_path];
      if (from.root == root_kind::param) message += "; give the parameter " + json::quoted(from.root_name);
      if (!request_) message += " and not in the response";
    }
    errors.push_back({"", what.pointer, std::move(message)});
  }
  return value;
}

json::item* evaluator::joined(const rule& what, bool& failed) {
  std::string text;
  bool any = false;
  auto add = [&](std::string_view piece) {
    if (any) text += what.text;
    any = true;
    text += piece;
    if (text.size() > most_.max_output_bytes) output_too_large(most_);
  };
  for (std::uint32_t n = 0; n < what.path_count && !any && !failed; ++n) {
    const path& from = rules_.paths[what.first_path + n];
    std::string where;
    auto refuse = [&](const json::node& match) {
      failed = true;
      std::string at = points_into_input(from) ? where : std::string();
      fail(what, std::move(at),
           "join takes text, not " + std::string(kind_name(match)) + " " + json::excerpt(match, 40));
      return false;
    };
    from.each(
        in_, left_,
        [&](const json::node& match) {
          if (match.is_string()) {
            add(match.text());
            return true;
          }
          if (!match.is_array()) return refuse(match);
          for (std::uint32_t at = 0; at < match.size; ++at) {
            left_.spend();
            const json::node piece = match.element(at);
            if (piece.is_absent()) continue;
            if (!piece.is_string()) return refuse(piece);
            add(piece.text());
          }
          return true;
        },
        &where);
  }
  if (!any || failed) return nullptr;
  json::item* made = out_.string(out_.keep(text));
  if (out_.bytes() - base_ > most_.max_output_bytes + 64 * 1024)
    output_too_large(most_);  // many joins together
  return made;
}

json::item* evaluator::fields(const rule& what) {
  json::item* made = out_.object();
  for (std::uint32_t n = 0; n < what.child_count; ++n) {
    const rule& child = rules_.rules[what.first_child + n];
    if (json::item* value = run(child)) out_.append(made, child.name, value);
  }
  return made;
}

}  // namespace llm_admin::mapping
