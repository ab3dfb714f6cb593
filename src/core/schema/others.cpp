#include "core/schema/others.hpp"

namespace llm_admin::schema {

namespace {

constexpr const char* not_dumped = "dumps do not hold it";

verdict_on_other relative(const object& other) {
  if (other.kind == "child")
    return {"error", "its rows are read with this table's, and nothing checks them",
            "ALTER TABLE " + other.identifier + " NO INHERIT " + other.table};
  return {"error", "whoever may read that table reads this one's rows through it, past row security",
          value_of(other.definition, "partition") == "t"
              ? "ALTER TABLE " + other.identifier + " DETACH PARTITION " + other.table
              : "ALTER TABLE " + other.table + " NO INHERIT " + other.identifier};
}

// Storage, replica identity and their like, where they are not the server's defaults.
verdict_on_other setting(const object& other) {
  const std::string value = value_of(other.definition, "value");
  const std::string column = other.identifier;
  if (other.name.starts_with("replica identity ") && value == "n")
    return {"error", "UPDATE and DELETE fail while a publication holds the table",
            "ALTER TABLE " + other.table + " REPLICA IDENTITY DEFAULT"};
  if (other.name.starts_with("storage of ") && value == "p")
    return {"error", "a row with a long value cannot be stored: the server may not move it out of the row",
            "ALTER TABLE " + other.table + " ALTER COLUMN " + column + " SET STORAGE EXTENDED"};
  return {"yours", not_dumped, ""};
}

bool is_instead(const object& rule) {
  const std::string definition = value_of(rule.definition, "definition");
  return definition.find(" DO INSTEAD ") != std::string::npos;
}

}  // namespace

verdict_on_other judge_other(const object& other, bool on_table) {
  if (other.kind == "comment") return {nullptr, "", ""};  // whoever wants one may have it
  if (other.table.empty())
    return {"yours",
            other.member ? "it was added to the extension; dumps do not hold it"
                         : "it stands in the extension's schema; a later version may need its name",
            ""};
  if (other.kind == "policy" && on_table && value_of(other.definition, "permissive") == "t")
    return {"error", "it lets roles see more than the policies that ship",
            "DROP POLICY " + other.identifier + " ON " + other.table};
  if (other.kind == "rule" && is_instead(other))
    return {"error", "what it does takes the place of the statement, which does not run",
            "DROP RULE " + other.identifier + " ON " + other.table};
  if (on_table && (other.kind == "parent" || other.kind == "child")) return relative(other);
  if (other.kind == "setting") return setting(other);
  if (other.kind == "column")
    return {"yours", "dumps hold its values but do not make it: a dump cannot be loaded while it is there",
            ""};
  return {"yours", not_dumped, ""};
}

}  // namespace llm_admin::schema
