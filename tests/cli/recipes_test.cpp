#include "host/run/recipes.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "host/base/atomic_file.h"
#include "host/cli/options.h"
#include "host/run/nearest_name.h"
#include "tests/base/support.h"

namespace gan::cli {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::ThrowsMessage;

run::RunSpec parse(const std::vector<std::string>& arguments, const run::RunSpec& defaults = {}) {
  std::vector<const char*> argv = {"gan_cuda"};
  for (const std::string& argument : arguments) argv.push_back(argument.c_str());
  return described_run(parse_command_line(static_cast<int>(argv.size()), argv.data()), defaults)
      .spec;
}

class ConfigFile : public testing::Test {
 protected:
  std::string written(const std::string& text, const std::string& name = "mine.toml") {
    base::write_file(folder_ / name, text);
    return (folder_ / name).string();
  }

  base::TemporaryFolder folder_;
};

TEST(Recipes, EveryOneIsAPossibleRun) {
  EXPECT_THAT(run::recipe_names(), testing::IsSupersetOf({"seed", "seed-strict", "best"}));
  for (const std::string& name : run::recipe_names()) {
    SCOPED_TRACE(name);
    run::RunSpec spec;
    run::apply_recipe(spec, name);
    spec.data = {"", 60000, 28, 28, 0};
    if (spec.conditional) spec.data.classes = {"0", "1"};
    spec.resolve_decay();
    EXPECT_NO_THROW(run::validate(spec));
  }
}

// The file says all that the defaults say, and says the same.
TEST(Recipes, SeedIsTheDefault) {
  run::RunSpec spec;
  run::apply_recipe(spec, "seed");
  EXPECT_EQ(run::to_json(spec), run::to_json(run::RunSpec()));
}

TEST(Recipes, SeedStrictIsTheNotebook) {
  const run::RunSpec spec = parse({"--recipe", "seed-strict"});
  EXPECT_FALSE(spec.shuffle);
  EXPECT_EQ(spec.ema, 0);
  EXPECT_EQ(spec.epochs, 200);
  EXPECT_EQ(spec.recipe, "seed-strict");
}

TEST(Recipes, AnUnknownOneIsRefused) {
  EXPECT_THAT(
      [] {
        parse({"--recipe", "worst"});
      },
      ThrowsMessage<base::UsageError>(AllOf(HasSubstr("worst"), HasSubstr("seed-strict"))));
}

TEST_F(ConfigFile, CommandLineThenFileThenRecipe) {
  const std::string path =
      written("batch = 32\nlr-g = 1e-3\nd-hidden = [9, 8]\nloss = 'minimax'\n");
  for (const auto& arguments :
       {std::vector<std::string>{"--batch", "16", "--config", path, "--recipe", "seed-strict"},
        {"--recipe", "seed-strict", "--config", path, "--batch", "16"}}) {
    const run::RunSpec spec = parse(arguments);
    EXPECT_EQ(spec.batch, 16);
    EXPECT_EQ(spec.rate_g, 1e-3);
    EXPECT_EQ(spec.rate_d, 2e-4);
    EXPECT_THAT(spec.discriminator_hidden, testing::ElementsAre(9, 8));
    EXPECT_EQ(spec.loss, model::GanLoss::minimax);
    EXPECT_FALSE(spec.shuffle);
    EXPECT_EQ(spec.epochs, 200);
  }
}

TEST_F(ConfigFile, MayBeginWithARecipe) {
  const run::RunSpec spec = parse({"--config", written("epochs = 3\nrecipe = 'seed-strict'\n")});
  EXPECT_FALSE(spec.shuffle);
  EXPECT_EQ(spec.epochs, 3);
}

TEST_F(ConfigFile, HasOneRateForBothNetworksUnlessOneHasItsOwn) {
  for (const auto& [name, text] : {std::pair{"mine.toml", "lr-d = 3e-4\nlr = 1e-3\n"},
                                   {"config.json", R"({"run": {"lr-d": 3e-4, "lr": 1e-3}})"}}) {
    const run::RunSpec spec = parse({"--config", written(text, name)});
    EXPECT_EQ(spec.rate_g, 1e-3) << name;
    EXPECT_EQ(spec.rate_d, 3e-4) << name;
  }
  EXPECT_EQ(parse({"--config", written("lr = 1e-3\n"), "--lr-g", "1"}).rate_d, 1e-3);
  const std::string wrong = written("lr = 'x'\n");
  EXPECT_THAT(([&] {
                parse({"--config", wrong});
              }),
              ThrowsMessage<base::UsageError>(HasSubstr("lr cannot be")));
}

// What is recorded is the recipe whose settings are in the run.
TEST_F(ConfigFile, ThatNamesARecipeLeavesNothingOfAnother) {
  const nlohmann::json config = {{"run", run::to_json(parse({}))}};
  for (const std::string& path :
       {written(config.dump(), "config.json"), written("recipe = 'seed'\n"),
        written(R"({"run": {"recipe": "seed"}})", "short.json")}) {
    const run::RunSpec spec = parse({"--config", path, "--recipe", "best"});
    EXPECT_EQ(run::to_json(spec), run::to_json(parse({}))) << path;
  }
  const run::RunSpec spec = parse({"--config", written("batch = 7\n"), "--recipe", "best"});
  EXPECT_EQ(spec.recipe, "best");
  EXPECT_EQ(spec.epochs, parse({"--recipe", "best"}).epochs);
}

TEST_F(ConfigFile, TellsTheLineAndTheColumnOfAMistake) {
  const auto refuses = [&](const std::string& text, const std::string& place) {
    const std::string path = written(text, "config.json");
    EXPECT_THAT(([&] {
                  parse({"--config", path});
                }),
                ThrowsMessage<base::UsageError>(AllOf(HasSubstr("config.json"), HasSubstr(place),
                                                      testing::Not(HasSubstr("exception")))))
        << text;
  };
  refuses("{\n  \"run\": {\n    \"batch\": 128,\n  }\n}\n", "line 4, column 3");
  refuses("{\n  \"run\": {\n    \"batch\": 128\n    \"seed\": 1\n  }\n}\n", "line 4, column");
  refuses("{\"run\": {\"batch\": 128", "line 1, column");
}

TEST_F(ConfigFile, ThatIsNestedTooDeepIsRefused) {
  const auto refuses = [&](const std::string& text, const char* name) {
    const std::string path = written(text, name);
    EXPECT_THAT(([&] {
                  parse({"--config", path});
                }),
                ThrowsMessage<base::UsageError>(AllOf(HasSubstr(name), HasSubstr("deep"))));
  };
  std::string dots = "a";
  for (int i = 0; i < 16'000; ++i) dots += ".a";
  refuses(std::string(60'000, '['), "config.json");
  refuses("{\"run\": {\"batch\": " + std::string(60'000, '[') + std::string(60'000, ']') + "}}",
          "config.json");
  refuses(dots + " = 1\n", "mine.toml");
  refuses("[" + dots + "]\nb = 1\n", "mine.toml");
  refuses("b = {" + dots + " = 1}\n", "mine.toml");
}

TEST_F(ConfigFile, OfARunGivesTheRun) {
  run::RunSpec spec = parse({"--recipe", "seed-strict", "--seed", "18446744073709551615"});
  spec.data = {"data/mnist", 60000, 28, 28, 77};
  const nlohmann::json config = {{"program", "gan_cuda"}, {"run", run::to_json(spec)}};
  const run::RunSpec again = parse({"--config", written(config.dump(), "config.json")});
  EXPECT_EQ(run::to_json(again), run::to_json(spec));
}

TEST_F(ConfigFile, NamesTheFileTheLineAndTheKeyThatIsWrong) {
  const auto refuses = [&](const std::string& text, const auto& words) {
    SCOPED_TRACE(text);
    const std::string path = written(text);
    EXPECT_THAT(
        [&] {
          parse({"--config", path});
        },
        ThrowsMessage<base::UsageError>(
            AllOf(HasSubstr(path), words, testing::Not(HasSubstr("\n")))));
  };
  refuses("batch = 8\nlr-x = 1\n", AllOf(HasSubstr(":2"), HasSubstr("lr-x"), HasSubstr("lr-g")));
  refuses("\"a\\u001b[31m\" = 1\n", testing::Not(HasSubstr("\x1b")));
  refuses("batch = 'many'\n", AllOf(HasSubstr(":1"), HasSubstr("batch"), HasSubstr("many")));
  refuses("batch = 1.5\n", HasSubstr("batch"));
  refuses("batch = 5000000000\n", HasSubstr("batch"));
  refuses("seed = -1\n", HasSubstr("seed"));
  refuses("shuffle = 1\n", HasSubstr("shuffle"));
  refuses("d-hidden = 64\n", HasSubstr("d-hidden"));
  refuses("d-hidden = [64, 'x']\n", HasSubstr("d-hidden"));
  refuses("ema = 2024-01-01\n", HasSubstr("ema"));
  refuses("[networks]\nlatent = 3\n", HasSubstr("networks"));
  refuses("batch = 8\nbatch = 9\n", HasSubstr(":2"));
  refuses("batch = \n", HasSubstr(":1"));
  refuses(std::string("\0\1\2", 3), HasSubstr(":1"));
}

TEST_F(ConfigFile, RefusesWhatIsNoConfiguration) {
  EXPECT_THAT(
      [&] {
        parse({"--config", (folder_ / "none.toml").string()});
      },
      ThrowsMessage<base::UsageError>(HasSubstr("none.toml")));
  const std::string large = written(std::string(2 << 20, '#'));
  EXPECT_THAT(
      [&] {
        parse({"--config", large});
      },
      ThrowsMessage<base::UsageError>(HasSubstr("too large")));
  for (const char* const text : {"", "[]", "{}", "{\"run\": 3}", "{\"run\":"}) {
    const std::string path = written(text, "config.json");
    EXPECT_THAT(
        [&] {
          parse({"--config", path});
        },
        ThrowsMessage<base::UsageError>(HasSubstr("config.json")));
  }
}

TEST(NearestName, IsSaidWhenItIsNear) {
  const std::vector<std::string> names = {"batch", "beta1", "beta2", "epochs"};
  EXPECT_THAT(run::did_you_mean("bacth", names), HasSubstr("batch"));
  EXPECT_THAT(run::did_you_mean("epoch", names), HasSubstr("epochs"));
  EXPECT_THAT(run::did_you_mean("beta2", names), HasSubstr("beta2"));
  EXPECT_EQ(run::did_you_mean("momentum", names), "");
  for (const char* typed : {"batch-size", "batch_size", "Batch", "b", "bs"})
    EXPECT_EQ(run::did_you_mean(typed, names), "; did you mean batch?") << typed;
  for (const char* typed : {"n_epochs", "num-epochs", "--epoch"})
    EXPECT_EQ(run::did_you_mean(typed, names), "; did you mean epochs?") << typed;
  EXPECT_EQ(run::did_you_mean("-x", {"--lr", "--r1"}), "");
  EXPECT_EQ(run::did_you_mean("-lr", {"--r1", "--lr"}), "; did you mean --lr?");
  EXPECT_EQ(run::did_you_mean("", {}), "");
  EXPECT_EQ(run::did_you_mean(std::string(100'000, 'x'), names), "");
}

}  // namespace
}  // namespace gan::cli
