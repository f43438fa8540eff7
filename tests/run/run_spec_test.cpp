#include "host/run/run_spec.h"

#include <gmock/gmock.h>

#include <functional>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>

#include "host/run/options.h"

namespace gan::run {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

RunSpec mnist_spec() {
  RunSpec spec;
  spec.data = {"data/mnist", 60000, 28, 28, 0x12345678};
  return spec;
}

TEST(RunSpec, CountsStepsWithTheSmallerLastBatch) {
  RunSpec spec = mnist_spec();
  EXPECT_EQ(spec.steps_per_epoch(), 469);
  EXPECT_EQ(spec.total_steps(), 46900);
  spec.max_steps = 1000;
  EXPECT_EQ(spec.total_steps(), 1000);
  spec.max_steps = 99999999;
  EXPECT_EQ(spec.total_steps(), 46900);
  spec.max_steps = 0;
  spec.epochs = std::numeric_limits<int>::max();
  EXPECT_EQ(spec.total_steps(), 469LL * std::numeric_limits<int>::max());
}

TEST(RunSpec, IsTheSameAfterItsWayThroughJson) {
  RunSpec spec = mnist_spec();
  spec.generator_hidden = {12, 34, 56};
  spec.rate_d = 1.25e-4;
  spec.seed = std::numeric_limits<std::uint64_t>::max();
  spec.shuffle = false;
  spec.device = device_named("cuda:3");
  spec.data.image_size = 32;
  EXPECT_EQ(to_json(run_spec_from_json(nlohmann::json::parse(to_json(spec).dump()))),
            to_json(spec));
}

TEST(RunSpec, ThatIsStoredIsHeldToWhatOneThatIsGivenIs) {
  const auto refuses = [](const char* name, const nlohmann::json& value, const char* why) {
    nlohmann::json stored = to_json(mnist_spec());
    stored[name] = value;
    EXPECT_THAT([&] { run_spec_from_json(stored); },
                ThrowsMessage<std::runtime_error>(HasSubstr(why)))
        << name << " " << value;
  };
  refuses("batch", 0, "--batch");
  refuses("batch", 2147483647, "--batch");
  for (const int count : {0, -1}) refuses("data-count", count, "training images");
  for (const char* const side : {"data-height", "data-width"})
    for (const int pixels : {0, -1, 65537, 2147483647}) refuses(side, pixels, "pixels");
  refuses("epochs", 0, "--epochs");
  refuses("log-every", 0, "--log-every");
  refuses("loss", "none", "--loss");
  refuses("g-hidden", std::vector<int>(100'000, 1), "--g-hidden");
  nlohmann::json most = to_json(mnist_spec());
  most["data-count"] = 2147483647;
  EXPECT_EQ(run_spec_from_json(most).steps_per_epoch(), 16777216);
}

TEST(RunSpec, SetsTheRatesOfBothNetworks) {
  RunSpec spec;
  set_option(spec, "lr", 0.5);
  EXPECT_EQ(spec.rate_g, 0.5);
  EXPECT_EQ(spec.rate_d, 0.5);
  EXPECT_THAT([&] { set_option(spec, "lr", "x"); },
              ThrowsMessage<base::UsageError>(HasSubstr("lr")));
}

TEST(Options, TakeTheNamesOfTheirChoices) {
  RunSpec spec;
  const auto refuses = [&](const char* option, const char* value) {
    EXPECT_THAT([&] { set_option(spec, option, value); },
                ThrowsMessage<base::UsageError>(
                    testing::AllOf(HasSubstr(std::string("--") + option), HasSubstr(value))))
        << option;
  };
  refuses("loss", "wasserstein9");
  refuses("lr-decay", "stairs");
  refuses("precision", "fp16");
  refuses("engine", "turbo");
  for (const char* device : {"gpu", "cuda:", "cuda:x", "cuda:-1", "cuda:1x", "", "CPU"})
    refuses("device", device);
  set_option(spec, "engine", "graph-pdl");
  EXPECT_EQ(spec.engine, EngineKind::graph_pdl);
  set_option(spec, "device", "cuda");
  EXPECT_EQ(name_of(spec.device), "cuda:0");
}

// A table that had a member twice, or one that it lacks, would lose settings without a word.
TEST(Options, AreOneForEachMember) {
  RunSpec spec;
  std::set<const void*> members;
  std::set<std::string_view> names;
  for (const Option& option : options()) {
    members.insert(
        std::visit([](auto* field) -> const void* { return field; }, option.field(spec)));
    names.insert(option.name);
    EXPECT_FALSE(option.help.empty()) << option.name;
  }
  EXPECT_EQ(members.size(), options().size());
  EXPECT_EQ(names.size(), options().size());
  for (const void* member : members) {
    EXPECT_GE(member, static_cast<const void*>(&spec));
    EXPECT_LT(member, static_cast<const void*>(&spec + 1));
  }
}

TEST(RunSpec, RefusesJsonItDoesNotFullyUnderstand) {
  const nlohmann::json good = to_json(mnist_spec());
  for (const auto& [name, value] : good.items()) {
    nlohmann::json wrong = good;
    wrong[name] = nlohmann::json::object();
    EXPECT_THAT([&] { run_spec_from_json(wrong); },
                ThrowsMessage<std::runtime_error>(HasSubstr(name)));
  }
  for (const char* const name : {"batch", "seed", "d-dropout", "image-size", "log-every"}) {
    nlohmann::json lacking = good;
    lacking.erase(name);
    EXPECT_THAT([&] { run_spec_from_json(lacking); },
                ThrowsMessage<std::runtime_error>(HasSubstr(name)));
  }
  nlohmann::json more = good;
  more["momenta"] = 0.9;
  EXPECT_THROW(run_spec_from_json(more), std::runtime_error);
  EXPECT_THROW(run_spec_from_json(nlohmann::json::array()), std::runtime_error);
}

TEST(RunSpec, ReadsRunsOfBeforeAnOptionWasThere) {
  nlohmann::json older = to_json(mnist_spec());
  older.erase("keep-checkpoints");
  EXPECT_EQ(to_json(run_spec_from_json(older)), to_json(mnist_spec()));
}

// The rates of a resumed run go on falling as they did, whatever --epochs says then.
TEST(RunSpec, DecidesOnceInHowManyEpochsTheRatesFall) {
  RunSpec spec = mnist_spec();
  spec.resolve_decay();
  EXPECT_EQ(spec.decay_epochs, 0);
  spec.decay = Decay::linear;
  spec.epochs = 50;
  spec.resolve_decay();
  EXPECT_EQ(spec.decay_epochs, 50);
  spec.epochs = 80;
  spec.resolve_decay();
  EXPECT_EQ(spec.decay_epochs, 50);
  EXPECT_EQ(spec.step_settings().schedule.steps, 50 * 469);
}

TEST(RunSpec, LetsThePenaltiesFallOverTheEpochsOfTheRates) {
  RunSpec spec = mnist_spec();
  EXPECT_EQ(spec.step_settings().penalty_schedule.decay, Decay::constant);
  spec.penalty_last = 0.1;
  spec.epochs = 50;
  spec.resolve_decay();
  const Schedule schedule = spec.step_settings().penalty_schedule;
  EXPECT_EQ(schedule.decay, Decay::linear);
  EXPECT_EQ(schedule.steps, 50 * 469);
  EXPECT_EQ(schedule.last, 0.1);
}

// Adam corrects its moments; the others have none that are to be.
TEST(RunSpec, GivesEveryOptimiserItsClock) {
  RunSpec spec = mnist_spec();
  EXPECT_EQ(clock_at(0, spec.step_settings().clock()).rate, 1 / (1 - 0.9));
  for (const model::Optimiser optimiser : {model::Optimiser::rmsprop, model::Optimiser::sgd}) {
    spec.optimiser = optimiser;
    spec.momentum_epochs = 10;
    const Clock clock = clock_at(469 * 5, spec.step_settings().clock());
    EXPECT_EQ(clock.rate, 1);
    EXPECT_EQ(clock.scale, 1);
    EXPECT_NEAR(clock.momentum, 0.6, 1e-15);
  }
  spec.momentum_epochs = 0;
  EXPECT_EQ(clock_at(469 * 5, spec.step_settings().clock()).momentum, 0.5);
  spec.optimiser = model::Optimiser::rmsprop;
  EXPECT_EQ(spec.step_settings().generator.beta1, 0);
  EXPECT_EQ(spec.step_settings().generator.beta2, 0.999);
}

// Halfway between two epochs for five updates of D to one of G.
TEST(RunSpec, TheGeneratorsClockIsThatOfItsUpdates) {
  RunSpec spec = mnist_spec();
  spec.d_steps = 5;
  spec.decay = Decay::linear;
  spec.momentum_epochs = 10;
  spec.resolve_decay();
  const model::StepSettings settings = spec.step_settings();
  const Clock of_d = clock_at(500 * 5, settings.clock());
  const Clock of_g = clock_at(500, settings.generator_clock());
  EXPECT_NEAR(rate_at(settings.schedule, 500 * 5),
              rate_at(settings.generator_clock().schedule, 500), 1e-15);
  EXPECT_EQ(of_g.momentum, of_d.momentum);
}

struct Change {
  const char* option;
  std::function<void(RunSpec&)> make;
};

TEST(RunSpec, NamesTheOptionThatIsImpossible) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const Change impossible[] = {
      {"--batch", [](RunSpec& s) { s.batch = 0; }},
      {"--batch", [](RunSpec& s) { s.batch = 60001; }},
      {"--batch", [](RunSpec& s) { s.batch = 60000, s.generator_hidden = {60000}; }},
      {"--epochs", [](RunSpec& s) { s.epochs = 0; }},
      {"--max-steps", [](RunSpec& s) { s.max_steps = -1; }},
      {"--latent", [](RunSpec& s) { s.latent = 0; }},
      {"--g-hidden",
       [](RunSpec& s) {
         s.generator_hidden = {256, 0};
       }},
      {"--d-hidden", [](RunSpec& s) { s.discriminator_hidden = {-5}; }},
      {"--d-hidden", [](RunSpec& s) { s.discriminator_hidden = {65537}; }},
      {"--lr-g", [](RunSpec& s) { s.rate_g = 0; }},
      {"--lr-d", [=](RunSpec& s) { s.rate_d = nan; }},
      {"--beta1", [](RunSpec& s) { s.beta1 = 1; }},
      {"--beta2", [](RunSpec& s) { s.beta2 = -0.1; }},
      {"--ema", [](RunSpec& s) { s.ema = 1; }},
      {"--ema", [](RunSpec& s) { s.ema = -0.5; }},
      {"--beta1", [=](RunSpec& s) { s.beta1 = nan; }},
      {"--g-slope", [](RunSpec& s) { s.generator_slope = 1; }},
      {"--d-slope", [](RunSpec& s) { s.discriminator_slope = -0.1; }},
      {"--d-dropout", [](RunSpec& s) { s.discriminator_dropout = 1; }},
      {"--real-label", [](RunSpec& s) { s.real_label = 0; }},
      {"--real-label", [](RunSpec& s) { s.real_label = 1.1; }},
      {"--real-label",
       [](RunSpec& s) { s.real_label = 0.9, s.loss = model::GanLoss::relativistic; }},
      {"--r1", [](RunSpec& s) { s.r1 = -1; }},
      {"--r2", [=](RunSpec& s) { s.r2 = nan; }},
      {"--real-label", [](RunSpec& s) { s.real_label = 0.9, s.loss = model::GanLoss::hinge; }},
      {"--clip", [](RunSpec& s) { s.loss = model::GanLoss::wasserstein; }},
      {"--clip", [](RunSpec& s) { s.clip = -1; }},
      {"--gradient-penalty", [](RunSpec& s) { s.gradient_penalty = -1; }},
      {"--gradient-penalty", [](RunSpec& s) { s.gradient_penalty = s.r1 = 1; }},
      {"--gradient-penalty", [](RunSpec& s) { s.gradient_penalty = s.r2 = 1; }},
      {"--penalty-last", [](RunSpec& s) { s.penalty_last = 1.5; }},
      {"--conditional", [](RunSpec& s) { s.conditional = true; }},
      {"--conditional",
       [](RunSpec& s) {
         s.conditional = true;
         s.data.classes = {"a"};
       }},
      {"257 classes",
       [](RunSpec& s) {
         s.conditional = true;
         s.data.classes.resize(257);
       }},
      {"--conditional",
       [](RunSpec& s) {
         s.data.classes = {"a", "b"};
       }},
      {"--shards", [](RunSpec& s) { s.shards = 0; }},
      {"--shards", [](RunSpec& s) { s.shards = 257; }},
      {"--shards", [](RunSpec& s) { s.shards = 8, s.batch = 7; }},
      {"--d-steps", [](RunSpec& s) { s.d_steps = 0; }},
      {"--d-steps", [](RunSpec& s) { s.d_steps = 101; }},
      {"--d-maxout", [](RunSpec& s) { s.discriminator_maxout = 0; }},
      {"--d-slope", [](RunSpec& s) { s.discriminator_maxout = 2, s.discriminator_slope = 0.2; }},
      {"--d-input-dropout", [](RunSpec& s) { s.discriminator_input_dropout = 1; }},
      {"--g-init", [](RunSpec& s) { s.generator_range = -1; }},
      {"--d-init", [=](RunSpec& s) { s.discriminator_range = nan; }},
      {"--batch",
       [](RunSpec& s) {
         s.batch = 60000, s.discriminator_hidden = {4000}, s.discriminator_maxout = 5;
       }},
      {"--momentum", [](RunSpec& s) { s.momentum = 1; }},
      {"--momentum-last", [](RunSpec& s) { s.momentum_last = -0.1; }},
      {"--momentum-epochs", [](RunSpec& s) { s.momentum_epochs = -1; }},
      {"--lr-decay-epochs", [](RunSpec& s) { s.decay_epochs = -1; }},
      {"--lr-last", [](RunSpec& s) { s.decay_last = 1.5; }},
      {"--lr-last", [](RunSpec& s) { s.decay = Decay::exponential, s.decay_last = 0; }},
      {"--log-every", [](RunSpec& s) { s.log_every = 0; }},
      {"--log-every", [](RunSpec& s) { s.log_every = 1 << 21; }},
      {"--sample-every", [](RunSpec& s) { s.sample_every = -1; }},
      {"--checkpoint-every", [](RunSpec& s) { s.checkpoint_every = -1; }},
      {"--keep-checkpoints", [](RunSpec& s) { s.keep_checkpoints = 0; }},
      {"--threads", [](RunSpec& s) { s.threads = -1; }},
      {"--threads", [](RunSpec& s) { s.threads = 1025; }},
  };
  EXPECT_NO_THROW(validate(mnist_spec()));
  for (const Change& change : impossible) {
    RunSpec spec = mnist_spec();
    change.make(spec);
    EXPECT_THAT([&] { validate(spec); }, ThrowsMessage<base::UsageError>(HasSubstr(change.option)))
        << change.option;
  }
}

TEST(RunSpec, AResumedRunMayChangeItsExecutionOnly) {
  const Change harmless[] = {{"", [](RunSpec& s) { s.epochs = 200; }},
                             {"",
                              [](RunSpec& s) {
                                s.device = {run::Device::Kind::cuda, 0};
                              }},
                             {"", [](RunSpec& s) { s.threads = 1; }},
                             {"", [](RunSpec& s) { s.data.source = "/elsewhere"; }}};
  for (const Change& change : harmless) {
    RunSpec spec = mnist_spec();
    change.make(spec);
    EXPECT_NO_THROW(require_same_training(mnist_spec(), spec));
  }
  const Change other_trainings[] = {
      {"--batch", [](RunSpec& s) { s.batch = 64; }},
      {"--seed", [](RunSpec& s) { s.seed = 2; }},
      {"--lr-g", [](RunSpec& s) { s.rate_g = 1e-4; }},
      {"--beta2", [](RunSpec& s) { s.beta2 = 0.99; }},
      {"--ema", [](RunSpec& s) { s.ema = 0; }},
      {"--loss", [](RunSpec& s) { s.loss = model::GanLoss::minimax; }},
      {"--d-steps", [](RunSpec& s) { s.d_steps = 5; }},
      {"--shards", [](RunSpec& s) { s.shards = 8; }},
      {"--simultaneous", [](RunSpec& s) { s.simultaneous = true; }},
      {"--conditional", [](RunSpec& s) { s.conditional = true; }},
      {"images",
       [](RunSpec& s) {
         s.data.classes = {"a", "b"};
       }},
      {"images", [](RunSpec& s) { s.data.labels_crc32 = 7; }},
      {"--optimiser", [](RunSpec& s) { s.optimiser = model::Optimiser::rmsprop; }},
      {"--g-slope", [](RunSpec& s) { s.generator_slope = 0.2; }},
      {"--lr-decay", [](RunSpec& s) { s.decay = Decay::linear; }},
      {"--g-hidden", [](RunSpec& s) { s.generator_hidden = {256}; }},
      {"--shuffle", [](RunSpec& s) { s.shuffle = false; }},
      {"images", [](RunSpec& s) { s.data.crc32 ^= 1; }},
      {"--image-size", [](RunSpec& s) { s.data = {"data/mnist", 60000, 14, 14, 0x87654321, 14}; }},
      {"--train-images", [](RunSpec& s) { s.data = {"data/mnist", 50000, 28, 28, 7, 0, 50000}; }}};
  for (const Change& change : other_trainings) {
    RunSpec spec = mnist_spec();
    change.make(spec);
    EXPECT_THAT([&] { require_same_training(mnist_spec(), spec); },
                ThrowsMessage<base::UsageError>(HasSubstr(change.option)));
  }
}

// A run from before there was a warm-up of the average resumes as it was; a new one has it.
TEST(RunSpec, FromBeforeTheWarmUpOfTheAverageHasNone) {
  nlohmann::json older = to_json(mnist_spec());
  EXPECT_EQ(older["ema-warmup"], true);
  older.erase("ema-warmup");
  const RunSpec spec = run_spec_from_json(older);
  EXPECT_FALSE(spec.ema_warmup);
  EXPECT_EQ(clock_at(0, spec.step_settings().clock()).ema, 0.999);
  EXPECT_EQ(clock_at(0, mnist_spec().step_settings().clock()).ema, 0);
  EXPECT_THROW(require_same_training(spec, mnist_spec()), base::UsageError);
}

TEST(RunSpec, FromBeforeImagesCouldBeHeldBackTrainsOnAllOfThem) {
  nlohmann::json older = to_json(mnist_spec());
  older.erase("train-images");
  const RunSpec spec = run_spec_from_json(older);
  EXPECT_EQ(spec.data.wanted, 0);
  EXPECT_NO_THROW(require_same_training(spec, mnist_spec()));
}

}  // namespace
}  // namespace gan::run
