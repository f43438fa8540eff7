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
#include "host/model/run_spec.h"

namespace gan {

class Engine {
 public:
  virtual ~Engine() = default;

  virtual std::string device_name() const = 0;  // such as "NVIDIA H200"

  // Carries out the next `steps` steps, across the ends of epochs.  May return before they are
  // done.
  virtual void run(std::int64_t steps) = 0;
  virtual std::int64_t step() const = 0;  // steps carried out or on their way

  // The losses of the last log_every steps or less, oldest first.  request_losses() starts the copy
  // and does not wait; losses_arrived() tells whether take_losses() would.
  virtual void request_losses() = 0;
  virtual bool losses_arrived() const = 0;
  virtual std::vector<StepLosses<float>> take_losses() = 0;

  // G's images for z: (count, latent), as (count, pixels); by its weights as trained, or by their
  // moving average.
  virtual std::vector<float> generate(std::span<const float> z, GeneratorWeights weights) = 0;

  // Everything that a run needs to go on: G, D, their moments, G's average and the recent losses;
  // the step is the caller's to keep.
  virtual std::vector<Tensor> state() = 0;
  virtual void restore(const TensorFile& state, std::int64_t step) = 0;
};

// The engine that `spec` asks for, at step 0, on `spec.device`.  Throws UsageError when there is no
// such device.
std::unique_ptr<Engine> make_engine(const RunSpec& spec, const Images& images);

// spec.device with "auto" and "cuda" resolved: "cpu" or "cuda:N".
std::string resolve_device(const std::string& device);

// N of "cuda:N"; "cuda" is its first GPU.  Throws UsageError for what is no GPU.
int gpu_number(const std::string& device);

}  // namespace gan
