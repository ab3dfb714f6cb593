// llm_admin_test.compare_views(seed, cpu_seconds): what holds a JSON value must make no difference.
//
// Random samples of test/generate are run twice: over trees, the view of the unit tests, and over jsonb, the
// view of the server. Everything that comes out is compared. Beside it: jsonb that the product writes has the
// very bytes that the server's own parser makes, and no case leaves memory behind. The first difference ends
// the run and is returned with all that is needed to repeat it: compare_views(its seed, 0) runs that case
// alone.
#include <malloc.h>

#include <cstring>
#include <ctime>
#include <string>
#include <string_view>

#include "core/json/compare.hpp"
#include "core/json/parse.hpp"
#include "core/json/text.hpp"
#include "generate/outcome.hpp"
#include "generate/values.hpp"
#include "pg/args.hpp"
#include "pg/entry.hpp"
#include "pg/jsonb.hpp"
#include "pg/result.hpp"

namespace llm_admin::test {

namespace {

constexpr std::size_t any_size = 1u << 28;
constexpr std::uint64_t warm_up = 500;                        // cases before memory is looked at
constexpr std::size_t allowed_growth = std::size_t{1} << 20;  // allocators keep some of what is freed

double cpu_time() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

// Bytes in use, the server's and ours.
std::size_t memory_in_use() {
  const struct mallinfo2 now = mallinfo2();
  return now.uordblks + now.hblkhd;
}

// What the server allocates for one case.
class case_memory {
 public:
  case_memory()
      : own_(pg::call([] {
          return AllocSetContextCreate(CurrentMemoryContext, "compare_views", ALLOCSET_DEFAULT_SIZES);
        })) {}
  ~case_memory() { MemoryContextDelete(own_); }
  case_memory(const case_memory&) = delete;
  case_memory& operator=(const case_memory&) = delete;

  class scope {
   public:
    explicit scope(const case_memory& of) : own_(of.own_), before_(MemoryContextSwitchTo(of.own_)) {}
    ~scope() {
      MemoryContextSwitchTo(before_);
      MemoryContextReset(own_);
    }
    scope(const scope&) = delete;
    scope& operator=(const scope&) = delete;

   private:
    MemoryContext own_, before_;
  };

 private:
  MemoryContext own_;
};

Datum parsed_by_server(const std::string& text) {
  char* characters = const_cast<char*>(text.c_str());
  return pg::call([=] { return DirectFunctionCall1(jsonb_in, CStringGetDatum(characters)); });
}

bool same_bytes(Datum a, Datum b) {
  const auto* x = reinterpret_cast<const varlena*>(DatumGetPointer(a));
  const auto* y = reinterpret_cast<const varlena*>(DatumGetPointer(b));
  return VARSIZE_ANY(x) == VARSIZE_ANY(y) && std::memcmp(x, y, VARSIZE_ANY(x)) == 0;
}

// Around the first difference.
std::string difference(std::string_view trees, std::string_view jsonb) {
  std::size_t at = 0;
  while (at < trees.size() && at < jsonb.size() && trees[at] == jsonb[at]) ++at;
  const std::size_t from = at < 200 ? 0 : at - 200;
  return "over trees: " + json::quoted(trees.substr(from, 500)) +
         "\nover jsonb: " + json::quoted(jsonb.substr(from, 500));
}

class comparison {
 public:
  comparison(std::uint64_t seed, reached& count)
      : loose_(seed), count_(count), with_(make_sample(random_source(seed), input_)) {}

