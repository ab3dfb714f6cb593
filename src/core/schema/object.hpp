// One thing of the catalog, in words by which two catalogs can be compared.
#pragma once

#include <string>

namespace llm_admin::schema {

struct object {
  std::string kind;  // schema, table, view, type, sequence, column, constraint, index, trigger, policy, rule,
                     // function, comment, dump filter, statistics, parent, child
  std::string name;  // for people: "llm_admin.data_keys", "uses on llm_admin.data_keys"
  std::string table;       // the relation that it hangs on, qualified and quoted; empty for what stands alone
  std::string identifier;  // its own name, quoted where the server would quote it
  std::string definition;  // lines "label: value", in a fixed order of labels
  bool member = true;      // belongs to the extension; what hangs on a table does if the table does
  std::string stranger{};  // the role that owns it, quoted, if that is neither the extension's owner nor a
                           // superuser; what hangs on a table has none
};

// The value of a label in a definition; empty when there is none. Values may go over several lines, which the
// definition holds indented by one blank.
std::string value_of(const std::string& definition, const std::string& label);

}  // namespace llm_admin::schema
