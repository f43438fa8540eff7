// Small GANs with their data on the device, trained step by step.
#pragma once
#include <algorithm>
#include <cmath>
#include <vector>

#include "host/model/sharded_step.h"
#include "tests/model/formula.h"

namespace gan::model {

struct TrainingSetup {
  int latent = 10;
  std::vector<int> generator_hidden = {16, 12};
  int pixels = 20;
  std::vector<int> discriminator_hidden = {11, 7};
  int images = 21;
  double generator_slope = 0, discriminator_slope = 0;
  int discriminator_maxout = 1;
  int classes = 0;  // 0: not conditional
  StepSettings settings{.batch = 8, .ring = 4, .seed = 1};

  std::size_t all_pixels() const {
    return static_cast<std::size_t>(images) * static_cast<std::size_t>(pixels);
  }
};

// Batches of 8, 8 and 5 rows an epoch.
inline TrainingSetup small_setup() {
  TrainingSetup setup;
  setup.settings.generator.rate = 2e-3;
  setup.settings.discriminator.rate = 1e-3;
  return setup;
}

// The n values of a device array.
template <class B, class T>
std::vector<T> downloaded(const B& backend, const T* values, std::size_t n) {
  std::vector<T> host(n);
  backend.download(host.data(), values, n);
  return host;
}

template <class B>
class Training {
 public:
  using Real = typename B::Real;

  // With the initial weights of the seed, or of the formula.
  enum class Weights { drawn, formula };

  Training(const B& backend, const TrainingSetup& setup, Weights weights = Weights::drawn);

  // One training step on the rows that the epoch has left.
  void step() {
    NoExchange<Real> alone;
    step(alone);
  }
  // The same of one of several ranks, when the batch is in shards.
  void step(Exchange<Real>& exchange) {
    const ImageSet data{pixels_.get(), order_.get(), images_, gan.generator.shape.outputs(),
                        labels_.get()};
    const Turn turn = turn_after(static_cast<std::int64_t>(steps_), gan.settings.d_steps);
    if (gan.settings.shards > 1)
      sharded_step(backend_, gan, data, rows(), turn, parts_, exchange);
    else
      train_step(backend_, gan, data, rows(), turn);
    ++steps_;
  }
  void steps(int count) {
    for (int i = 0; i < count; ++i) step();
  }

  // Goes to a step without training.
  void go_to(std::uint64_t number) {
    steps_ = number;
    gan.set_clock(backend_, number);
  }

  // New images to visit: the numbers below `images` in any order.
  void set_order(const std::vector<std::uint32_t>& order) {
    backend_.upload(order_.get(), order.data(), order.size());
  }

  // Of the last step.
  StepLosses<Real> losses() const { return downloaded(backend_, gan.losses.get(), 1).front(); }

  int rows() const {
    const auto batch = static_cast<std::uint64_t>(gan.settings.batch);
    const auto count = static_cast<std::uint64_t>(images_);
    const std::uint64_t first = steps_ % ((count + batch - 1) / batch) * batch;
    return static_cast<int>(std::min(batch, count - first));
  }

  Gan<B> gan;

 private:
  const B& backend_;
  GradientParts<B> parts_;
  int images_;
  std::uint64_t steps_ = 0;
  typename B::template Array<std::uint8_t> pixels_;
  typename B::template Array<std::uint32_t> order_;
  typename B::template Array<std::uint8_t> labels_;
};

template <class B>
Training<B>::Training(const B& backend, const TrainingSetup& setup, Weights weights)
    : gan(backend,
          NetworkShape(setup.latent, setup.generator_hidden, setup.pixels, Activation::sigmoid,
                       {setup.generator_slope}, setup.classes),
          NetworkShape(setup.pixels, setup.discriminator_hidden, 1, Activation::none,
                       {setup.discriminator_slope, setup.discriminator_maxout}, setup.classes),
          setup.settings),
      backend_(backend),
      parts_(backend, gan),
      images_(setup.images),
      pixels_(backend.template allocate<std::uint8_t>(setup.all_pixels())),
      order_(backend.template allocate<std::uint32_t>(static_cast<std::size_t>(setup.images))),
      labels_(backend.template allocate<std::uint8_t>(static_cast<std::size_t>(setup.images))) {
  gan.initialise(backend);
  if (weights == Weights::formula) {
    const auto set = [&](Network<B>& network, std::uint64_t series) {
      const std::vector<Real> arena = formula_weights<Real>(network.shape, series);
      backend.upload(network.parameters.get(), arena.data(), arena.size());
    };
    set(gan.generator, kGeneratorSeries);
    set(gan.discriminator, kDiscriminatorSeries);
  }
  const auto pixels = formula_images(setup.all_pixels());
  backend.upload(pixels_.get(), pixels.data(), pixels.size());
  std::vector<std::uint32_t> order(static_cast<std::size_t>(setup.images));
  for (std::uint32_t i = 0; i < order.size(); ++i)
    order[i] = (5 * i + 3) % static_cast<std::uint32_t>(order.size());
  set_order(order);
  std::vector<std::uint8_t> labels(order.size());
  for (std::size_t i = 0; i < labels.size(); ++i)
    labels[i] =
        static_cast<std::uint8_t>(i * i % static_cast<std::size_t>(std::max(setup.classes, 1)));
  backend.upload(labels_.get(), labels.data(), labels.size());
}

// ‖a‖, and ‖a - b‖.
template <class Vector>
double norm(const Vector& a) {
  double sum = 0;
  for (const auto x : a) sum += static_cast<double>(x) * static_cast<double>(x);
  return std::sqrt(sum);
}
template <class A, class B>
double distance(const A& a, const B& b) {
  std::vector<double> difference(a.size());
  for (std::size_t i = 0; i < a.size(); ++i)
    difference[i] = static_cast<double>(a[i]) - static_cast<double>(b[i]);
  return norm(difference);
}

}  // namespace gan::model
