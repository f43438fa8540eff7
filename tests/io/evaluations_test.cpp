#include "host/io/evaluations.h"

#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "tests/io/support.h"

namespace gan::io {
namespace {

class Evaluations : public testing::Test {
 protected:
  void append(EvaluationsFile file, std::initializer_list<int> steps) const {
    for (const int step : steps) file.append({{"step", step}, {"kid", nullptr}});
  }
  std::string text() const { return base::read_file(path_); }
  void write(const std::string& text) const { std::ofstream(path_) << text; }

  base::TemporaryFolder folder_;
  std::filesystem::path path_ = folder_ / "evaluations.jsonl";
};

TEST_F(Evaluations, AreALineEachInTheOrderOfTheirKeys) {
  append(EvaluationsFile::create(path_), {3, 6});
  EXPECT_EQ(text(), "{\"step\":3,\"kid\":null}\n{\"step\":6,\"kid\":null}\n");
  EvaluationsFile::create(path_);
  EXPECT_EQ(text(), "");
}

TEST_F(Evaluations, AreCountedByStep) {
  EXPECT_EQ(EvaluationsFile::rows_at(path_, 6), 0);  // no file
  append(EvaluationsFile::create(path_), {3, 6, 6});
  std::ofstream(path_, std::ios::app) << "{\"step\":6}";  // torn
  EXPECT_EQ(EvaluationsFile::rows_at(path_, 3), 1);
  EXPECT_EQ(EvaluationsFile::rows_at(path_, 6), 2);
  EXPECT_EQ(EvaluationsFile::rows_at(path_, 9), 0);
}

TEST_F(Evaluations, GoOnAfterTheLastStep) {
  append(EvaluationsFile::create(path_), {3, 3, 6, 6, 9});
  std::ofstream(path_, std::ios::app) << "{\"step\":6,";  // torn
  append(EvaluationsFile::resume(path_, 6), {9});
  const std::string after_6 = text();
  EXPECT_EQ(std::ranges::count(after_6, '\n'), 5);
  append(EvaluationsFile::resume(path_, 5), {6, 6, 9});
  EXPECT_EQ(text(), after_6);
}

TEST_F(Evaluations, GoOnWhereThereWereNone) {
  append(EvaluationsFile::resume(path_, 5), {6});
  EXPECT_EQ(text(), "{\"step\":6,\"kid\":null}\n");
}

TEST_F(Evaluations, RefuseAFileOfSomethingElse) {
  for (const char* line : {"", "step 4", "[4]", "{\"epoch\":4}", "{\"step\":\"4\"}",
                           "{\"step\":4.5}", "{\"step\":4}}", "{\"step\":4} {\"step\":5}"}) {
    write("{\"step\":3}\n" + std::string(line) + "\n");
    const std::string before = text();
    base::expect_error([&] { EvaluationsFile::resume(path_, 9); }, "evaluations.jsonl", "line 2");
    EXPECT_EQ(text(), before);
  }
}

}  // namespace
}  // namespace gan::io
