// The statement that mends one object (contract in core/schema/drift.hpp).
#include "core/schema/drift.hpp"

#include <algorithm>

namespace llm_admin::schema {

namespace {

bool differs(const object& wanted, const object& found, const char* label) {
  return value_of(wanted.definition, label) != value_of(found.definition, label);
}

// Statements one after the other.
class script {
 public:
  void add(const std::string& statement) { text_ += (text_.empty() ? "" : "; ") + statement; }
  std::string text() const { return text_; }

 private:
  std::string text_;
};

std::string mend_table(const object& wanted, const object& found) {
  script run;
  const std::string alter = "ALTER TABLE " + wanted.name + ' ';
  if (differs(wanted, found, "row security"))
    run.add(alter + (value_of(wanted.definition, "row security") == "t" ? "ENABLE" : "DISABLE") +
            " ROW LEVEL SECURITY");
  if (differs(wanted, found, "forced row security"))
    run.add(alter + (value_of(wanted.definition, "forced row security") == "t" ? "FORCE" : "NO FORCE") +
            " ROW LEVEL SECURITY");
  if (differs(wanted, found, "persistence"))
    run.add(alter + (value_of(wanted.definition, "persistence") == "p" ? "SET LOGGED" : "SET UNLOGGED"));
  return run.text();
}

std::vector<std::string> lines(const std::string& text) {
  std::vector<std::string> all;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    all.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return all;
}

// The name that an attribute's definition begins with; a quoted one may hold spaces, and its quotes are doubled.
std::string name_of(const std::string& attribute) {
  std::size_t end = 0;
  for (bool is_quoted = false; end < attribute.size() && (is_quoted || attribute[end] != ' '); ++end)
    if (attribute[end] == '"') is_quoted = !is_quoted;
  return attribute.substr(0, end);
}

// An attribute is added behind all others, so those from the first that differs on are made anew.
std::string mend_type(const object& wanted, const object& found) {
  const std::vector<std::string> then = lines(value_of(wanted.definition, "attributes"));
  const std::vector<std::string> now = lines(value_of(found.definition, "attributes"));
  std::size_t same = 0;
  while (same < then.size() && same < now.size() && then[same] == now[same]) ++same;
  std::string actions;
  const auto add = [&](const std::string& action) { actions += (actions.empty() ? " " : ", ") + action; };
  for (std::size_t n = same; n < now.size(); ++n) add("DROP ATTRIBUTE " + name_of(now[n]));
  for (std::size_t n = same; n < then.size(); ++n) add("ADD ATTRIBUTE " + then[n]);
  return "ALTER TYPE " + wanted.name + actions;
}

std::string mend_sequence(const object& wanted) {
  const auto value = [&](const char* label) { return value_of(wanted.definition, label); };
  const std::string owner = value("owned by");
  return "ALTER SEQUENCE " + wanted.name + " AS " + value("type") + " START " + value("start") +
         " INCREMENT " + value("increment") + " MINVALUE " + value("minimum") + " MAXVALUE " +
         value("maximum") + " CACHE " + value("cache") + (value("cycle") == "t" ? " CYCLE" : " NO CYCLE") +
         " OWNED BY " + (owner.empty() ? "NONE" : owner);
}

std::string mend_column(const object& wanted, const object& found) {
  for (const char* fixed : {"identity", "generated"})
    if (differs(wanted, found, fixed)) return {};
  // A type that is not the server's own may have casts, and those run whatever their owner wrote.
  if (differs(wanted, found, "type") && value_of(found.definition, "type").find('.') != std::string::npos)
    return {};
  script run;
  const std::string alter = "ALTER TABLE " + wanted.table + " ALTER COLUMN " + wanted.identifier + ' ';
  if (differs(wanted, found, "type") || differs(wanted, found, "collation")) {
    const std::string type = value_of(wanted.definition, "type");
    const std::string collation = value_of(wanted.definition, "collation");
    run.add(alter + "TYPE " + type + (collation.empty() ? "" : " COLLATE " + collation) + " USING " +
            wanted.identifier + "::" + type);
  }
  if (differs(wanted, found, "default")) {
    const std::string value = value_of(wanted.definition, "default");
    run.add(alter + (value.empty() ? "DROP DEFAULT" : "SET DEFAULT " + value));
  }
  if (differs(wanted, found, "not null"))
    run.add(alter + (value_of(wanted.definition, "not null") == "t" ? "SET NOT NULL" : "DROP NOT NULL"));
  if (differs(wanted, found, "statistics"))
    run.add(alter + "SET STATISTICS " + value_of(wanted.definition, "statistics"));
  return run.text();
}

// What pg_extension_config_dump() does, which the server lets run in extension scripts alone.
std::string set_dump_filter(const object& filter, bool is_new) {
  std::string condition = "'";
  for (const char c : value_of(filter.definition, "condition")) {
    condition += c;
    if (c == '\'') condition += c;
  }
  condition += '\'';
  const std::string table = "'" + filter.name + "'::pg_catalog.regclass::pg_catalog.oid";
  return std::string("UPDATE pg_catalog.pg_extension SET ") +
         (is_new ? "extconfig = pg_catalog.array_append(extconfig, " + table +
                       "), extcondition = pg_catalog.array_append(extcondition, " + condition + ")"
                 : "extcondition[pg_catalog.array_position(extconfig, " + table + ")] = " + condition) +
         " WHERE extname = 'llm_admin'";
}

std::string enabling(const object& trigger) {
  const std::string state = value_of(trigger.definition, "enabled");
  return "ALTER TABLE " + trigger.table +
         (state == "A"   ? " ENABLE ALWAYS TRIGGER "
          : state == "R" ? " ENABLE REPLICA TRIGGER "
          : state == "D" ? " DISABLE TRIGGER "
                         : " ENABLE TRIGGER ") +
         trigger.identifier;
}

}  // namespace

std::string mending(const expected& wanted, const object& found) {
  const object& is = wanted.is;
  const std::string alter = "ALTER TABLE " + is.table + ' ';
  if (is.kind == "table") return mend_table(is, found);
  if (is.kind == "type") return mend_type(is, found);
  if (is.kind == "column") return mend_column(is, found);
  if (is.kind == "sequence") return mend_sequence(is);
  if (is.kind == "constraint") {
    if (!differs(is, found, "definition") && differs(is, found, "validated"))
      return alter + "VALIDATE CONSTRAINT " + is.identifier;
    return alter + "DROP CONSTRAINT " + is.identifier + "; " + wanted.statement;
  }
  if (is.kind == "index") {
    const std::size_t dot = is.table.find('.');
    const std::string index = is.table.substr(0, dot + 1) + is.identifier;
    if (!differs(is, found, "definition")) return "REINDEX INDEX " + index;
    return "DROP INDEX " + index + "; " + wanted.statement;
  }
  if (is.kind == "trigger")
    return differs(is, found, "definition")
               ? "DROP TRIGGER " + is.identifier + " ON " + is.table + "; " + wanted.statement
               : enabling(is);
  if (is.kind == "dump filter") return set_dump_filter(is, false);
  if (is.kind == "policy")
    return "DROP POLICY " + is.identifier + " ON " + is.table + "; " + wanted.statement;
  // CREATE OR REPLACE keeps what a function takes and returns.
  const bool is_routine = is.kind == "function" || is.kind == "procedure";
  if (is_routine && (differs(is, found, "arguments") || differs(is, found, "result")))
    return "ALTER EXTENSION llm_admin DROP ROUTINE " + is.name + "; DROP ROUTINE " + is.name + "; " +
           making(wanted);
  return wanted.statement;  // CREATE OR REPLACE, COMMENT: they say all anew
}

std::string making(const expected& wanted) {
  const object& is = wanted.is;
  if (is.kind == "dump filter") return set_dump_filter(is, true);
  if (wanted.statement.empty() || !is.table.empty() || is.kind == "comment") return wanted.statement;
  std::string kind;
  for (const char c : is.kind) kind += static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
  // As the install ends: whoever makes a function gives it to PUBLIC, and what stands in an ACL when it joins
  // the extension stays there.
  return wanted.statement +
         (is.kind == "type"
              ? ""
              : "; REVOKE ALL ON " + (is.kind == "view" ? "TABLE" : kind) + ' ' + is.name + " FROM PUBLIC") +
         "; ALTER EXTENSION llm_admin ADD " + kind + ' ' + is.name;
}

}  // namespace llm_admin::schema
