#include <gmock/gmock.h>

#include <cmath>

#include "host/base/atomic_file.h"
#include "host/run/toml_file.h"
#include "host/sweep/sweep_plan.h"
#include "host/sweep/sweep_results.h"
#include "tests/base/support.h"

namespace gan::sweep {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::ThrowsMessage;

class SweepPlanTest : public testing::Test {
 protected:
  SweepPlan read(const std::string& text) const {
    base::write_file(folder_ / "sweep.toml", text);
    return read_sweep(folder_ / "sweep.toml");
  }
  static std::vector<std::string> names(const SweepPlan& plan) {
    std::vector<std::string> all;
    for (const Configuration& configuration : plan.configurations)
      all.push_back(configuration.name);
    return all;
  }

  base::TemporaryFolder folder_;
};

TEST_F(SweepPlanTest, HasAConfigurationForEachTable) {
  const SweepPlan plan = read(
      "recipe = 'seed-strict'\nepochs = 50\nseeds = [3, 1, 3]\n"
      "[configuration.plain]\n[configuration.leaky]\ng-slope = 0.2\nepochs = 20\n");
  EXPECT_THAT(names(plan), ElementsAre("plain", "leaky"));
  EXPECT_THAT(plan.seeds, ElementsAre(1, 3));
  const run::RunSpec &plain = plan.configurations[0].spec, &leaky = plan.configurations[1].spec;
  EXPECT_FALSE(plain.shuffle);
  EXPECT_EQ(plain.epochs, 50);
  EXPECT_EQ(plain.eval_every, 5);
  EXPECT_EQ(leaky.generator_slope, 0.2);
  EXPECT_EQ(leaky.epochs, 20);
  EXPECT_EQ(leaky.eval_every, 2);
  EXPECT_TRUE(plan.configurations[0].groups.empty());
}

TEST_F(SweepPlanTest, ListsOfValuesSpanAGrid) {
  const SweepPlan plan = read(
      "[configuration.a]\nbatch = [64, 128]\nd-hidden = [[64, 64], [256]]\ng-hidden = [8, 9]\n"
      "eval-every = 0\neval-measures = ['parzen', 'kid']\n");
  EXPECT_THAT(names(plan), ElementsAre("a_batch=64_d-hidden=64,64", "a_batch=64_d-hidden=256",
                                       "a_batch=128_d-hidden=64,64", "a_batch=128_d-hidden=256"));
  const run::RunSpec& last = plan.configurations[3].spec;
  EXPECT_EQ(last.batch, 128);
  EXPECT_THAT(last.discriminator_hidden, ElementsAre(256));
  EXPECT_THAT(last.generator_hidden, ElementsAre(8, 9));
  EXPECT_EQ(last.eval_every, 0);
  EXPECT_THAT(plan.configurations[3].groups, ElementsAre("parzen", "kid"));
  EXPECT_THAT(plan.seeds, ElementsAre(1));
}

// As on the command line lr is the rate of the networks without one of their own; what a
// configuration says comes before what is said for all.
TEST_F(SweepPlanTest, OneRateForBothNetworks) {
  const SweepPlan plan = read(
      "lr-g = 1\nlr = 0.5\n[configuration.a]\n[configuration.b]\nlr = [0.125, 0.25]\n"
      "[configuration.c]\nlr-d = 3\n");
  EXPECT_THAT(names(plan), ElementsAre("a", "b_lr=0.125", "b_lr=0.25", "c"));
  const double rates[][2] = {{1, 0.5}, {0.125, 0.125}, {0.25, 0.25}, {1, 3}};
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(plan.configurations[i].spec.rate_g, rates[i][0]) << i;
    EXPECT_EQ(plan.configurations[i].spec.rate_d, rates[i][1]) << i;
  }
}

TEST_F(SweepPlanTest, NamesWhatIsWrongAndWhere) {
  const auto refuses = [&](const std::string& text, const auto& words) {
    EXPECT_THAT([&] { read(text); },
                ThrowsMessage<base::UsageError>(AllOf(HasSubstr("sweep.toml"), words)))
        << text;
  };
  refuses("batch = 3\n", HasSubstr("[configuration.NAME]"));
  refuses("[configuration.a]\nbacth = 3\n", AllOf(HasSubstr(":2"), HasSubstr("batch")));
  refuses("bacth = 3\n[configuration.a]\n", AllOf(HasSubstr(":1"), HasSubstr("batch")));
  refuses("[configuration.a]\nbatch = ['x', 'y']\n", AllOf(HasSubstr(":2"), HasSubstr("batch")));
  refuses("seeds = 3\n[configuration.a]\n", AllOf(HasSubstr(":1"), HasSubstr("seeds")));
  refuses("seeds = [1, -2]\n[configuration.a]\n", HasSubstr("seeds"));
  refuses("[configuration.'../up']\nbatch = 3\n", HasSubstr(":1"));
  refuses("[configuration]\nbatch = 3\n", HasSubstr(":2"));
  refuses("[configuration.a\n", HasSubstr(":1"));
}

