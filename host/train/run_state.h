// A run's data on its device, for every way to take its steps: networks, images, order, step.
#pragma once
#include <algorithm>
#include <numeric>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "host/data/idx.h"
#include "host/data/mean_logits.h"
#include "host/io/safetensors.h"
#include "host/run/run_spec.h"
#include "host/train/step_strategy.h"

namespace gan::train {

// The networks, the images, the order in which the current epoch visits them, and the step.
template <model::Backend B>
class RunState {
 public:
  RunState(const B& backend, const run::RunSpec& spec, const data::Images& images);

  const run::RunSpec& spec() const { return spec_; }
  model::Gan<B>& gan() { return gan_; }
  ImageSet data() const {
    return {images_.get(), order_.get(), spec_.data.count, spec_.data.pixels(), labels_.get()};
  }
  std::int64_t step() const { return step_; }

  // The first part of the next `steps` steps.  Draws the order of an epoch that it begins.
  Part next(std::int64_t steps);
  void advance(std::int64_t steps) { step_ += steps; }

  // See Engine.
  void request_losses();
  bool losses_arrived() const { return download_.ready(); }
  std::vector<StepLosses<float>> take_losses();
  std::vector<float> generate(std::span<const float> z, run::GeneratorWeights weights,
                              std::span<const std::uint8_t> classes);
  std::vector<io::Tensor> tensors();
  void restore(const io::TensorFile& state, std::int64_t step);

 private:
  void draw_order(std::int64_t epoch);

  // Calls visit(name, shape, device values) for every tensor of the state.
  template <class Visit>
  void for_each_tensor(Visit visit);

