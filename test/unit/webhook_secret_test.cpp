#include "core/webhooks/secret.hpp"

#include <gtest/gtest.h>

#include <string>

#include "core/encoding.hpp"
#include "core/error.hpp"
#include "core/keys/redact.hpp"

namespace llm_admin::webhooks {
namespace {

std::string problem(std::string_view text) {
  const char* found = secret_problem(text);
  return found == nullptr ? "" : found;
}

std::string key_of(std::string_view text) { return std::string(signing_key(text).text()); }

TEST(WebhookSecret, HasFrom8To255Characters) {
  EXPECT_EQ(problem(""), "is empty");
  EXPECT_EQ(problem("1234567"), "has fewer than 8 characters");
  EXPECT_EQ(problem("12345678"), "");
  EXPECT_EQ(problem(std::string(255, 'x')), "");
  EXPECT_EQ(problem(std::string(256, 'x')), "has more than 255 characters");
  // Characters, not bytes.
  std::string umlauts;
  for (int n = 0; n < 7; ++n) umlauts += "\xC3\xBC";
  EXPECT_EQ(problem(umlauts), "has fewer than 8 characters");
  EXPECT_EQ(problem(umlauts + "\xC3\xBC"), "");
  std::string long_one;
  for (int n = 0; n < 255; ++n) long_one += "\xF0\x9F\x94\x91";
  EXPECT_EQ(problem(long_one), "");
  EXPECT_EQ(key_of(long_one).size(), 1020U);
}

TEST(WebhookSecret, IsNoSlipOfTheHand) {
  EXPECT_EQ(problem("12345678\n"), "holds a control character");
  EXPECT_EQ(problem(std::string_view("1234\0005678", 9)), "is no UTF-8 text");
  EXPECT_EQ(problem("1234567\xFF"), "is no UTF-8 text");
  EXPECT_NE(problem("lma1." + std::string(80, 'A')), "");
}

TEST(WebhookSecret, SignsWithDecodedBytesBehindThePrefixOnly) {
  EXPECT_EQ(key_of("whsec_MDEyMzQ1Njc="), "01234567");
  EXPECT_EQ(key_of("whsec_MDEyMzQ1Njc4"), "012345678");
  EXPECT_EQ(key_of("MDEyMzQ1Njc="), "MDEyMzQ1Njc=");
  EXPECT_EQ(key_of("Whsec_MDEyMzQ1Njc="), "Whsec_MDEyMzQ1Njc=");
  EXPECT_EQ(key_of("gr\xC3\xBC\xC3\x9F Gott"), "gr\xC3\xBC\xC3\x9F Gott");
}

TEST(WebhookSecret, BehindThePrefixStandsBase64AsLibrariesReadIt) {
  for (const std::string_view bad :
       {"whsec_", "whsec_MDEyMzQ1Njc", "whsec_MDEy MzQ1Njc=", "whsec_MDEyMzQ1Njd=", "whsec_MDEyMzQ1Nj-_",
        "whsec_MDEyMzQ1Njc==", "whsec_====", "whsec_!!!!!!!!", "whsec_MDEyMz=1Njc4"})
    EXPECT_NE(problem(bad), "") << bad;
  EXPECT_EQ(problem("whsec_MDEyMzQ1Njc"), "holds no base64 behind whsec_");
  EXPECT_EQ(problem("whsec_MDEyMzQ1Ng=="), "holds fewer than 8 bytes behind whsec_");
}

TEST(WebhookSecret, ErrorsNeverShowIt) {
  const std::string secret = "whsec_never-shown-secret!";
  try {
    require_secret(secret, "webhook_secret");
    FAIL();
  } catch (const error& refused) {
    EXPECT_EQ(refused.message(), "webhook_secret holds no base64 behind whsec_");
    EXPECT_STREQ(refused.sqlstate(), sqlstate::invalid_parameter);
    EXPECT_FALSE(refused.shows_context());
    EXPECT_EQ((refused.message() + refused.detail() + refused.hint()).find("shown"), std::string::npos);
  }
  EXPECT_THROW((void)signing_key("short"), error);
  EXPECT_NO_THROW(require_secret("long enough", "webhook_secret"));
}

TEST(WebhookSecret, Masks) {
  EXPECT_EQ(mask_key("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"), "whsec***aSw");
  EXPECT_EQ(mask_key("12345678"), "***");
}

}  // namespace
}  // namespace llm_admin::webhooks
