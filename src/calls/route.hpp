// Where a call goes: whose key, which account, which model, and the request that is sent. Private to this room.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/calls/caller.hpp"
#include "core/calls/options.hpp"
#include "core/json/tree.hpp"
#include "core/mapping/request/request.hpp"
#include "core/memory_bound.hpp"
#include "store/access.hpp"
#include "store/access_key.hpp"
#include "store/open_call.hpp"
#include "store/provider_call.hpp"
#include "store/resolution.hpp"

namespace llm_admin::calls_room {

// The params of a call as they were given; lives as long as what is built of them.
struct given_params {
  json::tree holder;
  json::node params;
  json::replaced replaced;

  // LA002 for what is no JSON object.
  given_params(std::string_view source, const mapping::limits& limits);
  given_params(const given_params&) = delete;
  given_params& operator=(const given_params&) = delete;
  // The model that they name; empty where they name none.
  std::string_view model() const noexcept;
};

// Who asks for what, as the key, the entered tenant and the arguments say together.
struct asked_call {
  const calls::begin_options& options;
  calls::caller who;
  std::optional<store::access_key> key;
};

// A route is made anew for another model: what was built borrows from it.
class route {
 public:
  // `model` goes in place of the one that the params name, where it is not empty. `as`: a call that is open, whose
  // provider and account are taken again. LA011 where the caller may not use the model; LA002 where the request cannot
  // be built; 42704 and 55000 where the provider or account cannot be used.
  route(const asked_call& asked, const given_params& given, std::string_view model,
        const store::open_call* as);

  const store::call_of_provider& call() const noexcept { return *call_; }
  const store::provider_request& request() const noexcept { return request_; }
  const store::access_decision& access() const noexcept { return access_; }
  bool by_tenant() const noexcept { return to_ && to_->by_tenant; }
  const char* source() const noexcept { return by_tenant() ? "byollm" : "platform"; }
  std::optional<uuid_bytes> account_id() const;
  std::string provider() const { return std::string(call_->row.name()); }
  const std::string& canonical() const noexcept { return access_.canonical_model; }  // empty without a model
  const std::string& sent_model() const noexcept { return request_.built.model; }
  const json::node& params() const noexcept { return call_->input.params; }
  json::tree& out() noexcept { return call_->out; }

 private:
  void find_provider(const asked_call& asked, const store::open_call* as);
  void take_params(const given_params& given, std::string_view model);
  void check_model(const asked_call& asked, std::string_view model);
  void choose_account(const asked_call& asked, const store::open_call* as);

  std::optional<store::resolution> to_;
  std::unique_ptr<store::call_of_provider> call_;
  store::access_decision access_{};
  store::provider_request request_;
};

}  // namespace llm_admin::calls_room
