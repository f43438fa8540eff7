#include <gmock/gmock.h>
#include <unistd.h>

#include <limits>
#include <nlohmann/json.hpp>

#include "host/base/atomic_file.h"
#include "tests/train/small_run.h"

namespace gan::run {
namespace {

namespace fs = std::filesystem;

using testing::HasSubstr;
using testing::ThrowsMessage;

TEST(RunFolder, NewRunsGetAFolderEachAndNoneIsOverwritten) {
  const auto root = train::test_folder();
  std::ofstream(RunFolder::create(root / "run").metrics()) << "step\n";
  EXPECT_THAT([&] { RunFolder::create(root / "run"); },
              ThrowsMessage<base::UsageError>(HasSubstr("--resume")));
}

TEST(RunFolder, IsHeldAsLongAsACopyLives) {
  const auto root = train::test_folder();
  std::optional<RunFolder> first = RunFolder::create(root / "run");
  save_checkpoint(first->checkpoint(), train::small_spec(), 7, {});
  std::optional<RunFolder> copy = first;
  first.reset();
  const auto in_use = ThrowsMessage<std::runtime_error>(HasSubstr("is in use"));
  EXPECT_THAT([&] { RunFolder::create(root / "run"); }, in_use);
  EXPECT_THAT([&] { RunFolder::open(root / "run"); }, in_use);
  EXPECT_NO_THROW(RunFolder::at(root / "run"));
  copy.reset();
  EXPECT_NO_THROW(RunFolder::open(root / "run"));
}

TEST(RunFolder, IsNoLongerHeldWhenItWasRemovedOrReplaced) {
  const auto root = train::test_folder();
  const RunFolder folder = RunFolder::create(root / "run");
  EXPECT_NO_THROW(folder.require_held());
  fs::remove_all(root / "run");
  const auto lost = ThrowsMessage<std::runtime_error>(HasSubstr("run was removed or replaced"));
  EXPECT_THAT([&] { folder.require_held(); }, lost);
  const RunFolder another = RunFolder::create(root / "run");
  EXPECT_THAT([&] { folder.require_held(); }, lost);
  EXPECT_NO_THROW(another.require_held());
}

TEST(RunFolder, IsNotMadeInASweep) {
  const auto root = train::test_folder();
  for (const char* const name : {"sweep.json", "configuration.json"}) {
    fs::create_directories(root / name);
    std::ofstream(root / name / name) << "{}";
    EXPECT_THAT([&] { RunFolder::create(root / name); },
                ThrowsMessage<base::UsageError>(HasSubstr("belongs to a sweep")));
  }
}

TEST(RunFolder, HoldingItRemovesWhatKilledRunsLeft) {
  const auto root = train::test_folder();
  fs::create_directories(root / "samples");
  const std::string own = std::to_string(::getpid());
  for (const std::string name : {"a.999999-0.tmp", "samples/b.999999-1.tmp"})
    std::ofstream(root / name) << "left";
  std::ofstream(root / ("c." + own + "-0.tmp")) << "left by an earlier process of this number";
  std::ofstream(root / "d.1-0.tmp") << "of a process that lives";
  std::ofstream(root / "e.tmp") << "the user's";
  RunFolder::create(root);
  EXPECT_FALSE(fs::exists(root / "a.999999-0.tmp"));
  EXPECT_FALSE(fs::exists(root / "samples/b.999999-1.tmp"));
  EXPECT_FALSE(fs::exists(root / ("c." + own + "-0.tmp")));
  EXPECT_TRUE(fs::exists(root / "d.1-0.tmp"));
  EXPECT_TRUE(fs::exists(root / "e.tmp"));
}

TEST(RunFolder, OpensOnlyWhereThereIsACheckpoint) {
  EXPECT_THAT([] { RunFolder::open(train::test_folder()); },
              ThrowsMessage<base::UsageError>(HasSubstr("no checkpoint")));
}

TEST(RunFolder, NamesTheFolderItCannotMake) {
  EXPECT_THAT([] { RunFolder::create("/proc/no/run"); },
              ThrowsMessage<std::runtime_error>(HasSubstr("/proc/no/run")));
}

class OlderCheckpoints : public testing::Test {
 protected:
  // As a run does that has saved at these steps.
  void save(std::initializer_list<std::int64_t> steps, int keep) {
    for (const std::int64_t step : steps) {
      if (saved_ >= 0) keep_checkpoint(folder_, saved_);
      save_checkpoint(folder_.checkpoint(), train::small_spec(), step, {});
      drop_checkpoints(folder_, step, keep);
      saved_ = step;
    }
  }

