// One call of extract_response() or extract_stream(): the provider's row, its rules, and what must live as
// long as what they give. Private to this room. Also for disabled providers, whose answers may come late.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <utility>

#include "core/error.hpp"
#include "core/json/tree.hpp"
#include "core/mapping/program.hpp"
#include "pg/args.hpp"
#include "pg/role.hpp"
#include "store/alias.hpp"
#include "store/bounds.hpp"
#include "store/echoes.hpp"
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

  store::echoes echoes;

  // The functions' arguments, from `first` on: the response, provider_name, http_status, headers. `whose`: the
  // tenant whose key may be echoed; without a provider's name the answer is of the provider of its configuration.
  explicit response_call(const pg::args& in, int first = 0, const std::optional<store::tenant>& whose = {})
      : row(row_for(in.text(first + 1), whose)),
        program(store::response_program_of(row)),
        echoes(row, whose),
        in_(in),
        first_(first) {
    if (const json::node headers = in.jsonb(first + 3);
        headers && !headers.is_object() && !headers.is_absent())
      throw error(sqlstate::invalid_parameter,
                  "argument headers must be a JSON object of header names and values");
  }
  // Of stream_deltas: the frames and provider_name alone.
  response_call(const pg::args& in, const std::optional<store::tenant>& whose)
      : row(row_for(in.text(1), whose)),
        program(store::response_program_of(row)),
        echoes(row, whose),
        in_(in) {}
  response_call(const response_call&) = delete;
  response_call& operator=(const response_call&) = delete;

  // What both kinds of input have; the response itself is the caller's. `other_columns`: of the row, that rules
  // besides the program's read.
  template <class Input>
  Input input(std::uint32_t other_columns = 0) {
    const std::uint32_t columns = program->rules.columns | other_columns |
                                  (program->stream != nullptr ? program->stream->rules.columns : 0);
    Input made;
    made.provider_name = row.name();
    if (first_ >= 0) {
      made.http_status = in_.integer(first_ + 2);
      made.headers = in_.jsonb(first_ + 3);
    }
    made.now_ms = pg::statement_time_ms();
    made.filter = echoes.filter();
    made.limits = store::limits_now();
    made.provider_columns = store::columns_for(columns, row, out);
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
  static store::provider row_for(std::optional<std::string_view> name,
                                 const std::optional<store::tenant>& whose) {
    if (name || !whose) return store::require_provider(name);
    return store::require_named_provider(whose->text(store::tenant_column::provider));
  }

  const pg::args& in_;
  const int first_ = -1;  // of the arguments
};

}  // namespace llm_admin::mapping_room
