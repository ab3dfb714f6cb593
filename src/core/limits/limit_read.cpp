#include <algorithm>
#include <span>
#include <utility>

#include "core/error.hpp"
#include "core/given_name.hpp"
#include "core/glob.hpp"
#include "core/limits/limit.hpp"

namespace llm_admin::limits {

namespace {

std::string listed(std::span<const std::string_view> words) {
  std::string text;
  for (const std::string_view one : words) text.append(text.empty() ? "" : ", ").append(one);
  return text;
}

// A word of an enumeration whose last is `last`.
template <class word>
std::vector<std::string_view> words_to(word last) {
  std::vector<std::string_view> words;
  for (int n = 0; n <= static_cast<int>(last); ++n) words.push_back(name_of(static_cast<word>(n)));
  return words;
}

bool is_uuid_in_lower_case(std::string_view text) {
  const auto id = read_uuid(text);
  return id && uuid_string(*id) == text;
}

bool is_tier_glob(std::string_view text) noexcept {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '*' || c == '?';
  });
}

class limit_reader {
 public:
  limit_reader(const limit_row& row, std::vector<std::string>& problems) : row_(row), problems_(problems) {}

  std::optional<limit> run() {
    const std::size_t before = problems_.size();
    made_.id = row_.id;
    const bool scoped = word("scope", row_.scope, scope::tag, made_.scope);
    const bool counted = word("what", row_.what, what::concurrent, made_.what);
    const bool timed = period_word();
    const bool exceeding = word("on_exceed", row_.on_exceed, on_exceed::downgrade, made_.on_exceed);
    const bool pricing = word("unpriced", row_.unpriced, unpriced::allow, made_.unpriced);
    made_.model = glob("model", row_.model);
    made_.tenant = glob("tenant_id", row_.tenant, true);
    if (scoped) subject();
    amount(counted);
    if (counted && timed && made_.what == what::concurrent && made_.period != period::total)
      problem("concurrent counts calls at a time and has the period total, not " +
              std::string(name_of(made_.period)));
    if (exceeding) downgrade(scoped && counted);
    if (counted && pricing && made_.what != what::cost_usd && made_.unpriced != unpriced::deny)
      problem("unpriced is of cost_usd alone; " + std::string(name_of(made_.what)) + " have no price");
    alert_shares();
    if (row_.enabled)
      made_.enabled = *row_.enabled;
    else
      problem("enabled must not be null");
    if (problems_.size() > before) return std::nullopt;
    return std::move(made_);
  }

 private:
  void problem(std::string text) { problems_.push_back(std::move(text)); }

  void unknown(std::string_view column, const std::optional<std::string>& given,
               std::span<const std::string_view> words) {
    if (!given) return problem(std::string(column) + " must not be null");
    problem(std::string(column) + " must be one of " + listed(words) + ", not " +
            named_or_length(*given, words));
  }

  template <class type>
  bool word(std::string_view column, const std::optional<std::string>& given, type last, type& out) {
    const std::vector<std::string_view> words = words_to(last);
    const auto found = given ? std::find(words.begin(), words.end(), *given) : words.end();
    if (found == words.end()) {
      unknown(column, given, words);
      return false;
    }
    out = static_cast<type>(found - words.begin());
    return true;
  }

  bool period_word() {
    const auto found = row_.period ? period_named(*row_.period) : std::nullopt;
    if (found && *found != period::year) {
      made_.period = *found;
      return true;
    }
    std::vector<std::string_view> words = words_to(period::total);
    words.erase(words.begin() + static_cast<int>(period::year));
    unknown("period", row_.period, words);
    return false;
  }

  std::string glob(std::string_view column, const std::optional<std::string>& given,
                   bool may_be_empty = false) {
    if (!given)
      problem(std::string(column) + " must not be null; * stands for any");
    else if (given->empty() && !may_be_empty)
      problem(std::string(column) + " must not be empty; * stands for any");
    else if (given->size() > longest_glob)
      problem(std::string(column) + " has " + std::to_string(given->size()) + " bytes and may have " +
              std::to_string(longest_glob));
    else
      return *given;
    return {};
  }

  void subject() {
    const std::string name(name_of(made_.scope));
    if (made_.scope == scope::organisation) {
      if (row_.subject && !row_.subject->empty() && *row_.subject != "*")
        problem("an organisation has no subject; leave subject empty, or give another scope");
      return;
    }
    made_.subject = glob("subject", row_.subject);
    const std::string& text = made_.subject;
    if (text.empty()) return;
    const bool literal = is_literal_glob(text);
    if ((made_.scope == scope::key || made_.scope == scope::account) && literal &&
        !is_uuid_in_lower_case(text))
      problem("the subject of scope " + name + " must be a uuid in lower case, or a glob");
    if (made_.scope == scope::tier && !is_tier_glob(text))
      problem("the subject of scope tier must be a tier's code, or a glob over such");
    if (made_.scope == scope::tag && text.find('=') == std::string::npos &&
        text.find('*') == std::string::npos)
      problem("the subject of scope tag must be name=value, or a glob over such");
    if (made_.scope == scope::model && row_.model && *row_.model != "*")
      problem("scope model has its glob in subject; model must be *");
    if (made_.scope == scope::tenant && row_.tenant && *row_.tenant != "*" && *row_.tenant != text)
      problem("scope tenant has its glob in subject; tenant_id must be * or the same");
  }

