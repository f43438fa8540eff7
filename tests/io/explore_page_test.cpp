#include "host/io/explore/explore_page.h"

#include <gmock/gmock.h>
#include <openssl/evp.h>

#include <cstring>
#include <nlohmann/json.hpp>

#include "tests/io/support.h"

namespace gan::io {
namespace {

using nlohmann::json;
using testing::HasSubstr, testing::Not;

const std::string kBegin = "<script type=\"application/json\" id=\"data\">";

// The data's text in a page, as a browser ends it.
std::string data_text(const std::string& page) {
  const std::size_t begin = page.find(kBegin) + kBegin.size();
  return page.substr(begin, page.find("</script", begin) - begin);
}

json data_of(const ExplorePage& page) {
  return json::parse(data_text(explore_page(page)));
}

template <class T>
std::vector<T> decoded(const json& base64) {
  const auto text = base64.get<std::string>();
  std::vector<unsigned char> bytes(text.size());
  const int size =
      EVP_DecodeBlock(bytes.data(), reinterpret_cast<const unsigned char*>(text.data()),
                      static_cast<int>(text.size()));
  const auto padding = static_cast<std::size_t>(std::count(text.begin(), text.end(), '='));
  std::vector<T> values((static_cast<std::size_t>(size) - padding) / sizeof(T));
  std::memcpy(values.data(), bytes.data(), values.size() * sizeof(T));
  return values;
}

class Explored : public testing::Test {
 protected:
  Explored() {
    page_.name = "small";
    page_.height = page_.width = 1;
    page_.layers = {{w1_, b1_}, {w2_, b2_}};
    page_.directions = {0.6F, -0.8F};
    page_.shares = {0.75F};
  }

  // The second row of w1 is much smaller than the first, the third is all zeros.
  std::vector<float> w1_{0.3F, -5.F, 1e-5F, 0.7e-5F, 0, 0}, b1_{1, -2, 3}, w2_{1, 0.1F, -1}, b2_{4};
  ExplorePage page_;
};

TEST_F(Explored, WeightsComeBackWithinHalfAUnitOfTheirRow) {
  const json layer = data_of(page_)["layers"][0];
  EXPECT_EQ(layer["in"], 2);
  EXPECT_EQ(layer["out"], 3);
  EXPECT_EQ(decoded<float>(layer["biases"]), b1_);
  const auto scales = decoded<float>(layer["scales"]);
  const auto weights = decoded<std::int16_t>(layer["weights"]);
  ASSERT_EQ(scales.size(), 3u);
  ASSERT_EQ(weights.size(), 6u);
  EXPECT_EQ(weights[1], -32767);
  EXPECT_EQ(weights[2], 32767);
  EXPECT_EQ(scales[2], 0);
  for (std::size_t i = 0; i < weights.size(); ++i) {
    const float scale = scales[i / 2];
    EXPECT_NEAR(static_cast<float>(weights[i]) * scale, w1_[i], 0.501 * scale) << i;
  }
}

TEST_F(Explored, TheSmallestAndLargestFloatsAreFinite) {
  w1_ = {1e-45F, -1e-45F, 3e38F, -3.4e38F, 1e-38F, 0};
  const json layer = data_of(page_)["layers"][0];
  const auto scales = decoded<float>(layer["scales"]);
  const auto weights = decoded<std::int16_t>(layer["weights"]);
  for (std::size_t i = 0; i < weights.size(); ++i)
    EXPECT_NEAR(static_cast<float>(weights[i]) * scales[i / 2], w1_[i],
                1e-40 + std::abs(w1_[i]) / 32767)
        << i;
}

TEST_F(Explored, HoldsWhatThePageAsksFor) {
  page_.seed = 18446744073709551615U;
  page_.subsequence = std::uint64_t{5} << 48;
  page_.slope = 0.2;
  const json data = data_of(page_);
  EXPECT_EQ(data["seed"], "18446744073709551615");
  EXPECT_EQ(data["subsequence"], 1407374883553280);
  EXPECT_EQ(data["slope"], 0.2);
  EXPECT_EQ(data["layers"].size(), 2u);
  EXPECT_EQ(decoded<float>(data["directions"]), page_.directions);
  EXPECT_EQ(data["shares"], json({0.75}));
}

TEST_F(Explored, IsOnePageThatAsksNobodyForMore) {
  const std::string page = explore_page(page_);
  EXPECT_THAT(page, testing::StartsWith("<!doctype html>"));
  EXPECT_THAT(page, testing::EndsWith("</html>\n"));
  EXPECT_THAT(page, HasSubstr("default-src 'none'"));
  for (const char* const left : {"src=\"http", "href=\"http", "@data@", "@explore", "@page"})
    EXPECT_THAT(page, Not(HasSubstr(left)));
}

TEST_F(Explored, LetsNoNameBecomeAPartOfIt) {
  page_.name = "</script><script>alert(1)</script><!--\"'&\\\xff";
  const std::string text = data_text(explore_page(page_));
  EXPECT_THAT(text, Not(HasSubstr("<")));
  EXPECT_EQ(json::parse(text)["name"], "</script><script>alert(1)</script><!--\"'&\\\ufffd");
}

TEST_F(Explored, RefusesWhatNoBrowserHolds) {
  const std::vector<float> huge(kMostExploredWeights), bias(1);
  page_.layers = {{huge, bias}, {w2_, b2_}};
  base::expect_error([this] { explore_page(page_); }, "100000003 weights");
}

}  // namespace
}  // namespace gan::io
