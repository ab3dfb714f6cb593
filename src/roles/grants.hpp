// The access list turned into GRANT and REVOKE statements over what this database's version of the extension
// holds.
//
// Statements run as the calling user, who must be able to act as the owner; names are quoted, functions come
// with their argument types from the catalog, and only members of the extension are ever named. What the list
// names but an older version of the extension lacks is passed over.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "pg/spi.hpp"
#include "roles/access_list.hpp"

namespace llm_admin::roles {

class grants {
 public:
  // Reads the members of the extension. Takes no lock.
  explicit grants(pg::spi& spi);
  // Gives `role` all that `to` (one level or several) stand for, USAGE of the schema included.
  void give(std::string_view role, levels to);
  // Takes from `role` whatever any level stands for. Grants on objects outside the list stay.
  void take_all(std::string_view role);

 private:
  struct relation {
    std::string name;
    std::string identity;  // schema-qualified and quoted
    bool is_sequence;
    std::vector<std::string> columns;  // as they are called, in table order
  };
  const relation* find_relation(std::string_view name) const noexcept;
  std::string functions_of(levels to) const;  // comma list for a statement; may be empty
  void grant_relation(const relation& on, const relation_right& right, const std::string& role);
  void read_functions();
  void read_relations();

  pg::spi& spi_;
  std::vector<std::pair<std::string, std::string>> functions_;  // name, identity with argument types
  std::vector<relation> relations_;
};

}  // namespace llm_admin::roles
