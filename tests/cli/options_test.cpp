#include "host/cli/options.h"

#include <gmock/gmock.h>

#include "host/gpu/nccl_exchange.h"
#include "host/ranks/ranks.h"

namespace gan::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::ThrowsMessage;

CommandLine parse(std::vector<const char*> arguments) {
  arguments.insert(arguments.begin(), "gan_cuda");
  return parse_command_line(static_cast<int>(arguments.size()), arguments.data());
}

run::RunSpec run_of(const std::vector<const char*>& arguments,
                    const run::RunSpec& defaults = run::RunSpec()) {
  return described_run(parse(arguments), defaults).spec;
}

TEST(Options, DefaultsAreTheOriginalRecipe) {
  const run::RunSpec spec = run_of({});
  EXPECT_EQ(spec.batch, 128);
  EXPECT_EQ(spec.epochs, 100);
  EXPECT_EQ(spec.latent, 100);
  EXPECT_THAT(spec.generator_hidden, ElementsAre(256, 256));
  EXPECT_THAT(spec.discriminator_hidden, ElementsAre(64, 64));
  EXPECT_EQ(spec.rate_g, 2e-4);
  EXPECT_EQ(spec.rate_d, 2e-4);
  EXPECT_EQ(spec.beta1, 0.9);
  EXPECT_EQ(spec.beta2, 0.999);
  EXPECT_TRUE(spec.shuffle);
  EXPECT_TRUE(spec.ema_warmup);
}

TEST(Options, EveryOptionReachesTheRun) {
  const CommandLine line = parse({"--batch",
                                  "64",
                                  "--epochs",
                                  "3",
                                  "--max-steps",
                                  "9",
                                  "--lr-g",
                                  "1e-3",
                                  "--lr-d",
                                  "2e-3",
                                  "--beta1",
                                  ".5",
                                  "--beta2",
                                  ".99",
                                  "--latent",
                                  "10",
                                  "--g-hidden",
                                  "5,6,7",
                                  "--d-hidden",
                                  "8",
                                  "--seed",
                                  "18446744073709551615",
                                  "--ema",
                                  ".9",
                                  "--no-shuffle",
                                  "--data",
                                  "d",
                                  "--image-size",
                                  "14",
                                  "--device",
                                  "cpu",
                                  "--threads",
                                  "2",
                                  "--log-every",
                                  "7",
                                  "--sample-every",
                                  "4",
                                  "--checkpoint-every",
                                  "6",
                                  "--out",
                                  "o",
                                  "--quiet"});
  const run::RunSpec spec = described_run(line, {}).spec;
  EXPECT_EQ(spec.batch, 64);
  EXPECT_EQ(spec.epochs, 3);
  EXPECT_EQ(spec.max_steps, 9);
  EXPECT_EQ(spec.rate_g, 1e-3);
  EXPECT_EQ(spec.rate_d, 2e-3);
  EXPECT_EQ(spec.beta1, .5);
  EXPECT_EQ(spec.beta2, .99);
  EXPECT_EQ(spec.latent, 10);
  EXPECT_THAT(spec.generator_hidden, ElementsAre(5, 6, 7));
  EXPECT_THAT(spec.discriminator_hidden, ElementsAre(8));
  EXPECT_EQ(spec.seed, 18446744073709551615u);
  EXPECT_EQ(spec.ema, .9);
  EXPECT_FALSE(spec.shuffle);
  EXPECT_EQ(spec.data.source, "d");
  EXPECT_EQ(spec.data.image_size, 14);
  EXPECT_EQ(spec.device, run::kCpu);
  EXPECT_EQ(spec.threads, 2);
  EXPECT_EQ(spec.log_every, 7);
  EXPECT_EQ(spec.sample_every, 4);
  EXPECT_EQ(spec.checkpoint_every, 6);
  EXPECT_EQ(line.out, "o");
  EXPECT_TRUE(line.quiet);
}

TEST(Options, OneRateForBothNetworksUnlessOneHasItsOwn) {
  run::RunSpec spec = run_of({"--lr", "0.01"});
  EXPECT_EQ(spec.rate_g, 0.01);
  EXPECT_EQ(spec.rate_d, 0.01);
  for (const auto& order : {std::vector<const char*>{"--lr", "0.01", "--lr-g", "0.02"},
                            std::vector<const char*>{"--lr-g", "0.02", "--lr", "0.01"}}) {
    spec = run_of(order);
    EXPECT_EQ(spec.rate_g, 0.02);
    EXPECT_EQ(spec.rate_d, 0.01);
  }
}

TEST(Options, WhatIsNotGivenKeepsTheValueOfTheResumedRun) {
  run::RunSpec before;
  before.batch = 32;
  before.generator_hidden = {11};
  before.shuffle = false;
  before.rate_g = 0.5;
  const run::RunSpec spec = run_of({"--resume", "r", "--epochs", "7"}, before);
  EXPECT_EQ(spec.batch, 32);
  EXPECT_THAT(spec.generator_hidden, ElementsAre(11));
  EXPECT_FALSE(spec.shuffle);
  EXPECT_EQ(spec.rate_g, 0.5);
  EXPECT_EQ(spec.epochs, 7);
}

