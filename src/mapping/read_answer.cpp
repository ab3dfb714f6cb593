// read_answer, read_operation, stream_deltas: whatever the network gave, by the rules of the provider's row.
#include <array>
#include <optional>
#include <string>

#include "core/call_options.hpp"
#include "core/error.hpp"
#include "core/mapping/answer/answer.hpp"
#include "core/mapping/stream/deltas.hpp"
#include "mapping/response_call.hpp"
#include "pg/entry.hpp"
#include "store/entered_tenant.hpp"
#include "store/operations.hpp"
#include "store/programs.hpp"

using namespace llm_admin;

namespace {

constexpr std::array<std::string_view, 1> answer_options = {"tenant_id"};

// The configuration of the tenant that option tenant_id names, whose key the vendor may echo.
std::optional<store::tenant> tenant_of(const json::node& given) {
  const auto id = call_options(given, answer_options).text("tenant_id");
  if (!id) return std::nullopt;
  store::require_tenant_id(*id);
  store::require_entered(*id);
  return store::find_tenant(*id);
}

mapping::answer_input input_of(mapping_room::response_call& call, std::optional<std::string_view> body,
                               std::uint32_t other_columns = 0) {
  auto made = call.input<mapping::answer_input>(other_columns);
  made.body = body.value_or(std::string_view());
  return made;
}

}  // namespace

LLM_ADMIN_SCALAR(llm_admin_read_answer, JSONBOID)(FunctionCallInfo fcinfo) {
  const pg::args in(fcinfo);
  mapping_room::response_call call(in, 0, tenant_of(in.jsonb(4, pg::most::settings)));
  const mapping::answer_input input = input_of(call, in.text(0, pg::most::unbound));
  return call.result([&] { return mapping::read_answer(*call.program, input, call.out); });
}

LLM_ADMIN_SCALAR(llm_admin_read_operation, JSONBOID)(FunctionCallInfo fcinfo) {
  const pg::args in(fcinfo);
  const std::string operation(in.required_text(0, "operation"));
  mapping_room::response_call call(in, 1, tenant_of(in.jsonb(5, pg::most::settings)));
  const auto requests = store::request_program_of(call.row);
  (void)store::require_operation(*requests, operation, call.row.name());
  std::uint32_t columns = 0;
  for (const auto* sets : {&requests->extracts, &requests->usages}) {
    if (const auto rules = sets->find(operation); rules != sets->end()) columns |= rules->second.columns;
  }
  const mapping::answer_input input = input_of(call, in.text(1, pg::most::unbound), columns);
  return call.result(
      [&] { return mapping::read_operation_answer(*requests, operation, *call.program, input, call.out); });
}

LLM_ADMIN_SCALAR(llm_admin_stream_deltas, JSONBOID)(FunctionCallInfo fcinfo) {
  const pg::args in(fcinfo);
  mapping_room::response_call call(in, tenant_of(in.jsonb(2, pg::most::settings)));
  const mapping::answer_input input = input_of(call, in.text(0, pg::most::unbound));
  return call.result([&] { return mapping::stream_deltas(*call.program, input, call.out); });
}
