// access_grants, the book of levels: who was given which level, as which role, and which rights that was.
//
// Databases at 0.1 to 0.3 have a book without OIDs and rights; it is read and written as it is there. One
// change of access at a time, since concurrent GRANTs on one object fail in the server: the constructor locks
// the table.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "roles/grants.hpp"

namespace llm_admin::roles {

struct entry {
  std::string role;  // its name when the level was given
  std::string level;
  Oid oid = InvalidOid;         // the role's; none in rows that 0.3 wrote
  std::optional<rights> given;  // nothing in rows that 0.3 wrote
  int first = 1;                // for those: the lowest of 1, 2, 3 that the database was at since the grant
  bool restored = false;        // the extension was installed here after the grant: a dump brought the row
};

// A row that takes another role's name.
struct renaming {
  std::string role, level, to;
};

class book {
 public:
  explicit book(pg::spi& spi);
  // All rows, ordered by bytes of name and level.
  std::vector<entry> read();
  // After grant_access(): a new row, or the old one brought up to date; when and by whom stay if it is the
  // same role.
  void enter(const std::string& role, Oid oid, const std::string& level, const rights& given);
  // After a refresh of a row that is there.
  void update(const std::string& role, Oid oid, const std::string& level, const rights& given);
  // After a grant by name: as of now, so that it counts as made here.
  void date(const std::string& role, const std::string& level);
  // All of them at once, so that names may change places.
  void rename(const std::vector<renaming>& changes);
  bool erase(const std::string& role, const std::string& level);

 private:
  pg::spi& spi_;
  bool keeps_rights_;  // false at 0.1 to 0.3
};

}  // namespace llm_admin::roles