  const B& backend_;
  run::RunSpec spec_;
  model::Gan<B> gan_;
  typename B::template Array<std::uint8_t> images_;   // (count, pixels)
  typename B::template Array<std::uint8_t> labels_;   // (count), of a conditional run
  typename B::template Array<std::uint32_t> order_;   // (count), of epoch order_epoch_
  typename B::template Array<std::uint8_t> storage_;  // of the permutation
  typename B::template AsyncDownload<StepLosses<float>> download_;
  std::int64_t order_epoch_ = -1;
  std::int64_t step_ = 0;
  std::int64_t requested_at_ = 0;  // step_ at the last request_losses()
};

template <model::Backend B>
RunState<B>::RunState(const B& backend, const run::RunSpec& spec, const data::Images& images)
    : backend_(backend),
      spec_(spec),
      gan_(backend, spec.generator(), spec.discriminator(), spec.step_settings()),
      images_(backend.template allocate<std::uint8_t>(images.pixels.size())),
      order_(backend.template allocate<std::uint32_t>(static_cast<std::size_t>(spec.data.count))),
      storage_(
          backend.template allocate<std::uint8_t>(backend.permutation_storage(spec.data.count))),
      download_(backend, static_cast<std::size_t>(spec.log_every)) {
  backend_.upload(images_.get(), images.pixels.data(), images.pixels.size());
  if (spec.conditional) {
    labels_ = backend.template allocate<std::uint8_t>(images.labels.size());
    backend_.upload(labels_.get(), images.labels.data(), images.labels.size());
  }
  if (spec.pixel_bias)
    gan_.initialise(backend_, data::mean_logits(images));
  else
    gan_.initialise(backend_);
}

template <model::Backend B>
void RunState<B>::draw_order(std::int64_t epoch) {
  if (spec_.shuffle) {
    backend_.permutation(order_.get(), storage_.get(), spec_.data.count,
                         {spec_.seed, RandomStream::batch_order},
                         static_cast<std::uint64_t>(epoch));
  } else if (order_epoch_ < 0) {
    std::vector<std::uint32_t> numbers(static_cast<std::size_t>(spec_.data.count));
    std::iota(numbers.begin(), numbers.end(), 0u);
    backend_.upload(order_.get(), numbers.data(), numbers.size());
  }
  order_epoch_ = epoch;
}

template <model::Backend B>
Part RunState<B>::next(std::int64_t steps) {
  const std::int64_t epoch = step_ / spec_.steps_per_epoch();
  if (epoch != order_epoch_) draw_order(epoch);
  const model::Turn turn = model::turn_after(step_, spec_.d_steps);
  if (spec_.d_steps > 1)
    steps =
        turn == model::Turn::both ? 1 : std::min(steps, spec_.d_steps - 1 - step_ % spec_.d_steps);
  const std::int64_t whole = spec_.data.count / spec_.batch;  // whole batches of an epoch
  const std::int64_t place = step_ % spec_.steps_per_epoch();
  if (place == whole) return {1, spec_.data.count % spec_.batch, turn};
  return {std::min(whole - place, steps), spec_.batch, turn};
}

template <model::Backend B>
void RunState<B>::request_losses() {
  download_.start(gan_.ring.get());
  requested_at_ = step_;
}

template <model::Backend B>
std::vector<StepLosses<float>> RunState<B>::take_losses() {
  const auto ring = download_.wait();
  const auto size = static_cast<std::int64_t>(ring.size());
  std::vector<StepLosses<float>> losses;
  for (std::int64_t s = (requested_at_ - 1) / size * size; s < requested_at_; ++s)
    losses.push_back(ring[static_cast<std::size_t>(s % size)]);
  return losses;
}

template <model::Backend B>
std::vector<float> RunState<B>::generate(std::span<const float> z, run::GeneratorWeights weights,
                                         std::span<const std::uint8_t> classes) {
  const auto& arena =
      weights == run::GeneratorWeights::trained ? gan_.generator.parameters : gan_.average;
  const std::size_t latent = static_cast<std::size_t>(spec_.latent);
  const std::size_t pixels = static_cast<std::size_t>(spec_.data.pixels());
  const std::size_t count = z.size() / latent;
  const std::size_t most = 2 * static_cast<std::size_t>(gan_.settings.rows());  // G has room for
  std::vector<float> images(count * pixels);
  for (std::size_t first = 0; first < count; first += most) {
    const std::size_t rows = std::min(most, count - first);
    backend_.upload(gan_.z.get(), z.data() + first * latent, rows * latent);
    if (spec_.conditional) backend_.upload(gan_.classes.get(), classes.data() + first, rows);
    gan_.generator.forward(backend_, arena.get(), gan_.z.get(), gan_.images.get(),
                           {0, static_cast<int>(rows)});
    backend_.download(images.data() + first * pixels, gan_.images.get(), rows * pixels);
  }
  return images;
}

template <model::Backend B>
template <class Visit>
void RunState<B>::for_each_tensor(Visit visit) {
  const auto visit_arena = [&](const std::string& prefix, const model::NetworkShape& shape,
                               float* arena) {
    for (const model::NamedTensor& tensor : shape.tensors())
      visit(prefix + tensor.name,
            std::vector<std::int64_t>(tensor.shape.begin(), tensor.shape.end()), tensor.size(),
            arena + tensor.offset);
  };
  const auto visit_network = [&](const std::string& name, model::Network<B>& network) {
    visit_arena(name + ".", network.shape, network.parameters.get());
    visit_arena(name + ".adam_m.", network.shape, network.moment1.get());
    visit_arena(name + ".adam_v.", network.shape, network.moment2.get());
  };
  visit_network("generator", gan_.generator);
  visit_network("discriminator", gan_.discriminator);
  if (spec_.ema > 0) visit_arena("generator.ema.", gan_.generator.shape, gan_.average.get());
  constexpr std::int64_t kFields = sizeof(StepLosses<float>) / sizeof(float);
  visit("recent_losses", std::vector<std::int64_t>{spec_.log_every, kFields},
        static_cast<std::size_t>(spec_.log_every * kFields), &gan_.ring.get()->loss_real);
}

template <model::Backend B>
std::vector<io::Tensor> RunState<B>::tensors() {
  std::vector<io::Tensor> tensors;
  for_each_tensor(
      [&](std::string name, std::vector<std::int64_t> shape, std::size_t n, const float* device) {
        tensors.push_back({std::move(name), std::move(shape), std::vector<float>(n)});
        backend_.download(tensors.back().values.data(), device, n);
      });
  return tensors;
}

template <model::Backend B>
void RunState<B>::restore(const io::TensorFile& state, std::int64_t step) {
  for_each_tensor([&](const std::string& name, const std::vector<std::int64_t>& shape,
                      std::size_t n, float* device) {
    const io::Tensor& tensor = state.at(name);
    if (tensor.shape != shape)
      throw std::runtime_error("tensor " + name + " does not have the shape that this run needs");
    backend_.upload(device, tensor.values.data(), n);
  });
  gan_.set_clock(backend_, static_cast<std::uint64_t>(step));
  step_ = step;
}

}  // namespace gan::train
