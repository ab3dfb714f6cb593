// The heads: where a rule's value comes from, before its modifiers. Here those that read paths; what is made
// of other rules, `each` and `lookup` have their own files.
#include "core/given_name.hpp"
#include "core/json/text.hpp"
#include "core/mapping/codec.hpp"
#include "core/mapping/coerce.hpp"
#include "core/mapping/evaluate/binding.hpp"

namespace llm_admin::mapping {

json::item* evaluator::head_of(const rule& what, bool& failed) {
  switch (what.head) {
    case head::none:
      return nullptr;
    case head::paths:
      if (what.joins) return joined(what, failed);
      return what.all ? matches(what, conversion_of(what), failed)
                      : first_decoded(what, conversion_of(what), failed);
    case head::value:
      return out_.borrow(json::view(what.literal));
    case head::fields:
      return fields(what, failed);
    case head::items:
      return items(what, failed);
    case head::each:
      return each(what);
    case head::select:
      return select(what);
    case head::lookup:
      return lookup(what);
    case head::format:
      return format(what, failed);
    case head::sum:
      return sum(what, failed);
    case head::call:
      return run(rules_.rules[what.first_child]);
    case head::first:
      return first_given(what, failed);
    case head::difference:
      return difference(what, failed);
    case head::quotient:
      return quotient(what, failed);
    case head::kept:
      return kept(what);
    case head::raise:
      failed = true;
      fail(what, what.text);
      return nullptr;
  }
  return nullptr;
}

// The way of a rule that is nothing but paths and a type: the match becomes the item at once.
json::item* evaluator::first_of(const rule& what, bool& failed) {
  for (std::uint32_t n = 0; n < what.path_count; ++n) {
    const path& from = rules_.paths[what.first_path + n];
    const json::node found = from.first(in_, left_);
    if (found.is_absent()) continue;
    if (found.is_string() && what.type != value_type::any && what.type != value_type::string)
      left_.read(found.size);
    if (json::item* value = coerce(found, what.type, out_)) return value;
    failed = true;
    fail(what,
         source_name(from) + " must be " + std::string(type_name(what.type)) + ", not " +
             std::string(kind_name(found)) + " " + value_or_size(found),
         {&from, 0, false, nullptr});
    return nullptr;
  }
  return nullptr;
}

json::item* evaluator::first_decoded(const rule& what, const conversion* by, bool& failed) {
  for (std::uint32_t n = 0; n < what.path_count && !failed; ++n) {
    const path& from = rules_.paths[what.first_path + n];
    const json::node found = from.first(in_, left_);
    if (found.is_absent()) continue;
    if (by == nullptr) return out_.borrow(found);
    const json::node decoded = decode(*by, found, what, {&from, 0, false, nullptr}, failed);
    if (!decoded.is_absent()) return out_.borrow(decoded);
  }
  return nullptr;
}

json::node evaluator::decode(const conversion& by, const json::node& value, const rule& what, spot at,
                             bool& failed) {
  json::node result;
  std::string why;
  if (value.is_string()) left_.read(value.size * by.codecs.size());
  const bool decoded = convert(by, value, out_, most_text(), result, why);
  if (!decoded && why.empty()) output_too_large(most_);
  check_size();
  if (decoded) return result;
  failed = true;
  const std::string name = at.from != nullptr ? source_name(*at.from) : subject(what);
  fail(what, name + " " + why + ": " + value_or_size(value), at);
  return {};
}

json::item* evaluator::matches(const rule& what, const conversion* by, bool& failed) {
  json::item* made = nullptr;
  for (std::uint32_t n = 0; n < what.path_count && made == nullptr && !failed; ++n) {
    const path& from = rules_.paths[what.first_path + n];
    std::uint64_t number = 0;
    from.each(in_, left_, [&](const json::node& match) {  // all of them, so that all problems come at once
      const json::node value =
          by == nullptr ? match : decode(*by, match, what, {&from, number, false, nullptr}, failed);
      ++number;
      if (value.is_absent()) return true;
      if (made == nullptr) made = out_.array();
      out_.push(made, out_.borrow(value));
      check_size();
      return true;
    });
  }
  return failed ? nullptr : made;
}

namespace {

class joiner {
 public:
  joiner(const std::string& separator, const limits& most, std::uint64_t most_text, budget& left)
      : separator_(separator), most_(most), most_text_(most_text), left_(left) {}

  void add(std::string_view piece) {
    if (any) text += separator_;
    any = true;
    left_.read(piece.size());
    text += piece;
    if (text.size() > most_text_) output_too_large(most_);
  }

  std::string text;
  bool any = false;

 private:
  const std::string& separator_;
  const limits& most_;
  const std::uint64_t most_text_;
  budget& left_;
};

std::string cannot_join(const json::node& value) {
  return "join takes text, not " + std::string(kind_name(value)) + " " + value_or_size(value);
}

}  // namespace

json::item* evaluator::joined(const rule& what, bool& failed) {
  joiner all(what.text, most_, most_text(), left_);
  const conversion* by = conversion_of(what);
  for (std::uint32_t n = 0; n < what.path_count && !all.any && !failed; ++n) {
    const path& from = rules_.paths[what.first_path + n];
    std::uint64_t number = 0;
    auto refuse = [&](const json::node& piece, std::uint32_t element) {
      failed = true;
      spot at{&from, number, false, nullptr};
      if (by == nullptr) at.element = element;
      fail(what, cannot_join(piece), at);
    };
    from.each(in_, left_, [&](const json::node& match) {
      json::node value = match;
      if (by != nullptr) value = decode(*by, match, what, {&from, number, false, nullptr}, failed);
      if (value.is_string()) {
        all.add(value.text());
      } else if (value.is_array()) {
        for (std::uint32_t at = 0; at < value.size; ++at) {
          left_.spend();
          const json::node piece = value.element(at);
          if (piece.is_absent()) continue;
          if (piece.is_string()) {
            all.add(piece.text());
          } else {
            refuse(piece, at);
          }
        }
      } else if (!value.is_absent()) {
        refuse(value, nothing);
      }
      ++number;
      return true;
    });
  }
  if (!all.any || failed) return nullptr;
  json::item* made = out_.string(out_.keep(all.text));
  check_size();  // many joins together
  return made;
}

json::item* evaluator::joined_value(const rule& what, json::item* value, bool& failed) {
  const json::node list = json::view(value);
  if (list.is_string()) return value;
  joiner all(what.text, most_, most_text(), left_);
  auto refuse = [&](const json::node& piece) {
    failed = true;
    fail(what, cannot_join(piece));
    return nullptr;
  };
  if (!list.is_array()) return refuse(list);
  for (std::uint32_t at = 0; at < list.size; ++at) {
    left_.spend();
    const json::node piece = list.element(at);
    if (piece.is_absent()) continue;
    if (!piece.is_string()) return refuse(piece);
    all.add(piece.text());
  }
  if (!all.any) return nullptr;
  json::item* made = out_.string(out_.keep(all.text));
  check_size();
  return made;
}

}  // namespace llm_admin::mapping