  RunFolder folder_ = RunFolder::create(train::test_folder());
  std::int64_t saved_ = -1;
};

TEST_F(OlderCheckpoints, AreTheLastOnes) {
  save({0, 9, 10, 200}, 2);
  EXPECT_THAT(folder_.older_checkpoints(), testing::ElementsAre(9, 10));
  for (const std::int64_t step : {9, 10})
    EXPECT_EQ(load_checkpoint(folder_.older_checkpoint(step)).step, step);
  EXPECT_EQ(load_checkpoint(folder_.checkpoint()).step, 200);
  drop_checkpoints(folder_, 200, 0);
  EXPECT_THAT(folder_.older_checkpoints(), testing::IsEmpty());
}

TEST_F(OlderCheckpoints, AreNoOtherFiles) {
  for (const char* name :
       {"checkpoint_.safetensors", "checkpoint_5.safetensors.1-0.tmp", "checkpoint_5x.safetensors",
        "checkpoint_-5.safetensors", "checkpoint_5"})
    base::write_file(folder_.path() / name, "");
  EXPECT_THAT(folder_.older_checkpoints(), testing::IsEmpty());
}

TEST_F(OlderCheckpoints, GoingBackDropsWhatCameLater) {
  save({0, 9, 10, 200}, 3);
  go_back(folder_, folder_.older_checkpoint(9), train::small_spec(), 9);
  EXPECT_EQ(load_checkpoint(folder_.checkpoint()).step, 9);
  EXPECT_THAT(folder_.older_checkpoints(), testing::ElementsAre(0));
}

TEST_F(OlderCheckpoints, GoingBackDropsSheetsAndTheBestOfWhatCameLater) {
  save({0, 9, 10}, 3);  // 3 steps are an epoch
  for (const auto weights : {GeneratorWeights::trained, GeneratorWeights::average})
    for (const int epoch : {2, 3, 4}) std::ofstream(folder_.samples(epoch, weights)) << "sheet";
  std::ofstream(folder_.path() / "samples/mine_0009.png") << "another file";
  io::save_safetensors(folder_.model("G_best"), {{}, {{"step", "10"}}});
  EXPECT_FALSE(drop_best_after(folder_, 10));
  EXPECT_TRUE(drop_best_after(folder_, 9));
  EXPECT_FALSE(drop_best_after(folder_, 9));
  go_back(folder_, folder_.older_checkpoint(9), train::small_spec(), 9);
  for (const auto weights : {GeneratorWeights::trained, GeneratorWeights::average}) {
    EXPECT_TRUE(fs::exists(folder_.samples(3, weights)));
    EXPECT_FALSE(fs::exists(folder_.samples(4, weights)));
  }
  EXPECT_TRUE(fs::exists(folder_.path() / "samples/mine_0009.png"));
}

TEST_F(OlderCheckpoints, AreNamedWhenTheNewestIsDamagedOrGone) {
  save({0, 9, 10}, 2);
  const std::string path = folder_.path().string();
  base::write_file(folder_.checkpoint(), "damaged");
  EXPECT_THAT([&] { load_checkpoint_of(folder_, folder_.checkpoint()); },
              ThrowsMessage<std::runtime_error>(
                  HasSubstr("an older one is there: --resume " + path + "/checkpoint_9.safe")));
  std::filesystem::remove(folder_.checkpoint());
  EXPECT_THAT(
      [&] { RunFolder::open(path); },
      ThrowsMessage<base::UsageError>(HasSubstr("--resume " + path + "/checkpoint_9.safe")));
}

class CheckpointFile : public testing::Test {
 protected:
  CheckpointFile() : path(RunFolder::create(train::test_folder()).checkpoint()) {
    save_checkpoint(path, train::small_spec(), 7, {{"a", {2}, {1, 2}}});
  }

  // The file with one metadata entry changed or, if `value` is empty, gone.
  void change(const std::string& key, const std::string& value) {
    io::TensorFile file = io::load_safetensors(path);
    file.metadata[key] = value;
    if (value.empty()) file.metadata.erase(key);
    io::save_safetensors(path, file);
  }

