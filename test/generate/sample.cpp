#include "generate/sample.hpp"

#include <array>

#include "core/json/text.hpp"
#include "generate/rules.hpp"

namespace llm_admin::test {

namespace {

class sample_maker {
 public:
  sample_maker(random_source dice, json::tree& out)
      : dice_(dice),
        out_(out),
        newer_(dice_.chance(85)),
        latest_(newer_ && dice_.chance(50)),
        values_(dice_, out),
        rules_(dice_, out, newer_, latest_) {}

  sample run() {
    sample made;
    made.params = sorted(values_.parameters());
    made.document = sorted(values_.document());
    made.headers = sorted(values_.headers());
    made.columns = sorted(values_.columns());
    made.capabilities = sorted(values_.capabilities());
    around_.params = json::view(made.params);
    around_.document = json::view(made.document);
    around_.headers = json::view(made.headers);
    around_.columns = json::view(made.columns);
    around_.capabilities = json::view(made.capabilities);
    made.request = broken(request());
    made.response = broken(response());
    made.body = body(json::view(made.response).member("stream"));
    if (dice_.chance(40))
      made.http_status = dice_.chance(70) ? 200 : 400 + static_cast<int>(dice_.below(130));
    if (dice_.chance(20)) made.max_output_tokens_limit = dice_.below(200);
    if (dice_.chance(6)) made.limits.max_matches = 5 + dice_.below(100);
    if (dice_.chance(6)) made.limits.max_output_bytes = dice_.below(400);
    return made;
  }

 private:
  const json::item* sorted(const json::item* value) { return in_order(json::view(value), out_, dice_); }
  const json::item* broken(const json::item* value) {
    return in_order(json::view(value), out_, dice_, dice_.chance(10) ? dice_.below(60) : -1);
  }
  json::item* text(std::string_view value) { return out_.string(out_.keep(value)); }
  json::item* put(json::item* object, std::string_view key, json::item* value) {
    return values_.put(object, key, value);
  }
  json::item* version() {
    return put(out_.object(), "version", text(latest_ ? "1.2" : newer_ ? "1.1" : "1.0"));
  }
  json::item* rule(int depth = 3) { return rules_.rule(around_, depth); }

  json::item* definitions(json::item* config) {
    rules_.forget_definitions();
    return newer_ && dice_.chance(50) ? put(config, "defs", rules_.definitions(around_)) : config;
  }

  json::item* structure(bool whole) {
    static constexpr std::array<std::string_view, 5> places = {"url:hole", "query:q", "x.y", "x.z\\.w",
                                                               "größe"};
    json::item* made = out_.object();
    if (whole) {
      put(made, "model", dice_.chance(85) ? text("param:model_name") : rule(2));
      put(made, "messages", dice_.chance(60) ? text("param:messages") : rule());
    }
    for (std::uint32_t n = dice_.below(4); n > 0; --n) {
      json::item* one = rule();
      if (one->type == json::kind::object && dice_.chance(25)) put(one, "path", text(dice_.pick(places)));
      put(made, values_.name(), one);
    }
    if (newer_ && dice_.chance(12)) put(made, "...", dice_.chance(30) ? text("param:extra_body") : rule(1));
    return made;
  }

  json::item* named_rules(std::array<std::string_view, 2> names) {
    json::item* made = out_.object();
    for (std::string_view name : names) {
      if (dice_.chance(60)) put(made, name, rule(1));
    }
    return made;
  }

  json::item* request() {
    around_.by = reader::request;
    json::item* made = definitions(version());
    if (latest_) put(made, "dialect", text("d"));
    put(made, "payload_structure", structure(true));
    if (!newer_) return made;
    if (dice_.chance(20)) put(made, "headers", named_rules({"x-a", dice_.chance(5) ? "X-größe" : "X-B"}));
    if (dice_.chance(20)) put(made, "query", named_rules({"v", "x y"}));
    if (dice_.chance(15)) put(made, "streaming_path", text("/v1/{model}/stream"));
    if (dice_.chance(25)) put(made, "operations", operations());
    return made;
  }

  json::item* operations() {
    json::item* made = out_.object();
    json::item* list = put(out_.object(), "path", text("/v1/models"));
    around_.by = reader::response;
    put(list, "extract", rule(2));
    around_.by = reader::request;
    if (dice_.chance(30)) put(list, "query", named_rules({"limit", "after"}));
    put(made, "list_models", list);
    if (dice_.chance(70))
      put(made, "embed", put(out_.object(), "payload_structure", structure(dice_.chance(50))));
    return made;
  }

