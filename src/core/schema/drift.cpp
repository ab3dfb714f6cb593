#include "core/schema/drift.hpp"

#include <map>
#include <set>

#include "core/schema/others.hpp"

namespace llm_admin::schema {

namespace {

using by_name = std::map<std::string, const object*>;

std::string key_of(const object& o) { return o.kind + '\n' + o.name; }

bool is_right(const expected& wanted, const std::string& definition) {
  if (definition == wanted.is.definition) return true;
  for (const std::string& other : wanted.also_right)
    if (definition == other) return true;
  return false;
}

// What was renamed or moved, and shows in what refers to it.
struct renaming {
  std::string from, to;
  std::string table;  // of a column: where its name stands alone
};

bool is_part_of_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '$';
}

void rename(std::string& text, const renaming& r) {
  for (std::size_t at = text.find(r.from); at != std::string::npos; at = text.find(r.from, at)) {
    const std::size_t end = at + r.from.size();
    const bool is_whole =
        (at == 0 || !is_part_of_name(text[at - 1])) && (end == text.size() || !is_part_of_name(text[end]));
    if (is_whole) text.replace(at, r.from.size(), r.to);
    at += is_whole ? r.to.size() : 1;
  }
}

// The catalog's letters, as they are read.
std::string in_words(const std::string& label, const std::string& value) {
  if (value == "t" || value == "f") return value == "t" ? "on" : "off";
  if (label != "enabled") return value;
  return value == "A"   ? "always on"
         : value == "R" ? "on for replicas only"
         : value == "D" ? "off"
                        : "on, but not for replicas";
}

// The labels whose values differ, with both values where they are short.
std::string difference(const object& wanted, const object& found) {
  std::string text;
  std::size_t at = 0;
  while (at < wanted.definition.size()) {
    const std::size_t end = std::min(wanted.definition.find('\n', at), wanted.definition.size());
    const std::string line = wanted.definition.substr(at, end - at);
    at = end + 1;
    const std::size_t colon = line.find(": ");
    if (line.empty() || line.front() == ' ' || colon == std::string::npos) continue;
    const std::string label = line.substr(0, colon);
    const std::string now = value_of(found.definition, label);
    const std::string then = value_of(wanted.definition, label);
    if (now == then) continue;
    text += (text.empty() ? "" : "; ") + (label == "enabled" ? "it" : label);
    if (now.size() + then.size() <= 160 && now.find('\n') == std::string::npos &&
        then.find('\n') == std::string::npos)
      text += " is " + (now.empty() ? "nothing" : in_words(label, now)) + ", was made " +
              (then.empty() ? "nothing" : in_words(label, then));
    else
      text += label == "attributes" ? " are others" : " is another one";
  }
  return text.empty() ? "its definition is another one" : text;
}

std::string simple_name(const std::string& qualified) {
  const std::size_t paren = qualified.find('(');
  const std::size_t dot = qualified.rfind('.', paren);
  return dot == std::string::npos ? qualified : qualified.substr(dot + 1);
}

std::string word(const std::string& kind) {
  std::string upper;
  for (const char c : kind) upper += static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
  return upper;
}

class comparison {
 public:
  comparison(const std::vector<expected>& reference, const std::vector<object>& found)
      : reference_(reference) {
    for (const object& o : found) found_.emplace(key_of(o), &o);
    for (const object& o : found)
      if (!o.stranger.empty() && o.member) strangers_.emplace(o.name, o.stranger);
    for (const expected& e : reference) wanted_.insert(key_of(e.is));
    for (const expected& e : reference)
      if (e.is.kind == "comment") comments_.emplace(e.is.name, e.statement);
    for (const object& o : found)
      if (!wanted_.contains(key_of(o))) others_.push_back(&o);
  }

  std::vector<finding> run() {
    for (const expected& wanted : reference_) look(wanted);
    for (const object* other : others_)
      if (!explained_.contains(other)) tell(*other);
    return std::move(findings_);
  }

 private:
  void add(const object& of, const char* verdict, std::string detail, std::string statement) {
    findings_.push_back({of.kind, of.name, verdict, std::move(detail), std::move(statement)});
    const auto owned = strangers_.find(of.table.empty() ? of.name : of.table);
    if (owned == strangers_.end()) return;
    findings_.back().thing = owned->first;
    findings_.back().stranger = owned->second;
  }

  void look(const expected& wanted) {
    const object& is = wanted.is;
    if (gone_.contains(is.table) || (is.kind == "comment" && is_on_gone(is))) return;
    if (is.kind == "dump filter" && gone_.contains(is.name)) return;
    const auto at = found_.find(key_of(is));
    if (at == found_.end()) {
      missing(wanted);
      return;
    }
    const object& found = *at->second;
    if (!found.member && is.table.empty() && !found.stranger.empty()) {
      // To take it in would give what the stranger wrote to the extension's owner.
      add(is, "error", "something else stands under its name, and belongs to " + found.stranger,
          "ALTER " + word(is.kind) + ' ' + is.name + " RENAME TO " + is.identifier + "_other");
      gone_.insert(is.name);
      return;
    }
    if (!found.member && is.table.empty()) {
      if (const object* moved = elsewhere(is)) {
        gone_.insert(is.name);
        it_moved(is, *moved, "another one stands under its name; ");
        return;
      }
      add(is, "error", "it no longer belongs to the extension",
          "ALTER EXTENSION llm_admin ADD " + word(is.kind) + ' ' + is.name);
      gone_.insert(is.name);  // its parts and its comment are looked at when it is back
    }
    std::string definition = found.definition;
    for (const renaming& r : renamings_)
      if (r.table.empty() || r.table == found.table) rename(definition, r);
    if (is_right(wanted, definition)) return;
    std::string statement = mending(wanted, found);
    if (is.kind != "column" && is.kind != "type" && statement.find("DROP ") != std::string::npos) {
      statement = with_comment(is, statement);
      gone_.insert(is.name);  // its comment, if it lacks one, is made with it
    }
    add(is, "error", difference(is, found), statement);
  }