TEST(Options, RefusesWhatItCannotRead) {
  for (const char* value : {"x", "", "1.5", "-1x", "99999999999999999999"})
    EXPECT_THAT(
        [&] {
          parse({"--batch", value});
        },
        ThrowsMessage<base::UsageError>(HasSubstr("--batch")))
        << value;
  EXPECT_THAT(
      [] {
        parse({"--seed", "-1"});
      },
      ThrowsMessage<base::UsageError>(HasSubstr("--seed")));
  EXPECT_THAT(
      [] {
        parse({"--g-hidden", "3,x"});
      },
      ThrowsMessage<base::UsageError>(HasSubstr("--g-hidden")));
  EXPECT_THAT(
      [] {
        parse({"--d-hidden", "3,1.5"});
      },
      ThrowsMessage<base::UsageError>(HasSubstr("--d-hidden")));
  EXPECT_THAT([] { parse({"--nonsense"}); },
              ThrowsMessage<base::UsageError>(HasSubstr("--nonsense")));
  EXPECT_THAT([] { parse({"stray"}); }, ThrowsMessage<base::UsageError>(HasSubstr("stray")));
  EXPECT_THAT([] { parse({"--batch"}); }, ThrowsMessage<base::UsageError>(HasSubstr("--batch")));
}

TEST(Options, NumbersAreDecimal) {
  const run::RunSpec spec = run_of({"--epochs", "010", "--seed", "08", "--batch", "00100", "--lr",
                                    "010", "--g-hidden", "010,0011", "--max-steps", "-0"});
  EXPECT_EQ(spec.epochs, 10);
  EXPECT_EQ(spec.seed, 8u);
  EXPECT_EQ(spec.batch, 100);
  EXPECT_EQ(spec.rate_g, 10);
  EXPECT_THAT(spec.generator_hidden, ElementsAre(10, 11));
  EXPECT_EQ(spec.max_steps, 0);
  const auto profiled = parse({"--profile-steps", "010:0011"}).profiled;
  ASSERT_TRUE(profiled);
  EXPECT_EQ(profiled->first, 10);
  EXPECT_EQ(profiled->last, 11);
  for (const char* option : {"--epochs", "--seed", "--lr", "--g-hidden"})
    EXPECT_THAT(([&] {
                  parse({option, "0x10"});
                }),
                ThrowsMessage<base::UsageError>(HasSubstr(option)))
        << option;
}

TEST(Options, AListHasAValueAtEveryComma) {
  for (const char* option : {"--g-hidden", "--d-hidden", "--eval-measures"})
    for (const char* list : {"256,", ",256", "256,,128", ",", ""})
      EXPECT_THAT(([&] {
                    parse({option, list});
                  }),
                  ThrowsMessage<base::UsageError>(HasSubstr(option)))
          << option << " " << list;
  EXPECT_THAT(run_of({"--g-hidden", "5", "6"}).generator_hidden, ElementsAre(5, 6));
  EXPECT_THAT(run_of({"--g-hidden", "5", "--g-hidden", "6,7"}).generator_hidden, ElementsAre(6, 7));
  EXPECT_THAT(run_of({"--eval-measures", "kid,score"}).eval_groups, ElementsAre("kid", "score"));
}

TEST(Options, StepsToProfileAreARange) {
  EXPECT_FALSE(parse({}).profiled);
  const auto profiled = parse({"--profile-steps", "3:12"}).profiled;
  ASSERT_TRUE(profiled);
  EXPECT_EQ(profiled->first, 3);
  EXPECT_EQ(profiled->last, 12);
  for (const char* range : {"", "3", "3:", ":3", "0:3", "4:3", "3-4", "3:4:5", "3:4x", "x:4"})
    EXPECT_THAT(
        [&] {
          parse({"--profile-steps", range});
        },
        ThrowsMessage<base::UsageError>(HasSubstr("--profile-steps")))
        << range;
}

TEST(Options, AResumedRunStaysInItsFolder) {
  EXPECT_THAT(
      [] {
        parse({"--resume", "a", "--out", "b"});
      },
      ThrowsMessage<base::UsageError>(HasSubstr("--out")));
  EXPECT_NO_THROW(parse({"--resume", "a", "--out", "a"}));
}

TEST(Options, WhatAResumedRunKeepsCanBeSwitchedOff) {
  run::RunSpec before;
  before.stop_on_collapse = true;
  EXPECT_TRUE(run_of({"--resume", "r"}, before).stop_on_collapse);
  EXPECT_FALSE(run_of({"--resume", "r", "--no-stop-on-collapse"}, before).stop_on_collapse);
}

TEST(Options, AnUnknownOneIsToldTheNearest) {
  const auto refuses = [](std::vector<const char*> arguments, const char* meant) {
    EXPECT_THAT(([&] { parse(arguments); }), ThrowsMessage<base::UsageError>(HasSubstr(meant)));
  };
  refuses({"--batch-size", "3"}, "did you mean --batch?");
  refuses({"--n_epochs=3"}, "did you mean --epochs?");
  refuses({"-b", "3"}, "did you mean --batch?");
  refuses({"stray"}, "unexpected argument \"stray\"");
}

TEST(Options, HelpAndVersionAreAnswersNotErrors) {
  const std::string help = parse({"--help"}).answer;
  for (const char* option :
       {"--batch",    "--epochs",  "--max-steps", "--lr",           "--lr-g",
        "--lr-d",     "--beta1",   "--beta2",     "--latent",       "--g-hidden",
        "--d-hidden", "--seed",    "--shuffle",   "--no-shuffle",   "--data",
        "--device",   "--threads", "--log-every", "--sample-every", "--checkpoint-every",
        "--out",      "--resume",  "--quiet",     "--version"})
    EXPECT_THAT(help, HasSubstr(option));
  EXPECT_THAT(help, testing::Not(HasSubstr("{false}")));
  EXPECT_EQ(help.find("has no MPI") != std::string::npos, !ranks::has_mpi());
  EXPECT_EQ(help.find("has no NCCL") != std::string::npos, ranks::has_mpi() && !gpu::has_nccl());
  EXPECT_THAT(parse({"--version"}).answer, testing::StartsWith("gan_cuda "));
  EXPECT_THAT(parse({"--batch", "64"}).answer, "");
}

}  // namespace
}  // namespace gan::cli