TEST_F(SweepPlanTest, OfFarTooManyRunsIsRefusedBeforeTheyTakeMemory) {
  const auto list_of = [](int count) {
    std::string list = "[1";
    for (int i = 2; i <= count; ++i) list += "," + std::to_string(i);
    return list + "]";
  };
  const auto refuses = [&](const std::string& text, const char* words) {
    EXPECT_THAT([&] { read(text); }, ThrowsMessage<base::UsageError>(HasSubstr(words)));
  };
  const std::string grid = "[configuration.a]\nbatch = ";
  refuses(grid + list_of(10'001) + "\n", ":2: these lists span too many configurations");
  refuses(grid + list_of(101) + "\nepochs = " + list_of(100) + "\n", ":3: these lists span");
  refuses(grid + list_of(10'000) + "\n[configuration.b]\n", ":3: with this one there are too many");
  refuses("seeds = " + list_of(10'001) + "\n" + grid + list_of(10) + "\n", "too many runs");
}

// Whatever is cut off or changed, a file is read or refused in one line.
TEST(Toml, SurvivesDamage) {
  const std::string whole =
      "# '''\nseeds = [1, 2]\nrecipe = \"best\"\nlr-g = 4e-4\n[configuration.a]\n"
      "d-hidden = [[256, 256], [8]]\nshuffle = false\nb.c = {d = 1979-05-27, e = \"\\u00e9\"}\n";
  const auto survives = [](const std::string& text) {
    try {
      run::parse_toml(text, "x.toml");
    } catch (const base::UsageError& error) {
      EXPECT_THAT(std::string(error.what()),
                  AllOf(testing::StartsWith("x.toml:"), Not(HasSubstr("\n")),
                        Not(HasSubstr("\x1b")), testing::SizeIs(testing::Lt(300))));
    }
  };
  EXPECT_NO_THROW(run::parse_toml(whole, "x.toml"));
  const std::string long_key(1000, 'k');
  survives(long_key + " = 1\n" + long_key + " = 2\n");
  for (std::size_t i = 0; i < whole.size(); ++i) {
    survives(whole.substr(0, i));
    for (int byte = 0; byte < 256; ++byte) {
      std::string changed = whole;
      changed[i] = static_cast<char>(byte);
      survives(changed);
    }
  }
}

TEST(SweepResults, AreMeansWithTheirDeviations) {
  const auto means = means_of({{{"x", 1}, {"y", 5}}, {{"x", 2}}, {{"x", 6}}});
  EXPECT_EQ(means.at("x").mean, 3);
  EXPECT_NEAR(means.at("x").deviation, std::sqrt((4 + 1 + 9) / 2.0), 1e-12);
  EXPECT_EQ(means.at("x").seeds, 3);
  EXPECT_EQ(means.at("y").mean, 5);
  EXPECT_EQ(means.at("y").deviation, 0);
  EXPECT_TRUE(means_of({}).empty());
}

TEST(SweepResults, ComeFromTheFilesOfARun) {
  const base::TemporaryFolder folder;
  EXPECT_FALSE(metrics_of_run(folder.path()));
  base::write_file(folder / "evaluation.jsonl",
                   "{\"weights\":\"trained\",\"parzen_ll\":150.5,\"kid\":null}\n"
                   "{\"weights\":\"average\",\"parzen_ll\":201,\"recall\":0.5}\n");
  base::write_file(folder / "evaluations.jsonl",
                   "{\"step\":1,\"train_seconds\":2.5,\"parzen_ll\":100}\n"
                   "{\"step\":2,\"train_seconds\":5,\"parzen_ll\":160}\n"
                   "{\"step\":2,\"train_seconds\":5,\"parzen_ll\":170}\n"
                   "{\"step\":3,\"train_seconds\":7.5,\"parzen_ll\":201}\n");
  EXPECT_EQ(*metrics_of_run(folder.path()), (Metrics{{"trained.parzen_ll", 150.5},
                                                     {"average.parzen_ll", 201},
                                                     {"average.recall", 0.5},
                                                     {"train_seconds", 7.5},
                                                     {"seconds_to_155", 5},
                                                     {"seconds_to_200", 7.5}}));
  base::write_file(folder / "evaluations.jsonl", "{\"step\":1}\nnot json\n");
  EXPECT_THAT([&] { metrics_of_run(folder.path()); },
              ThrowsMessage<std::runtime_error>(HasSubstr("evaluations.jsonl")));
}

TEST(SweepResults, ATableHasARowForEachConfiguration) {
  const std::string table =
      sweep_table({{"plain", 2, {{{"trained.parzen_ll", 100.04}}, {{"trained.parzen_ll", 102.04}}}},
                   {"none", 2, {}}});
  EXPECT_THAT(table, HasSubstr("| plain | 2/2 | 101.0 ± 1.4 | – |"));
  EXPECT_THAT(table, HasSubstr("| none | 0/2 | – |"));
}

}  // namespace
}  // namespace gan::sweep
