// The access list turned into GRANT and REVOKE statements over what this database's version of the extension
// holds.
//
// Statements run as the calling user, who must be able to act as the owner; names are quoted, functions come
// with their argument types from the catalog, and only members of the extension are ever named. What the list
// names but an older version of the extension lacks is passed over.
//
// A right is one text, "EXECUTE get_provider", "SELECT llm_configs", "SELECT root_keys.root_id" or
// "USAGE llm_admin" (the schema): the same in every installation, so it may be stored and dumped.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/access_list.hpp"
#include "pg/spi.hpp"

namespace llm_admin::roles {

using rights = std::set<std::string, std::less<>>;

class grants {
 public:
  // Reads the members of the extension. Takes no lock.
  explicit grants(pg::spi& spi);
  // All that `to` (one level or several) stand for here, USAGE of the schema included.
  rights rights_of(levels to) const;
  // What was granted to this very role, not to PUBLIC or to roles that it is a member of.
  rights held_by(Oid role) const;
  // Whether the object of a right, and the column, is here.
  bool has(std::string_view right) const noexcept;
  // Position of a column's right among the columns of its table, from 1; 0 for other rights.
  int place_of(std::string_view right) const noexcept;
  // Gives `role` all that `to` stand for.
  void give(std::string_view role, levels to);
  // Takes what `taken` names. A privilege on a table goes from its columns too: those of `kept` are given
  // again.
  void take(std::string_view role, const rights& taken, const rights& kept);

 private:
  struct relation {
    std::string name;
    std::string identity;  // schema-qualified and quoted
    bool is_sequence;
    std::vector<std::string> columns;  // as they are called, in table order
  };
  const relation* find_relation(std::string_view name) const noexcept;
  const std::string* find_function(std::string_view name) const noexcept;
  std::string functions_of(levels to) const;  // comma list for a statement; may be empty
  void grant_relation(const relation& on, const relation_right& right, const std::string& role);
  void read_functions();
  void read_relations();

  pg::spi& spi_;
  std::vector<std::pair<std::string, std::string>> functions_;  // name, identity with argument types
  std::vector<relation> relations_;
};

// Whether `held` gives what `right` does: a column's right also by that on its table.
bool gives(const rights& held, std::string_view right);

}  // namespace llm_admin::roles
