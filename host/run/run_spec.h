// The one value that describes a run.  The command line makes it, config.json and the checkpoint
// store it, the engines read it; nothing else travels as loose options.
#pragma once
#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "host/base/errors.h"
#include "host/model/gan.h"
#include "host/model/network_shape.h"

namespace gan::run {

// A name that is no field of a RunSpec.
class UnknownField : public base::UsageError {
  using base::UsageError::UsageError;
};

// The training images: where they are and what they were, so that a resumed run sees the same.
struct DataSpec {
  std::string source;  // as --data takes it; empty: look in the usual places
  int count = 0, height = 0, width = 0;
  std::uint32_t crc32 = 0;  // of the pixels
  int image_size = 0;       // side of the squares they were scaled to; 0: they are as they were

  int pixels() const { return height * width; }
};

// The steps first … last of a run, counted from 1.
struct StepRange {
  std::int64_t first, last;
};

// G's weights as trained, or their moving average.
enum class GeneratorWeights { trained, average };

struct RunSpec {
  // Mathematics: what a resumed run must not change.
  int latent = 100;
  std::vector<int> generator_hidden = {256, 256};
  std::vector<int> discriminator_hidden = {64, 64};
  double generator_slope = 0, discriminator_slope = 0;  // of LeakyReLU below 0; 0: ReLU
  double discriminator_dropout = 0;                     // rate behind D's hidden layers
  std::string loss = "non-saturating";                  // or minimax, relativistic
  double real_label = 1;                                // D's target for real images
  double r1 = 0, r2 = 0;                                // weights of the penalties on D's slopes
  double rate_g = 2e-4, rate_d = 2e-4;                  // Adam's α of each network
  std::string decay = "constant";  // of the rates; or linear, cosine, exponential
  double decay_epochs = 0;         // in which they fall; 0: in all epochs of the run
  double decay_last = 0.1;         // the share of the rates that is left
  double beta1 = 0.9, beta2 = 0.999;
  double ema = 0.999;      // decay of the moving average of G; 0: none
  bool ema_warmup = true;  // the average begins as a plain mean
  int batch = 128;
  bool shuffle = true;
  std::string precision = "fp32";  // of the matrix products; or tf32, 3xtf32
  std::uint64_t seed = 1;
  DataSpec data;
  int log_every = 100;  // steps; the losses in between are averaged

  // Manner: free to change.
  int epochs = 100;            // in all
  std::int64_t max_steps = 0;  // in all; 0: no limit but the epochs
  int sample_every = 10;       // epochs
  int checkpoint_every = 10;   // epochs
  int keep_checkpoints = 1;    // the newest and those before it
  int eval_every = 0;          // epochs between two evaluations of the generator; 0: none
  std::vector<std::string> eval_groups = {"parzen"};
  int eval_count = 10'000;              // samples that are evaluated
  std::string keep_best = "parzen_ll";  // the figure by which the best generator is kept
  bool stop_on_collapse = false;        // the run ends when its game has ended
  std::string recipe = "seed";          // that the rest began with
  std::string device = "auto";          // auto, cpu, cuda, cuda:N
  std::string engine = "auto";          // auto, plain, graph, graph-pdl, fused, persistent
  int threads = 0;                      // of the CPU; 0: as many as pay

  // What was left open and depends on the rest of the run is decided.
  void resolve();

  model::NetworkShape generator() const;
  model::NetworkShape discriminator() const;  // gives logits
  model::StepSettings step_settings() const;

  std::int64_t steps_per_epoch() const { return (std::int64_t{data.count} + batch - 1) / batch; }
  std::int64_t total_steps() const;
};

// Of "fp32", "tf32" and "3xtf32"; throws UsageError.
Precision precision_named(const std::string& name);

// Throws UsageError when some value is impossible.
void validate(const RunSpec& spec);

// Throws UsageError when `now` is not the run that `before` was, naming the first option that
// differs.
void require_same_mathematics(const RunSpec& before, const RunSpec& now);

nlohmann::json to_json(const RunSpec& spec);

// The names that set_field takes: those of the options, without --.
std::vector<std::string> field_names();

// Sets a field, or with "lr" the learning rates of both networks.  Throws UsageError when the value
// is of the wrong kind, UnknownField when there is no such field.
void set_field(RunSpec& spec, const std::string& name, const nlohmann::json& value);

// What belongs to the manner of a run may be missing: an older version had no such option.  Throws
// std::runtime_error when another key is missing, or one is unknown or of the wrong kind, and as
// validate() does: what is stored can be used as what is given.
RunSpec run_spec_from_json(const nlohmann::json& json);

}  // namespace gan::run
