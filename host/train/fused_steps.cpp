#include "host/train/fused_steps.h"

#include <optional>
#include <string>
#include <utility>

#include "host/train/cuda_engine.h"

namespace gan::train {
namespace {

FusedLayer layer_of(const model::Layer& shape, const model::Network<gpu::CudaBackend>& network,
                    float* average) {
  const auto parameters = [&](std::size_t offset) {
    return FusedParameters{network.parameters.get() + offset, network.moment1.get() + offset,
                           network.moment2.get() + offset, average ? average + offset : nullptr};
  };
  return {parameters(shape.weight), parameters(shape.bias), shape.in, shape.out, nullptr};
}

FusedNetwork network_of(const model::Network<gpu::CudaBackend>& network, const AdamSettings& adam,
                        float* average) {
  FusedNetwork fused{};
  for (std::size_t l = 0; l < kFusedLayers; ++l)
    fused.layers[l] = layer_of(network.shape.layers[l], network, average);
  fused.slope = static_cast<float>(network.shape.layers.front().slope);
  fused.adam = adam;
  return fused;
}

// G's target in the fused step, of the losses that it has.
std::optional<BceTarget<float>> generator_target(model::GanLoss loss) {
  switch (loss) {
    case model::GanLoss::non_saturating:
      return BceTarget<float>{1, 1};
    case model::GanLoss::minimax:
      return BceTarget<float>{0, -1};
    case model::GanLoss::relativistic:
    case model::GanLoss::least_squares:
    case model::GanLoss::hinge:
    case model::GanLoss::wasserstein:
      break;
  }
  return std::nullopt;
}

// A step without its pointers.
FusedStep outline_of(const model::StepSettings& settings) {
  FusedStep step{};
  step.batch = step.rows = settings.batch;
  step.latent = {settings.seed, RandomStream::latent};
  step.dropout = {settings.seed, RandomStream::dropout};
  step.dropout_rate = static_cast<float>(settings.dropout);
  step.real = {static_cast<float>(settings.real_label), 1};
  step.fake = {0, 1};
  step.for_generator = generator_target(settings.loss).value();
  step.clock_settings = settings.clock();
  step.ring_size = settings.ring;
  return step;
}

// The same with the widths that decide how much shared memory a block needs.
FusedStep outline_of(const run::RunSpec& spec) {
  FusedStep step = outline_of(spec.step_settings());
  const model::NetworkShape discriminator = spec.discriminator();
  for (std::size_t l = 0; l < kFusedLayers; ++l) {
    step.discriminator.layers[l].in = discriminator.layers[l].in;
    step.discriminator.layers[l].out = discriminator.layers[l].out;
  }
  return step;
}

}  // namespace

FusedMemory::FusedMemory(const gpu::CudaBackend& backend, model::Gan<gpu::CudaBackend>& gan,
                         const ImageSet& data, Precision precision)
    : backend_(backend), step_(outline_of(gan.settings)), precision_(precision) {
  const model::StepSettings& settings = gan.settings;
  step_.generator = network_of(gan.generator, settings.generator,
                               settings.averaging.decay > 0 ? gan.average.get() : nullptr);
  step_.discriminator = network_of(gan.discriminator, settings.discriminator, nullptr);
  step_.data = data;
  step_.ring = gan.ring.get();
  step_.clock = gan.clock.get();
  scratch_ = model::zeroed<gpu::CudaBackend, unsigned char>(backend,
                                                            fused_scratch_bytes(step_, precision));
  place_fused_scratch(step_, precision, scratch_.get());
}

void FusedMemory::prepare() {
  if (!std::exchange(is_prepared_, true)) prepare_fused_steps(step_, precision_, backend_.stream);
}

FusedStep FusedMemory::on(int rows) const {
  FusedStep step = step_;
  step.rows = rows;
  return step;
}

void FusedSteps::enqueue(Part part) {
  prepare();
  fused_steps(memory_.on(part.rows), precision_, static_cast<int>(part.steps), backend_.stream);
}

void PersistentSteps::enqueue(Part part) {
  prepare();
  arrivals_ = persistent_steps(memory_.on(part.rows), precision_, static_cast<int>(part.steps),
                               arrivals_, backend_.stream);
}

std::string why_no_fused_engine(const run::RunSpec& spec) {
  if (spec.generator_hidden.size() + 1 != kFusedLayers ||
      spec.discriminator_hidden.size() + 1 != kFusedLayers)
    return "both networks must have two hidden layers";
  if (!generator_target(spec.loss))
    return "it has no --loss " + std::string(run::name_of(spec.loss));
  if (spec.conditional) return "it has no --conditional";
  if (spec.discriminator_maxout > 1) return "it has no --d-maxout";
  if (spec.discriminator_input_dropout > 0) return "it has no --d-input-dropout";
  if (spec.latent_distribution != model::LatentDistribution::normal)
    return "it has no --latent-distribution " + std::string(run::name_of(spec.latent_distribution));
  if (spec.r1 > 0 || spec.r2 > 0 || spec.gradient_penalty > 0)
    return "it has no penalties (--r1, --r2, --gradient-penalty)";
  if (spec.clip > 0) return "it has no --clip";
  if (spec.d_steps > 1) return "it updates both networks in every step: --d-steps must be 1";
  if (spec.shards > 1) return "it takes a batch as a whole: it has no --shards";
  if (spec.simultaneous) return "it updates the networks in turn: it has no --simultaneous";
  if (spec.optimiser == model::Optimiser::sgd) return "it has no --optimiser sgd";
  return why_no_fused_step(outline_of(spec), spec.device.number);
}

std::size_t fused_block_bytes(const run::RunSpec& spec) {
  return fused_block_bytes(outline_of(spec));
}

}  // namespace gan::train
