#include <gtest/gtest.h>

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "unit/receipts.hpp"

namespace llm_admin::calls {
namespace {

using namespace test;

TEST(CallReceipt, IsWhatTheHeaderSays) {
  const secret_bytes key = signing_key();
  EXPECT_EQ(hex_encode(key.span()), "9dd0255dbadfb571b2ba7bc957a9d06d1f4bc1235ae63859b98e47416a6b57f8");
  EXPECT_EQ(write_receipt(sample_receipt(), of_key, key.span()), whole_vector);
  EXPECT_EQ(write_receipt(bare_receipt(), of_key, key.span()), bare_vector);
}

TEST(CallReceipt, IsReadBack) {
  const secret_bytes key = signing_key();
  EXPECT_EQ(receipt_data_key(whole_vector), of_key);
  EXPECT_EQ(open_receipt(whole_vector, key.span(), of_call, started + 1), sample_receipt());
  EXPECT_EQ(open_receipt(bare_vector, key.span(), of_call, started), bare_receipt());
  EXPECT_EQ(parse_receipt(whole_vector), sample_receipt());
}

// Each value comes and goes by itself.
TEST(CallReceipt, EachValueIsThereOrNot) {
  const secret_bytes key = signing_key();
  const auto is_read_back = [&](const receipt& of) {
    const std::string text = write_receipt(of, of_key, key.span());
    EXPECT_EQ(open_receipt(text, key.span(), of_call, started), of);
    return text;
  };
  std::set<std::string> all;
  for (std::optional<uuid_bytes> receipt::*id :
       {&receipt::account_id, &receipt::key_id, &receipt::job_id, &receipt::parent_call_id, &receipt::rule,
        &receipt::permission}) {
    receipt of = bare_receipt();
    of.*id = counted_from<uuid_bytes>(1);
    all.insert(is_read_back(of));
    of.*id = uuid_bytes{};  // zeros are an id
    all.insert(is_read_back(of));
  }
  for (std::string receipt::*text :
       {&receipt::tenant_id, &receipt::user_id, &receipt::team_id, &receipt::provider, &receipt::model,
        &receipt::model_id, &receipt::operation, &receipt::service_tier, &receipt::tier, &receipt::reason,
        &receipt::request_id}) {
    receipt of = bare_receipt();
    of.*text = "a text";
    all.insert(is_read_back(of));
  }
  receipt of = bare_receipt();
  of.by_tenant = true;
  all.insert(is_read_back(of));
  of.is_request = false;
  all.insert(is_read_back(of));
  of.price_id = -1;
  all.insert(is_read_back(of));
  of.attempt = of.input_estimate = INT32_MAX;
  all.insert(is_read_back(of));
  of.tags = {{"a", "1"}};
  all.insert(is_read_back(of));
  of.models = {"m"};
  all.insert(is_read_back(of));
  EXPECT_EQ(all.size(), 6u * 2 + 11 + 6);
}

TEST(CallReceipt, LastsForADayAndBearsAClockThatSteppedBack) {
  EXPECT_EQ(refused(whole_vector, started + receipt_validity - 1), "taken");
  const std::string old =
      "LA004 call a0a1a2a3-a4a5-a6a7-a8a9-aaabacadaeaf is not known | its receipt is older than 24 hours";
  EXPECT_EQ(refused(whole_vector, started + receipt_validity), old);
  EXPECT_EQ(refused(whole_vector, INT64_MAX), old);
  EXPECT_EQ(refused(whole_vector, started - 7 * receipt_validity), "taken");
  EXPECT_EQ(refused(whole_vector, INT64_MIN), "taken");
}

TEST(CallReceipt, VouchesForItsCallAlone) {
  EXPECT_EQ(refused(whole_vector, started, counted_from<uuid_bytes>(0xa1)),
            "LA004 call a1a2a3a4-a5a6-a7a8-a9aa-abacadaeafb0 is not known | the receipt is that of call "
            "a0a1a2a3-a4a5-a6a7-a8a9-aaabacadaeaf");
}

TEST(CallReceipt, OfAnotherInstallationIsNone) {
  const secret_bytes other = crypto::receipt_key(std::vector<std::uint8_t>(32, 7));
  const std::string theirs = write_receipt(sample_receipt(), of_key, other.span());
  EXPECT_EQ(
      refused(theirs),
      "LA004 call a0a1a2a3-a4a5-a6a7-a8a9-aaabacadaeaf is not known | its receipt was altered, or signed by "
      "another installation");
}

// No bit of it counts for nothing: of the text, and of the bytes below.
TEST(CallReceipt, EveryChangeIsFound) {
  for (const std::string_view vector : {whole_vector, bare_vector}) {
    for (std::size_t n = 0; n < vector.size(); ++n) {
      for (const char c : {'A', 'B', 'w', '_', '.', '\n', '\0'}) {
        std::string altered(vector);
        if (altered[n] == c) continue;
        altered[n] = c;
        const std::string said = refused(altered);
        EXPECT_TRUE(said.starts_with("LA004") || said.starts_with("LA002")) << n << ' ' << said;
      }
      EXPECT_NE(refused(vector.substr(0, n)), "taken") << n;
    }
    for (const char* more : {"A", "AA", "=", ".", " ", "AAAA"})
      EXPECT_NE(refused(std::string(vector) + more), "taken");
  }
}

TEST(CallReceipt, WhatIsNoneIsSaidToBeNone) {
  const std::string none = "LA002 option receipt is no receipt of a call | ";
  for (const std::string& text : std::vector<std::string>{
           "", "lmr1.", "lmr1", "lmr2." + std::string(whole_vector.substr(5)),
           std::string(whole_vector.substr(5)), "lmr1." + std::string(100, 'A'),
           "lmr1." + std::string(10'000'000, 'A'), std::string(whole_vector) + "=",
           "LMR1." + std::string(whole_vector.substr(5)), " " + std::string(whole_vector)}) {
    EXPECT_EQ(refused(text), none) << text.substr(0, 40);
    EXPECT_THROW((void)receipt_data_key(text), error);
    EXPECT_FALSE(parse_receipt(text));
  }
}

TEST(CallReceipt, WithoutOneACallIsUnknown) {
  try {
    refuse_unknown_call(of_call);
  } catch (const error& e) {
    EXPECT_STREQ(e.sqlstate(), "LA004");
    EXPECT_EQ(e.detail(), "no open call has this id, and no receipt was given");
  }
}

}  // namespace
}  // namespace llm_admin::calls
