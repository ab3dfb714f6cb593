// Path text x document, split at the first zero byte: parsing, walking, pointers of matches, bounded steps.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "core/error.hpp"
#include "core/json/compare.hpp"
#include "core/json/parse.hpp"
#include "core/json/text.hpp"
#include "core/mapping/path.hpp"

using namespace llm_admin;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const std::size_t split = input.find('\0');
  std::string why;
  std::size_t at = 0;
  const auto path = mapping::parse_path(input.substr(0, split), why, at);
  if (!path) {
    if (why.empty() || at > input.size()) std::abort();
    return 0;
  }
  json::tree tree;
  const json::item* document =
      split == std::string_view::npos ? nullptr : json::parse(input.substr(split + 1), tree);
  mapping::scope in;
  in.document = in.item = in.outer = in.params = in.headers = in.capabilities = json::view(document);
  in.model = "m";
  mapping::budget left;
  left.most = 10000;
  std::string where;
  try {
    path->each(
        in, left,
        [&](const json::node& match) {
          if (match.is_absent()) std::abort();
          const bool whole =
              path->root == mapping::root_kind::document || path->root == mapping::root_kind::param;
          if (whole && !json::equal(json::resolve(in.document, where), match)) std::abort();
          return true;
        },
        &where);
  } catch (const error& raised) {
    if (raised.sqlstate() != sqlstate::program_limit) std::abort();
  }
  if (left.used > left.most + 1) std::abort();
  return 0;
}