  std::filesystem::path path;
};

TEST_F(CheckpointFile, KeepsTheRun) {
  const Checkpoint checkpoint = load_checkpoint(path);
  EXPECT_EQ(checkpoint.step, 7);
  EXPECT_EQ(checkpoint.state.at("a").values, (std::vector<float>{1, 2}));
  EXPECT_NO_THROW(require_same_training(train::small_spec(), checkpoint.spec));
  EXPECT_FALSE(checkpoint.train_seconds);
}

TEST_F(CheckpointFile, KeepsTheTimeOfTraining) {
  for (const double seconds : {0.0, 1234.56789, 1e-7}) {
    save_checkpoint(path, train::small_spec(), 7, {}, seconds);
    EXPECT_EQ(load_checkpoint(path).train_seconds, seconds);
  }
}

TEST_F(CheckpointFile, RefusesNumbersThatAreNotFinite) {
  save_checkpoint(path, train::small_spec(), 7,
                  {{"a", {2}, {1, std::numeric_limits<float>::quiet_NaN()}}});
  EXPECT_THAT([&] { load_checkpoint(path); }, ThrowsMessage<std::runtime_error>(testing::AllOf(
                                                  HasSubstr(path.string()), HasSubstr("finite"))));
}

TEST_F(CheckpointFile, RefusesAnImpossibleRun) {
  save_checkpoint(path, train::small_spec(), 7, {});
  RunSpec spec = train::small_spec();
  spec.data.count = 0;
  change("config", to_json(spec).dump());
  EXPECT_THAT([&] { load_checkpoint(path); },
              ThrowsMessage<std::runtime_error>(HasSubstr("training images")));
}

TEST_F(CheckpointFile, RefusesWhatIsNoCheckpoint) {
  for (const auto& [key, value] : {std::pair<std::string, std::string>{"format", "pt"},
                                   {"format", ""},
                                   {"step", "7x"},
                                   {"step", "-7"},
                                   {"step", "99999999999999999999"},
                                   {"train_seconds", "x"},
                                   {"train_seconds", "-1"},
                                   {"train_seconds", "nan"},
                                   {"train_seconds", "inf"},
                                   {"train_seconds", "1 s"},
                                   {"config", "{"},
                                   {"config", "[]"},
                                   {"config", std::string(60'000, '[')},
                                   {"config", "{\"batch\": \"many\"}"}}) {
    save_checkpoint(path, train::small_spec(), 7, {});
    change(key, value);
    EXPECT_THAT([&] { load_checkpoint(path); },
                ThrowsMessage<std::runtime_error>(HasSubstr(path.string())))
        << key << " = " << value;
  }
}

// What draws with the weights needs to know how they were trained.
TEST(Model, TellsWhatItsTensorsDoNot) {
  RunSpec spec;
  spec.data = {"", 10, 4, 5, 0};
  EXPECT_EQ(model_of({}, spec, "G").metadata.count("latent"), 0u);
  EXPECT_EQ(model_of({}, spec, "D").metadata.count("maxout"), 0u);
  spec.latent_distribution = model::LatentDistribution::uniform;
  spec.discriminator_maxout = 5;
  for (const char* const generator : {"G", "G_ema"}) {
    const auto metadata = model_of({}, spec, generator).metadata;
    EXPECT_EQ(metadata.at("latent"), "uniform");
    EXPECT_EQ(metadata.count("maxout"), 0u);
  }
  const auto metadata = model_of({}, spec, "D").metadata;
  EXPECT_EQ(metadata.at("maxout"), "5");
  EXPECT_EQ(metadata.count("latent"), 0u);
}

// A conditional network has an embedding, and names its classes.
TEST(Model, HasItsClasses) {
  RunSpec spec;
  spec.conditional = true;
  spec.data = {"", 1, 2, 2, 0};
  spec.data.classes = {"a cat", "dog"};
  const std::vector<io::Tensor> state = {{"generator.network.0.weight", {1}, {1}},
                                         {"generator.embedding.weight", {1}, {2}},
                                         {"generator.adam_m.embedding.weight", {1}, {3}},
                                         {"generator.ema.embedding.weight", {1}, {4}},
                                         {"discriminator.embedding.weight", {1}, {5}}};
  const io::TensorFile generator = model_of(state, spec, "G");
  ASSERT_EQ(generator.tensors.size(), 2u);
  EXPECT_EQ(generator.at("embedding.weight").values, std::vector<float>{2});
  EXPECT_EQ(generator.metadata.at("classes"), R"(["a cat","dog"])");
  EXPECT_EQ(model_of(state, spec, "G_ema").at("embedding.weight").values, std::vector<float>{4});
  EXPECT_EQ(model_of(state, spec, "D").at("embedding.weight").values, std::vector<float>{5});
  EXPECT_EQ(model_of(state, RunSpec(), "G").metadata.count("classes"), 0u);
}

TEST(Configuration, IsHeldToWhatOneThatIsGivenIs) {
  const RunFolder folder = RunFolder::create(train::test_folder());
  save_config(folder, train::small_spec(), "CPU");
  EXPECT_EQ(load_config(folder)["run"]["batch"], 8);
  const std::string good = base::read_file(folder.config());
  const auto refuses = [&](const std::string& text, const char* why) {
    base::write_file(folder.config(), text);
    EXPECT_THAT([&] { load_config(folder); }, ThrowsMessage<std::runtime_error>(testing::AllOf(
                                                  HasSubstr("config.json"), HasSubstr(why))));
  };
  std::string zero = good;
  refuses(zero.replace(zero.find("\"batch\": 8"), 10, "\"batch\": 0"), "--batch");
  refuses(good.substr(0, good.size() / 2), "line");
  refuses(std::string(60'000, '['), "deep");
  refuses("[]", "run");
}

}  // namespace
}  // namespace gan::run
