// An engine carries out training steps on a device.  All engines draw the same noise and the same
// batches; they differ in how they get through the work.
#pragma once
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "host/data/idx.h"
#include "host/io/safetensors.h"
#include "host/model/sharded_step.h"
#include "host/run/run_spec.h"

namespace gan::train {

class Engine {
 public:
  virtual ~Engine() = default;

  virtual std::string device_name() const = 0;  // such as "NVIDIA H200"

  // Carries out the next `steps` steps, across the ends of epochs.  May return before they are
  // done.
  virtual void run(std::int64_t steps) = 0;
  virtual std::int64_t step() const = 0;  // steps carried out or on their way
  // How many steps to ask run() for at a time, so that a stop is noticed soon.
  virtual std::int64_t stride() const { return 16; }

  // The losses of the last log_every steps or less, oldest first.  request_losses() starts the copy
  // and does not wait; losses_arrived() tells whether take_losses() would.
  virtual void request_losses() = 0;
  virtual bool losses_arrived() const = 0;
  virtual std::vector<StepLosses<float>> take_losses() = 0;

  // G's images for z: (count, latent), as (count, pixels); by its weights as trained, or by their
  // moving average.  classes: (count), those of a conditional generator's images.
  virtual std::vector<float> generate(std::span<const float> z, run::GeneratorWeights weights,
                                      std::span<const std::uint8_t> classes = {}) = 0;

  // Has a profiler that waits for cudaProfilerStart record these steps, which are still to come.
  // Throws UsageError on a CPU.
  virtual void profile(run::StepRange steps) = 0;

  // As run(), but waits until the steps are done; the seconds they took on the device.
  virtual double timed_run(std::int64_t steps) = 0;

  // Everything that a run needs to resume: G, D, their moments, G's average and the recent losses;
  // the step is the caller's to keep.
  virtual std::vector<io::Tensor> state() = 0;
  virtual void restore(const io::TensorFile& state, std::int64_t step) = 0;
};

// How the ranks of a run exchange the parts of a step, and that of a run that is alone.
using Exchange = model::Exchange<float>;
Exchange& alone();

// The engine that `spec` asks for, at step 0, on `spec.device`; it refers to `exchange`.  Throws
// UsageError when there is no such device, or when the engine cannot do what `spec` asks for.
std::unique_ptr<Engine> make_engine(const run::RunSpec& spec, const data::Images& images,
                                    Exchange& exchange = alone());

// The device itself, or for an automatic one the first GPU, or the CPU if there is none.  Throws
// UsageError when there is no such GPU.
run::Device resolve_device(run::Device device);

// The engine that `spec` asks for, or for an automatic one the fastest that can do what `spec` asks
// for on its resolved device.  Throws UsageError with the reason when the engine cannot.
run::EngineKind resolve_engine(const run::RunSpec& spec);

// The run that `asked` describes, on these images: device, engine and the epochs of the decay are
// decided.  Throws UsageError when it is not possible.
run::RunSpec resolve(run::RunSpec asked, const run::DataSpec& data);

}  // namespace gan::train
