#include "core/mapping/compile/validate.hpp"

#include <iterator>
#include <string>
#include <utility>

#include "core/error.hpp"
#include "core/given_name.hpp"
#include "core/json/text.hpp"

namespace llm_admin::mapping {

namespace {

void missing_holes(const request_program& program, const call_shape& call, const url_texts& row,
                   std::string_view path, std::vector<problem>& out) {
  for (std::uint32_t n = 0; n < call.places.size(); ++n) {
    const place& where = call.places[n];
    if (where.kind != place_kind::url) continue;
    const std::string hole = "{" + where.segments[0] + "}";
    const auto has = [&](std::string_view text) { return text.find(hole) != std::string_view::npos; };
    const bool streams = &call == &program.chat && program.streaming_path && has(*program.streaming_path);
    if (has(row.base_url) || has(path) || streams) continue;
    out.push_back(
        {"request", json::child(program.rules.rules[call.first + n].pointer, "path"), severity::error,
         url_hole_missing, "the URL has no hole {" + member_named(where.segments[0]) + "}",
         call.path.empty() ? "write the hole into endpoint_path_template, or put the value elsewhere"
                           : "write the hole into the operation's path, or put the value elsewhere"});
  }
}

std::vector<problem> holes_of(const request_program& program, const url_texts& row) {
  std::vector<problem> out;
  if (program.rules.version < language::v1_2) return out;
  missing_holes(program, program.chat, row, row.endpoint_path, out);
  for (const call_shape& one : program.operations)
    missing_holes(program, one, row, one.path.empty() ? row.endpoint_path : std::string_view(one.path), out);
  return out;
}

}  // namespace

std::vector<problem> request_problems(const json::node& request, const compile_bounds& bounds,
                                      const url_texts* row) {
  auto made = compile_request(request, bounds);
  std::vector<problem> all = std::move(made.problems);
  for (problem& one : all)
    if (one.code == reserved_header) one.level = severity::error;
  if (row == nullptr || !made.program) return all;
  std::erase_if(all, [](const problem& one) { return one.code == url_hole_missing; });  // it is known now
  std::vector<problem> more = holes_of(*made.program, *row);
  all.insert(all.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
  return all;
}

std::vector<problem> hole_problems(const json::node& request, const url_texts& row,
                                   const compile_bounds& bounds) {
  const auto made = compile_request(request, bounds);
  return made.program ? holes_of(*made.program, row) : std::vector<problem>();
}

std::vector<problem> problems_of_pair(const json::node& request, const json::node& response,
                                      const compile_bounds& bounds, const url_texts* row) {
  std::vector<problem> all = request_problems(request, bounds, row);
  std::vector<problem> more = compile_response(response, bounds).problems;
  all.insert(all.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
  return all;
}

void require_valid(const std::vector<problem>& problems) {
  for (const problem& p : problems) {
    if (p.level != severity::error) continue;
    throw error(
        sqlstate::config_invalid, p.message, render(problems),
        p.hint.empty()
            ? "SELECT * FROM llm_admin.config_problems('<request config>', '<response config>') lists "
              "every problem"
            : p.hint);
  }
}

}  // namespace llm_admin::mapping
