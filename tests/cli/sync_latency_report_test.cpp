#include "host/cli/sync_latency_report.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

namespace gan::cli {
namespace {

using testing::HasSubstr;

bench::SyncLatencyResult small_result() {
  return {"A GPU",
          "13.0",
          132,
          {{"flag", "a flag", {500, 510, 520, 530, 540}, "", {{"blocks", 2}}},
           {"cluster_barrier_4", "barrier of a cluster", {}, "there are none", {}}}};
}

TEST(SyncLatencyReport, TheTableHasMediansOrReasons) {
  const std::string text = table(small_result());
  EXPECT_THAT(text, HasSubstr("A GPU, driver for CUDA 13.0, 132 multiprocessors\n"));
  EXPECT_THAT(text, testing::ContainsRegex("\na flag +520\\.0 ± 10\\.0  \\(blocks 2\\)\n"));
  EXPECT_THAT(text, testing::ContainsRegex("\nbarrier of a cluster +– there are none\n"));
}

TEST(SyncLatencyReport, JsonHasMediansOrNullAndReasons) {
  const nlohmann::ordered_json json = to_json(small_result());
  EXPECT_EQ(json["device"], "A GPU");
  EXPECT_EQ(json["driver"], "13.0");
  EXPECT_EQ(json["multiprocessors"], 132);
  EXPECT_TRUE(json["commit"].is_string());
  ASSERT_EQ(json["results"].size(), 2u);
  EXPECT_EQ(json["results"][0].dump(),
            R"({"name":"flag","ns_median":520.0,"ns_spread":10.0,"repeats":5,"blocks":2})");
  EXPECT_EQ(json["results"][1].dump(),
            R"({"name":"cluster_barrier_4","ns_median":null,"ns_spread":null,"repeats":0,)"
            R"("reason":"there are none"})");
}

}  // namespace
}  // namespace gan::cli