  // Whether the thing that a comment is about ("function llm_admin.seed()", "column llm_admin.t.a") is
  // missing.
  bool is_on_gone(const object& comment) const {
    return gone_.contains(comment.name.substr(comment.name.find(' ') + 1)) ||
           gone_.contains(comment.identifier + " on " + comment.table);
  }

  void missing(const expected& wanted) {
    const object& is = wanted.is;
    gone_.insert(is.name);
    if (const object* moved = elsewhere(is)) {
      it_moved(is, *moved, "");
      return;
    }
    const std::string statement = making(wanted);
    add(is, "error", "it is missing",
        statement.empty() ? statement : out_of_the_way(is) + with_comment(is, statement));
  }

  void it_moved(const object& is, const object& moved, const std::string& besides) {
    explained_.insert(&moved);
    gone_.insert(moved.name);
    if (is.kind == "column")
      renamings_.push_back({moved.identifier, is.identifier, is.table});
    else if (is.table.empty())
      renamings_.push_back(
          {moved.name.substr(0, moved.name.find('(')), is.name.substr(0, is.name.find('(')), ""});
    for (const object* other : others_)
      if (other->table == moved.name) explained_.insert(other);
    add(is, "error", besides + "it is " + moved.name + " now", out_of_the_way(is) + back(is, moved));
  }

  // Tables, views, sequences, types and indexes share their names: what holds the one that is wanted gets
  // another, and so does a function that is not ours.
  std::string out_of_the_way(const object& is) const {
    const std::string name =
        is.kind == "index" ? is.table.substr(0, is.table.find('.') + 1) + is.identifier : is.name;
    if (is.kind != "index" && !is.table.empty()) return {};
    for (const char* kind :
         {"table", "view", "sequence", "type", "domain", "data type", "function", "procedure"}) {
      const auto at = found_.find(std::string(kind) + '\n' + name);
      if (at != found_.end() && !at->second->member)
        return "ALTER " + (std::string_view(kind) == "data type" ? "TYPE" : word(kind)) + ' ' + name +
               " RENAME TO " + is.identifier + "_other; ";
    }
    return {};
  }

  // What is made again has no comment.
  std::string with_comment(const object& is, const std::string& statement) const {
    const auto at = comments_.find(is.kind == "column" ? "column " + is.table + '.' + is.identifier
                                                       : is.kind + ' ' + is.name);
    return statement.empty() || at == comments_.end() ? statement : statement + "; " + at->second;
  }

  // A member, or a part of one of our tables, that nobody expects and that is this one by all but its name.
  const object* elsewhere(const object& is) const {
    if (is.kind == "comment" || is.kind == "dump filter") return nullptr;
    const object* by_definition = nullptr;
    int candidates = 0;
    for (const object* other : others_) {
      if (other->kind != is.kind || explained_.contains(other) || other->table != is.table) continue;
      if (is.table.empty()) {
        if (!other->member) continue;
        if (simple_name(other->name) == simple_name(is.name)) return other;
      }
      if (other->definition != is.definition) continue;
      by_definition = other;
      ++candidates;
    }
    return candidates == 1 ? by_definition : nullptr;
  }

  static std::string back(const object& is, const object& moved) {
    if (!is.table.empty()) {
      const std::string table = "ALTER TABLE " + is.table + " RENAME ";
      if (is.kind == "column" || is.kind == "constraint")
        return table + word(is.kind) + ' ' + moved.identifier + " TO " + is.identifier;
      if (is.kind == "index")
        return "ALTER INDEX " + is.table.substr(0, is.table.find('.') + 1) + moved.identifier +
               " RENAME TO " + is.identifier;
      return "ALTER " + word(is.kind) + ' ' + moved.identifier + " ON " + is.table + " RENAME TO " +
             is.identifier;
    }
    const std::string alter = "ALTER " + word(is.kind) + ' ' + moved.name;
    return simple_name(moved.name) == simple_name(is.name) ? alter + " SET SCHEMA llm_admin"
                                                           : alter + " RENAME TO " + is.identifier;
  }

  void tell(const object& other) {
    if (gone_.contains(other.table)) return;
    if (other.kind == "dump filter" && gone_.contains(other.name)) return;
    const bool on_table = wanted_.contains("table\n" + other.table);
    if (!other.table.empty() && !on_table && !wanted_.contains("view\n" + other.table)) return;
    if (other.kind == "index" && wanted_.contains("constraint\n" + other.name))
      return add(other, "error", "it is not valid: its constraint does not hold for all rows",
                 "REINDEX INDEX " + other.table.substr(0, other.table.find('.') + 1) + other.identifier);
    const verdict_on_other of = judge_other(other, on_table);
    if (of.verdict != nullptr) add(other, of.verdict, of.detail, of.statement);
  }

  const std::vector<expected>& reference_;
  by_name found_;
  std::set<std::string> wanted_;
  std::map<std::string, std::string> comments_;  // the statement that makes it, by the name of a comment
  std::vector<const object*> others_;
  std::map<std::string, std::string> strangers_;  // members of another owner, and that role
  std::set<const object*> explained_;
  std::set<std::string> gone_;  // names of tables, functions ... that are missing
  std::vector<renaming> renamings_;
  std::vector<finding> findings_;
};

}  // namespace

std::vector<finding> compare(const std::vector<expected>& reference, const std::vector<object>& found) {
  return comparison(reference, found).run();
}

}  // namespace llm_admin::schema