  // What is wrong; empty when nothing is.
  std::string run() {
    const views of_trees = {json::view(with_.request),     json::view(with_.response),
                            json::view(with_.params),      json::view(with_.document),
                            json::view(with_.headers),     json::view(with_.columns),
                            json::view(with_.capabilities)};
    const views of_jsonb = {stored(with_.request),     stored(with_.response), stored(with_.params),
                            stored(with_.document),    stored(with_.headers),  stored(with_.columns),
                            stored(with_.capabilities)};
    if (!wrong_.empty()) return wrong_;
    json::tree over_trees, over_jsonb;
    const outcome expected = test::run(of_trees, with_, over_trees, &count_);
    const outcome found = test::run(of_jsonb, with_, over_jsonb, nullptr);
    if (!expected.broken.empty()) return expected.broken;
    if (expected.text != found.text) return difference(expected.text, found.text);
    if (!found.broken.empty()) return "over jsonb: " + found.broken;
    for (std::size_t n = 0; n < found.results.size(); ++n) written(expected.results[n], found.results[n]);
    return wrong_;
  }

  std::string inputs() const {
    std::string all;
    for (const json::item* one : {with_.request, with_.response, with_.params, with_.document, with_.headers,
                                  with_.columns, with_.capabilities})
      (all += '\n') += json::write(json::view(one), any_size).value_or("");
    return all + "\n" + with_.body;
  }

 private:
  // The value as jsonb: of our own making or of the server's, which must be the same.
  json::node stored(const json::item* value) {
    const std::string text = loose_text(json::view(value), loose_);
    const Datum ours = pg::make_jsonb(value), servers = parsed_by_server(text);
    if (!same_bytes(ours, servers)) wrong_ = "jsonb differs from what the server makes of " + text;
    json::tree again;
    const json::item* parsed = json::parse(text, again, any_size);
    if (parsed == nullptr || !json::equal(json::view(parsed), json::view(value)))
      wrong_ = "parse() misreads " + text;
    return pg::jsonb_view(loose_.chance(50) ? ours : servers);
  }

  void written(const json::item* of_trees, const json::item* of_jsonb) {
    const std::string text = json::write(json::view(of_jsonb), any_size).value_or("");
    const Datum made = pg::make_jsonb(of_jsonb);
    if (!same_bytes(pg::make_jsonb(of_trees), made))
      wrong_ = "as jsonb, this differs between trees and jsonb: " + text;
    if (!same_bytes(parsed_by_server(text), made))
      wrong_ = "jsonb differs from what the server makes of " + text;
  }

  random_source loose_;
  reached& count_;
  json::tree input_;
  sample with_;
  std::string wrong_;
};

std::string compare_until(std::uint64_t seed, double end, reached& count) {
  const case_memory memory;
  std::size_t before = 0;
  for (std::uint64_t n = 0; n == 0 || cpu_time() < end; ++n) {
    pg::call([] { CHECK_FOR_INTERRUPTS(); });
    {
      const case_memory::scope inside(memory);
      comparison one(seed + n, count);
      const std::string wrong = one.run();
      count.add("cases");
      if (!wrong.empty()) return "seed " + std::to_string(seed + n) + ": " + wrong + one.inputs();
    }
    if (n == warm_up) before = memory_in_use();
    if (n > warm_up && memory_in_use() > before + allowed_growth)
      return "memory grew to " + std::to_string(memory_in_use()) + " bytes by seed " +
             std::to_string(seed + n);
  }
  return {};
}

}  // namespace

}  // namespace llm_admin::test

LLM_ADMIN_FUNCTION(llm_admin_test_compare_views)(FunctionCallInfo fcinfo) {
  using namespace llm_admin;
  const auto seed = static_cast<std::uint64_t>(DatumGetInt64(pg::args(fcinfo).raw(0, INT8OID)));
  const double end = test::cpu_time() + pg::args(fcinfo).integer(1).value_or(0);
  pg::row_set rows(fcinfo);
  test::reached count;
  const std::string finding = test::compare_until(seed, end, count);
  const auto add = [&](std::string_view what, std::uint64_t times, std::string_view because) {
    pg::row_builder row;
    row.add_text(what).add_bigint(static_cast<std::int64_t>(times));
    because.empty() ? row.add_null() : row.add_text(because);
    rows.add(row);
  };
  for (const auto& [what, times] : count.times()) add(what, times, {});
  add("findings", finding.empty() ? 0 : 1, finding);
  return Datum{0};
}
