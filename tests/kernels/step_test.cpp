// The two ends of a training step.
#include <numeric>

#include "tests/kernels/backends.h"
#include "tests/kernels/compare.h"
#include "tests/kernels/tolerances.h"

namespace gan {
namespace {

using Gather = BackendTest;
using FinishStep = BackendTest;
using PixelsTest = BackendTest;

// A set whose images are visited in no order.
struct Images {
  int count, pixels;
  std::vector<std::uint8_t> bytes;
  std::vector<std::uint32_t> order;
};

Images random_images(int count, int pixels) {
  Images images{count, pixels, {}, std::vector<std::uint32_t>(static_cast<std::size_t>(count))};
  const Values values =
      random_values(static_cast<std::size_t>(count) * static_cast<std::size_t>(pixels), 1, 0, 256);
  images.bytes.assign(values.begin(), values.end());
  std::iota(images.order.begin(), images.order.end(), 0u);
  std::shuffle(images.order.begin(), images.order.end(), std::mt19937(2));
  return images;
}

// Gives B rows of the batch of `step`.
template <class B>
Values gather(const B& backend, const Images& images, std::uint64_t step, int rows, int batch) {
  const Output<B> x(backend,
                    static_cast<std::size_t>(rows) * static_cast<std::size_t>(images.pixels));
  const Input<B, std::uint8_t> bytes(backend, images.bytes);
  const Input<B, std::uint32_t> order(backend, images.order);
  const Input<B, Clock> clock(backend, std::vector<Clock>{{step, 0, 0, 0}});
  backend.gather(x.get(), {bytes.get(), order.get(), images.count, images.pixels}, clock.get(),
                 rows, batch);
  return x.values();
}

void expect_right(const TestedBackend& backend, const Images& images, std::uint64_t step, int rows,
                  int batch) {
  SCOPED_TRACE(testing::Message() << "step " << step << ", " << rows << " rows of " << batch);
  const Values expected = gather(reference, images, step, rows, batch);
  EXPECT_TRUE(within(gather(backend, images, step, rows, batch), expected,
                     bound_of(expected, tolerance::kGather)));
}

TEST_F(Gather, FollowsTheOrderThroughTheEpochs) {
  constexpr int kCount = 23, kBatch = 5, kSteps = 5;
  for (const int pixels : {1, 37, 257, 785}) {
    const Images images = random_images(kCount, pixels);
    for (int step = 0; step < 2 * kSteps + 3; ++step) {
      const int left = kCount - step % kSteps * kBatch;
      expect_right(backend(), images, static_cast<std::uint64_t>(step), std::min(left, kBatch),
                   kBatch);
    }
  }
}

TEST_F(Gather, TakesAnyStepAndSize) {
  const Images images = random_images(23, 37);
  expect_right(backend(), images, (std::uint64_t{1} << 40) + 3, 3, 5);
  expect_right(backend(), images, 7, 23, 23);
  expect_right(backend(), random_images(21, 37), 9, 1, 5);
  expect_right(backend(), images, 7, 20, 128);
  expect_right(backend(), images, 2, 2, 5);
  expect_right(backend(), images, 2, 0, 5);
  expect_right(backend(), random_images(4, 0), 1, 4, 4);
}

// The labels of the batch, once for each copy.
template <class B>
Values gather_labels(const B& backend, const Images& images, std::uint64_t step, int rows,
                     int batch, int copies) {
  const std::vector<std::uint8_t> labels(images.bytes.begin(), images.bytes.begin() + images.count);
  const Output<B, std::uint8_t> of_rows(
      backend, static_cast<std::size_t>(rows) * static_cast<std::size_t>(copies));
  const Input<B, std::uint8_t> device_labels(backend, labels);
  const Input<B, std::uint32_t> order(backend, images.order);
  const Input<B, Clock> clock(backend, std::vector<Clock>{{step, 0, 0, 0}});
  backend.gather_labels(of_rows.get(),
                        {nullptr, order.get(), images.count, images.pixels, device_labels.get()},
                        clock.get(), rows, batch, copies);
  return of_rows.values();
}

TEST_F(Gather, TakesTheLabelsOfTheSameImages) {
  const Images images = random_images(23, 1);  // the only pixel is the label
  for (const int copies : {0, 1, 3, 4})
    for (int step = 0; step < 7; ++step) {
      SCOPED_TRACE(testing::Message() << "step " << step << ", " << copies << " copies");
      const int rows = std::min(23 - step % 5 * 5, 5);
      Values expected;
      for (const double pixel :
           gather(reference, images, static_cast<std::uint64_t>(step), rows, 5))
        expected.push_back(std::round(255 * pixel));
      Values repeated;
      for (int copy = 0; copy < copies; ++copy)
        repeated.insert(repeated.end(), expected.begin(), expected.end());
      EXPECT_TRUE(
          same(gather_labels(backend(), images, static_cast<std::uint64_t>(step), rows, 5, copies),
               repeated));
    }
  EXPECT_TRUE(gather_labels(backend(), images, 1, 0, 5, 3).empty());
  EXPECT_TRUE(same(gather_labels(backend(), images, (std::uint64_t{1} << 40) + 3, 3, 5, 100),
                   gather_labels(reference, images, (std::uint64_t{1} << 40) + 3, 3, 5, 100)));
}

// What the networks take is x/255 rounded once, to the bit, on every device.
TEST_F(PixelsTest, ArePartsOf255ForEveryByte) {
  constexpr int kValues = 256;
  Images images{1, kValues, std::vector<std::uint8_t>(kValues), {0}};
  std::iota(images.bytes.begin(), images.bytes.end(), std::uint8_t{0});
  const Values x = gather(backend(), images, 0, 1, 1);
  for (int i = 0; i < kValues; ++i)
    EXPECT_EQ(x[static_cast<std::size_t>(i)], static_cast<float>(i) / 255.0f) << i;
}

template <class B>
struct Finished {
  std::vector<StepLosses<typename B::Real>> ring;
  Clock clock;
};

// Finishes steps [first, last), whose losses are made of the step's number.
template <class B>
Finished<B> finish_steps(const B& backend, std::size_t ring_size, std::uint64_t first,
                         std::uint64_t last, ClockSettings settings) {
  using Losses = StepLosses<typename B::Real>;
  const Output<B, Losses> ring(backend,
                               std::vector<Losses>(ring_size, Losses{-1, -1, -1, -1, -1, -1, -1}));
  const Output<B, Clock> clock(backend, std::vector<Clock>{clock_at(first, settings)});
  for (std::uint64_t step = first; step < last; ++step) {
    const auto x = static_cast<typename B::Real>(10 * (step - first));
    const Input<B, Losses> losses(
        backend, std::vector<Losses>{{x + 1, x + 2, x + 3, x + 4, x + 5, x + 6, x + 7}});
    backend.finish_step(ring.get(), static_cast<int>(ring_size), losses.get(), clock.get(),
                        settings);
  }
  return {ring.read(), clock.read().front()};
}

template <class Real>
Values flat(const std::vector<StepLosses<Real>>& ring) {
  Values all;
  for (const StepLosses<Real>& x : ring)
    all.insert(all.end(),
               {x.loss_real, x.d_real, x.loss_fake, x.d_fake, x.loss_g, x.d_g, x.penalty});
  return all;
}

TEST_F(FinishStep, RecordsTheLossesAndMovesTheClock) {
  constexpr ClockSettings kSettings{.beta1 = 0.9, .beta2 = 0.999};
  for (const std::uint64_t first : {std::uint64_t{0}, std::uint64_t{6}, std::uint64_t{1} << 33})
    for (const std::uint64_t steps : {0, 1, 3, 4, 9}) {
      SCOPED_TRACE(testing::Message() << steps << " steps from " << first);
      const auto actual = finish_steps(backend(), 4, first, first + steps, kSettings);
      const auto expected = finish_steps(reference, 4, first, first + steps, kSettings);
      EXPECT_TRUE(same(flat(actual.ring), flat(expected.ring)));
      EXPECT_EQ(actual.clock.step, first + steps);
      EXPECT_NEAR(actual.clock.rate, expected.clock.rate,
                  tolerance::clock_rate(expected.clock.rate));
      EXPECT_NEAR(actual.clock.scale, expected.clock.scale,
                  tolerance::clock_scale(expected.clock.scale));
    }
}

TEST_F(FinishStep, LetsTheRatesFall) {
  for (const Decay decay : {Decay::constant, Decay::linear, Decay::cosine, Decay::exponential}) {
    const ClockSettings settings{.beta1 = 0, .schedule = {decay, 10, 0.125}};
    for (const std::uint64_t first : {0, 1, 3, 4, 8, 9, 10, 11, 5000}) {
      const auto clock = finish_steps(backend(), 4, first, first + 1, settings).clock;
      EXPECT_NEAR(clock.rate, clock_at(first + 1, settings).rate, tolerance::kRate);
    }
  }
}

// Momentum and penalties change by their own schedules.
TEST_F(FinishStep, MovesTheMomentumAndThePenalties) {
  const ClockSettings settings{.momentum = {0.5, 0.75, 4, 3}, .penalty = {Decay::linear, 8, 0.25}};
  for (const std::uint64_t first : {0, 1, 2, 3, 5, 8, 11, 12, 5000}) {
    const auto clock = finish_steps(backend(), 4, first, first + 1, settings).clock;
    const Clock expected = clock_at(first + 1, settings);
    EXPECT_EQ(clock.momentum, expected.momentum) << first;
    EXPECT_NEAR(clock.penalty, expected.penalty, tolerance::kRate) << first;
  }
}

// As at the end of a step, but without losses.
TEST_F(FinishStep, AdvanceMovesTheClockAlone) {
  const ClockSettings settings{.beta1 = 0.5,
                               .schedule = {Decay::cosine, 10, 0.125},
                               .averaging = {0.875, Averaging::Start::as_mean},
                               .momentum = {0.5, 0.75, 2, 1}};
  for (const std::uint64_t first : {0, 1, 7, 5000}) {
    const Output<TestedBackend, Clock> clock(backend(),
                                             std::vector<Clock>{clock_at(first, settings)});
    backend().advance(clock.get(), settings);
    const Clock actual = clock.read().front();
    const Clock finished = finish_steps(backend(), 4, first, first + 1, settings).clock;
    EXPECT_EQ(actual.step, first + 1);
    EXPECT_EQ(actual.rate, finished.rate);
    EXPECT_EQ(actual.scale, finished.scale);
    EXPECT_EQ(actual.ema, finished.ema);
    EXPECT_EQ(actual.momentum, finished.momentum);
    EXPECT_EQ(actual.penalty, finished.penalty);
  }
}

}  // namespace
}  // namespace gan
