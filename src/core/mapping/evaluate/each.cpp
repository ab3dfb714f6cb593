// `each`: a rule run for every match of a path, and what is done with its results.

#include "core/json/text.hpp"
#include "core/mapping/evaluate/binding.hpp"

namespace llm_admin::mapping {

// Collects the results of one `each`. Neighbours are merged into the first of their run in time linear in
// what they hold: the text of a member grows in a buffer and becomes a value when the run ends.
class evaluator::gatherer {
 public:
  gatherer(evaluator& of, const gather* how) : made(of.out_.array()), of_(of), how_(how) {}

  void add(json::item* value) {
    const json::node seen = json::view(value);
    if (how_ == nullptr || !how_->flatten || !seen.is_array()) return one(value);
    for (std::uint32_t n = 0; n < seen.size; ++n) {
      of_.left_.spend();
      const json::node element = seen.element(n);
      if (!element.is_absent()) one(value->is_borrowed ? of_.out_.borrow(element) : value->slots[n]);
    }
  }

  void flush() {  // at the end of a run
    for (const part& one : parts_) {
      if (!one.grows) continue;
      one.at->forget_loan();
      one.at->type = json::kind::string;
      one.at->text = of_.out_.keep(one.text);
    }
    parts_.clear();
  }

  json::item* const made;

 private:
  // A member named in `append`, of the first of a run.
  struct part {
    json::item* at = nullptr;
    bool grows = false;  // a text, its value so far in `text`
    std::string text;
    json::kind kind() const noexcept { return at == nullptr ? json::kind::absent : json::view(at).type; }
  };

  void one(json::item* value) {
    if (how_ != nullptr && how_->merges) {
      if (merged(json::view(value))) return of_.check_size();
      flush();
      first_ = value;
      by_ = json::view(value).member(how_->by);
    }
    of_.out_.push(made, value);
    of_.check_size();
  }

  bool merged(const json::node& next) {
    if (first_ == nullptr || by_.is_absent() || !next.is_object()) return false;
    const json::node by = next.member(how_->by);
    if (by.is_absent() || !same(by_, by)) return false;
    if (parts_.empty()) open();
    for (std::size_t n = 0; n < parts_.size(); ++n) {  // all or nothing: no value is lost
      of_.left_.spend();
      if (!fits(parts_[n].kind(), next.member(how_->append[n]).type)) return false;
    }
    for (std::size_t n = 0; n < parts_.size(); ++n) append(n, next.member(how_->append[n]));
    return true;
  }

  void open() {
    of_.out_.own(first_);
    for (const std::string& name : how_->append)
      parts_.push_back({json::tree::find(first_, name), false, {}});
  }

  static bool fits(json::kind mine, json::kind theirs) noexcept {
    const auto gone = [](json::kind kind) { return kind == json::kind::absent || kind == json::kind::null; };
    if (gone(mine) || gone(theirs)) return true;
    return mine == theirs && (mine == json::kind::string || mine == json::kind::array);
  }

  void append(std::size_t n, const json::node& more) {
    if (more.is_absent()) return;
    part& to = parts_[n];
    if (to.at == nullptr || json::view(to.at).is_absent()) {
      to.at = of_.out_.borrow(more);
      of_.out_.put(first_, how_->append[n], to.at);
    } else if (more.is_array()) {
      of_.out_.own(to.at);
      for (std::uint32_t at = 0; at < more.size; ++at) {
        of_.left_.spend();
        of_.out_.push(to.at, of_.out_.borrow(more.element(at)));
      }
    } else {
      if (!to.grows) to.text = json::view(to.at).text();
      to.grows = true;
      to.text += '\n';
      to.text += more.text();
      if (to.text.size() > of_.most_.max_output_bytes) output_too_large(of_.most_);
    }
  }

  evaluator& of_;
  const gather* how_;
  json::item* first_ = nullptr;  // of the run
  json::node by_;
  std::vector<part> parts_;  // empty until a second one came
};

json::item* evaluator::each(const rule& what) {
  const gather* how = what.gather == nothing ? nullptr : &rules_.gathers[what.gather];
  const path& from = rules_.paths[what.first_path];
  gatherer into(*this, how);
  binding here(*this, &from, nullptr);
  std::uint64_t seen = 0;
  auto visit = [&](const json::node& match) {
    here.number = seen++;
    here.bind_outer();
    here.bind_item(match);
    if (rules_.reads(root_kind::index))
      in_.index = json::view(out_.integer(static_cast<std::int64_t>(here.number)));
    const bool wanted = how == nullptr || how->where == nothing || holds(rules_.conditions[how->where]);
    if (!wanted) return true;
    json::item* value = what.child_count == 0 ? out_.borrow(match) : run(rules_.rules[what.first_child]);
    if (value != nullptr) into.add(value);
    return true;
  };
  from.each(in_, left_, visit);
  into.flush();
  check_size();
  return into.made;
}

}  // namespace llm_admin::mapping