  json::item* response() {
    static constexpr std::array<std::string_view, 8> own = {
        "reasoning_content",   "tool_calls",    "finish_reason", "model_used",
        "provider_request_id", "reported_cost", "error",         "provider_state"};
    around_.by = reader::response;
    json::item* made = definitions(version());
    json::item* all = out_.object();
    put(all, "text_content", dice_.chance(70) ? text("$.choices[0].message.content") : rule());
    put(all, "usage_stats", dice_.chance(50) ? text("$.usage") : rule(2));
    if (dice_.chance(50)) put(all, "finish_reason", text("$.choices[0].finish_reason"));
    if (dice_.chance(30)) put(all, "tool_calls", text("$.list"));
    for (std::uint32_t n = dice_.below(3); n > 0; --n) put(all, dice_.pick(own), rule());
    for (std::uint32_t n = dice_.below(4); n > 0; --n) put(all, values_.name(), rule());
    put(made, "extraction_rules", all);
    if (newer_ && dice_.chance(45)) put(made, "stream", stream());
    return made;
  }

  json::item* stream() {
    static constexpr std::array<std::string_view, 3> frames = {"sse", "ndjson", "json_array"};
    around_.by = reader::event;
    around_.has_item = true;
    around_.item = around_.outer = around_.document;
    json::item* made = put(out_.object(), "frame", text(dice_.pick(frames)));
    json::item* when = put(out_.object(), "when", rules_.paths().condition(around_, 1));
    json::item* mark = put(out_.object(), "data", text("[DONE]"));
    put(made, "done", dice_.chance(40) ? text("eof") : dice_.chance(60) ? mark : when);
    json::item* list = out_.array();
    if (dice_.chance(60)) out_.push(list, target(out_.object(), text("$"), "merge", text("$")));
    for (std::uint32_t n = dice_.below(4); n > 0; --n) out_.push(list, stream_rule());
    around_.has_item = false;
    return put(made, "rules", list);
  }

  json::item* target(json::item* rule, json::item* to, std::string_view op, json::item* from) {
    return put(put(put(rule, "to", to), "op", text(op)), dice_.chance(80) ? "from" : "value", from);
  }

  json::item* stream_rule() {
    static constexpr std::array<std::string_view, 7> places = {"$.a",
                                                               "$.choices[0].message.content",
                                                               "$.list[{@index}]",
                                                               "$.list[0]",
                                                               "$[\"x y\"]",
                                                               "$.list[{$.id}].a",
                                                               "$"};
    static constexpr std::array<std::string_view, 4> ops = {"set", "append", "push", "merge"};
    static constexpr std::array<std::string_view, 3> emissions = {"text", "reasoning", "tool_arguments"};
    json::item* made = out_.object();
    readable here = around_;
    if (latest_ && dice_.chance(15)) {
      json::item* key = out_.array();
      for (std::uint32_t n = 1 + dice_.below(2); n > 0; --n) out_.push(key, path(here));
      put(made, "key", key);
      return target(made, text("$.list[{key}].a"), dice_.pick(ops), rules_.rule(here, 2));
    }
    if (dice_.chance(35)) {
      json::node reached;
      put(made, "each", text(rules_.paths().path(around_, reached, true)));
      here.item = reached;
    }
    const bool raises = dice_.chance(8);
    if (raises || dice_.chance(30)) put(made, "when", rules_.paths().condition(here, 1));
    if (raises) return put(made, "error", rules_.rule(here, 1));
    if (dice_.chance(20)) put(made, "emit", text(dice_.pick(emissions)));
    return target(made, text(dice_.pick(places)), dice_.pick(ops), rules_.rule(here, 2));
  }

  json::item* path(const readable& around) {
    json::node reached;
    return text(rules_.paths().path(around, reached));
  }

  // Events are the document and others like it; any member of a broken config may be anything.
  std::string body(const json::node& stream) {
    const json::node frame = stream.member("frame");
    const bool marked = stream.member("done").member("data").is_string();
    const bool array = frame.is_string() && frame.text() == "json_array";
    const bool sse = !array && !(frame.is_string() && frame.text() == "ndjson");
    std::string made = array ? "[" : "";
    for (std::uint32_t n = 1 + dice_.below(5), at = 0; at < n; ++at) {
      if (array && at > 0) made += ",\n";
      const json::node event = dice_.chance(60) ? around_.document : json::view(values_.document());
      const std::string text = json::write(event, 1u << 20).value_or("{}");
      made += sse ? "event: x\ndata: " + text + "\n\n" : array ? text : text + "\n";
    }
    if (array) return dice_.chance(85) ? made + "]" : made;
    if (dice_.chance(marked ? 85 : 5)) made += sse ? "data: [DONE]\n\n" : "[DONE]\n";
    if (dice_.chance(5)) made.resize(dice_.below(made.size()));
    return made;
  }

  random_source dice_;
  json::tree& out_;
  bool newer_, latest_;  // since 1.1, since 1.2
  value_maker values_;
  rule_maker rules_;
  readable around_;
};

}  // namespace

sample make_sample(random_source dice, json::tree& out) { return sample_maker(dice, out).run(); }

}  // namespace llm_admin::test