  void amount(bool counted) {
    if (!row_.amount) return;
    const std::string& text = *row_.amount;
    const auto value = money::decimal::from_text(text);
    if (text == "NaN" || text == "Infinity" || text == "-Infinity")
      problem("amount must be a number, not " + text + "; NULL is unlimited");
    else if (!value)
      problem("amount must be a decimal number of at most " + std::to_string(money::most_digits) +
              " digits on either side of the point");
    else if (value->is_negative())
      problem("amount must not be negative; 0 allows nothing, NULL is unlimited");
    else if (counted && made_.counts_whole() && !value->is_integer())
      problem("an amount of " + std::string(name_of(made_.what)) + " must be a whole number");
    else
      made_.amount = *value;
  }

  void downgrade(bool sure) {
    const bool wanted = made_.on_exceed == on_exceed::downgrade;
    if (!row_.downgrade_to) {
      if (wanted) problem("on_exceed downgrade needs downgrade_to, a canonical model");
      return;
    }
    const std::string& to = *row_.downgrade_to;
    if (!wanted)
      problem("downgrade_to is given and on_exceed is " + std::string(name_of(made_.on_exceed)));
    else if (to.empty() || to.size() > longest_glob || !is_literal_glob(to))
      problem("downgrade_to must be one model of at most " + std::to_string(longest_glob) +
              " bytes, without * and ?");
    else if (sure && made_.what != what::cost_usd && meets(to))
      problem("downgrade_to is of the models of this limit, which would deny it just so");
    else
      made_.downgrade_to = to;
  }

  bool meets(std::string_view model) const {
    return !made_.model.empty() && glob_matches(made_.model, model) &&
           (made_.scope != scope::model || glob_matches(made_.subject, model));
  }

  void alert_shares() {
    if (row_.alert_shares.size() > most_alert_shares)
      return problem("alert_shares has " + std::to_string(row_.alert_shares.size()) +
                     " shares and may have " + std::to_string(most_alert_shares));
    const std::string bounds = "above 0 and at most " + std::to_string(largest_alert_share);
    for (std::size_t n = 0; n < row_.alert_shares.size(); ++n) {
      const std::string name = "share " + std::to_string(n + 1) + " of alert_shares";
      if (!row_.alert_shares[n]) {
        problem(name + " must not be null");
        continue;
      }
      const auto value = money::decimal::from_text(*row_.alert_shares[n]);
      if (!value || value->is_negative() || value->is_zero() || *value > money::decimal(largest_alert_share))
        problem(name + " must be a number " + bounds + "; 0.8 is 80 percent of the amount");
      else if (std::find(made_.alert_shares.begin(), made_.alert_shares.end(), *value) !=
               made_.alert_shares.end())
        problem(name + " is there twice");
      else
        made_.alert_shares.push_back(*value);
    }
    std::sort(made_.alert_shares.begin(), made_.alert_shares.end());
  }

  const limit_row& row_;
  std::vector<std::string>& problems_;
  limit made_;
};

}  // namespace

std::optional<limit> read_limit(const limit_row& row, std::vector<std::string>& problems) {
  return limit_reader(row, problems).run();
}

limit require_limit(const limit_row& row) {
  std::vector<std::string> problems;
  auto made = read_limit(row, problems);
  if (made) return std::move(*made);
  std::string detail;
  for (const std::string& one : problems) detail.append(detail.empty() ? "" : "\n").append(one);
  throw error(sqlstate::check_violation, "the limit is invalid", detail,
              "correct what DETAIL names; nothing was stored");
}

std::optional<grant> read_grant(std::string_view extra, std::int64_t from, std::optional<std::int64_t> until,
                                bool whole, std::vector<std::string>& problems) {
  const std::size_t before = problems.size();
  const auto value = money::decimal::from_text(extra);
  if (!value || value->is_negative() || value->is_zero())
    problems.emplace_back("extra must be a number above 0");
  else if (whole && !value->is_integer())
    problems.emplace_back("extra must be a whole number, as the limit's amount");
  if (until && *until <= from) problems.emplace_back("valid_until must be after valid_from");
  if (problems.size() > before) return std::nullopt;
  return grant{*value, from, until};
}

}  // namespace llm_admin::limits
