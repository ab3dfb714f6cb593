// One call of extract_response() or extract_stream(): the provider's row, its rules, and what must live as
// long as what they give. Private to this room. Also for disabled providers, whose answers may come late.
#pragma once

#include <array>
#include <memory>
#include <utility>

#include "core/error.hpp"
#include "core/json/tree.hpp"
#include "core/mapping/program.hpp"
#include "pg/args.hpp"
#include "store/bounds.hpp"
#include "store/programs.hpp"
#include "store/provider.hpp"
#include "store/provider_call.hpp"
#include "store/provider_key.hpp"

namespace llm_admin::mapping_room {

struct response_call {
  store::provider row;
  std::shared_ptr<const mapping::response_program> program;
  std::array<char, 8192> room;  // of what is extracted, most
  json::tree out{room};

  // The functions' arguments: the response, provider_name, http_status, headers.
  explicit response_call(const pg::args& in)
      : row(store::require_provider(in.text(1))), program(store::response_program_of(row)), in_(in) {
    if (const json::node headers = in.jsonb(3); headers && !headers.is_object() && !headers.is_absent())
      throw error(sqlstate::invalid_parameter,
                  "argument headers must be a JSON object of header names and values");
  }
  response_call(const response_call&) = delete;
  response_call& operator=(const response_call&) = delete;

  // What both kinds of input have; the response itself is the caller's.
  template <class Input>
  Input input() {
    Input made;
    made.provider_name = row.name();
    made.http_status = in_.integer(2);
    made.headers = in_.jsonb(3);
    made.limits = store::limits_now();
    made.provider_columns = store::columns_for(program->rules, row, out);
    return made;
  }

  // The jsonb of what `extract` gives. Its errors quote the response and go to the log, so the key is taken
  // from them.
  template <class Extract>
  Datum result(Extract extract) {
    try {
      return store::bounded_jsonb(extract(), out);
    } catch (const error& why) {
      throw store::without_key(row, why);
    }
  }

 private:
  const pg::args& in_;
};

}  // namespace llm_admin::mapping_room
