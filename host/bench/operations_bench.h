// Google Benchmarks of every operation of kernels/ops.h on a backend, at the shapes of the
// published networks and their batch of 128.
#pragma once
#include <benchmark/benchmark.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "host/bench/step_work.h"
#include "host/model/backend.h"

namespace gan::bench {

// The benchmarks of one backend.  Lives until they have run.
template <model::Backend B>
class OperationsBench {
 public:
  // `name` stands before those of the operations; `arguments` construct the backend.
  template <class... Arguments>
  explicit OperationsBench(std::string name, Arguments&&... arguments)
      : ops_(std::forward<Arguments>(arguments)...), name_(std::move(name)) {
    for (auto* const arrays : {&in_, &out_})
      for (auto& array : *arrays) array = ops_.template allocate<Real>(kValues);
    for (auto& array : in_) ops_.uniform(array.get(), kValues, 1, {}, 0);
    const Clock start = clock_at(0, {});
    ops_.upload(clock_.get(), &start, 1);
  }

  void add_all() {
    add_products();
    add_layers();
    add_maxout();
    add_classes();
    add_losses();
    add_penalties();
    add_updates();
    add_draws();
  }

  // The matrix products: forward, of the weights' gradients and of the inputs'.
  void add_products();

 private:
  using Real = typename B::Real;

  // A floating-point operation is one of the contract's formulas, a root or an exponential one as
  // well; bytes are every value read and every value written, once.
  using Work = StepWork;

  void add_layers();
  void add_maxout();
  void add_classes();
  void add_losses();
  void add_penalties();
  void add_updates();
  void add_draws();

  // Whose labels are some of the zeros that the pixels are.
  ImageSet images_of_training() const {
    return {bytes_.get(), order_.get(), kImages, spec_.data.pixels(), bytes_.get()};
  }

  template <class Call>
  void add(const std::string& operation, Work work, Call call);
  void add_product(const std::string& of, Transpose op_a, Transpose op_b, int M, int N, int K);

  const Real* in(std::size_t i) const { return in_[i].get(); }  // uniform in (-1, 1)
  Real* out(std::size_t i) const { return out_[i].get(); }      // zeros at the start of each

  static constexpr double kReal = sizeof(Real);
  static constexpr int kImages = 60'000;
  static constexpr std::size_t kValues = 1 << 19;  // more than any operand has

  B ops_;
  std::string name_;
  run::RunSpec spec_ = [] {
    run::RunSpec spec;
    spec.data = {"", kImages, 28, 28, 0};
    return spec;
  }();
  const model::NetworkShape G_ = spec_.generator(), D_ = spec_.discriminator();
  const int rows_ = spec_.batch;
  typename B::template Array<Real> in_[4], out_[4];
  typename B::template Array<Clock> clock_ = ops_.template allocate<Clock>(1);
  typename B::template Array<StepLosses<Real>> ring_ = model::zeroed<B, StepLosses<Real>>(ops_, 2);
  typename B::template Array<std::uint8_t> bytes_ = model::zeroed<B, std::uint8_t>(
      ops_, static_cast<std::size_t>(kImages) * static_cast<std::size_t>(spec_.data.pixels()));
  typename B::template Array<std::uint8_t> classes_ =
      model::zeroed<B, std::uint8_t>(ops_, 3 * static_cast<std::size_t>(rows_));
  typename B::template Array<std::uint32_t> order_ = model::zeroed<B, std::uint32_t>(ops_, kImages);
  typename B::template Array<std::uint8_t> storage_ =
      model::zeroed<B, std::uint8_t>(ops_, ops_.permutation_storage(kImages));
};

template <model::Backend B>
template <class Call>
void OperationsBench<B>::add(const std::string& operation, Work work, Call call) {
  const auto run = [this, work, call](benchmark::State& state) {
    constexpr int kCalls = 16;  // of one timing: events cost a GPU some time of their own
    for (const auto& array : out_) ops_.zero(array.get(), kValues);
    call();  // cuBLAS and the CPU's threads begin with the first call
    while (state.KeepRunningBatch(kCalls))
      state.SetIterationTime(ops_.seconds([&] {
        for (int i = 0; i < kCalls; ++i) call();
      }));
    const auto rate = [&](double each) {
      return benchmark::Counter(each * static_cast<double>(state.iterations()),
                                benchmark::Counter::kIsRate);
    };
    state.counters["flop"] = work.flops;
    state.counters["bytes"] = work.bytes;
    state.counters["flop/s"] = rate(work.flops);
    state.counters["bytes/s"] = rate(work.bytes);
  };
  benchmark::RegisterBenchmark((name_ + "/" + operation).c_str(), run)
      ->UseManualTime()
      ->Unit(benchmark::kMicrosecond);
}

inline double product_of(int a, int b) {
  return static_cast<double>(a) * b;
}

template <model::Backend B>
void OperationsBench<B>::add_product(const std::string& of, Transpose op_a, Transpose op_b, int M,
                                     int N, int K) {
  const double bytes = kReal * (product_of(M, K) + product_of(K, N) + product_of(M, N));
  add("gemm/" + of, {2 * product_of(M, N) * K, bytes},
      [=, this] { ops_.gemm(out(0), op_a, in(0), op_b, in(1), M, N, K); });
}

template <model::Backend B>
void OperationsBench<B>::add_products() {
  for (const auto& [network, shape] : {std::pair{"G", &G_}, {"D", &D_}})
    for (std::size_t l = 0; l < shape->layers.size(); ++l) {
      const model::Layer& layer = shape->layers[l];
      const std::string name = network + std::to_string(l + 1) + "_";
      add_product(name + "forward", Transpose::no, Transpose::yes, 2 * rows_, layer.out, layer.in);
      add_product(name + "weights", Transpose::yes, Transpose::no, layer.out, layer.in, rows_);
      add_product(name + "inputs", Transpose::no, Transpose::no, rows_, layer.in, layer.out);
    }
}

template <model::Backend B>
void OperationsBench<B>::add_layers() {
  const int rows = 2 * rows_, N = D_.layers.front().out;
  for (const int width : {G_.outputs(), N}) {
    const std::string shape = "/" + std::to_string(rows) + "x" + std::to_string(width);
    const double values = product_of(rows, width);
    const std::size_t n = static_cast<std::size_t>(rows) * static_cast<std::size_t>(width);
    add("bias_add" + shape, {values, kReal * (2 * values + width)},
        [=, this] { ops_.bias_add(out(0), in(0), rows, width); });
    add("bias_gradient" + shape, {values, kReal * (values + width)},
        [=, this] { ops_.bias_gradient(out(0), in(0), rows, width); });
    add("bias_relu" + shape, {2 * values, kReal * (2 * values + width)},
        [=, this] { ops_.bias_relu(out(0), in(0), rows, width, 0); });
    add("relu_gradient" + shape, {values, kReal * 3 * values},
        [=, this] { ops_.relu_gradient(out(0), in(0), in(1), n, 0); });
    add("bias_sigmoid" + shape, {5 * values, kReal * (2 * values + width)},
        [=, this] { ops_.bias_sigmoid(out(0), in(0), rows, width); });
    add("sigmoid_gradient" + shape, {3 * values, kReal * 3 * values},
        [=, this] { ops_.sigmoid_gradient(out(0), in(0), in(1), n); });
    add("dropout" + shape, {values, kReal * 2 * values}, [=, this] {
      ops_.dropout(out(0), in(0), n, Real{0.3f}, {1, RandomStream::dropout}, clock_.get(), 0);
    });
  }
}

template <model::Backend B>
void OperationsBench<B>::add_losses() {
  const double rows = rows_;
  add("bce", {13 * rows, kReal * 2 * rows},
      [this] { ops_.bce(out(0), out(1), out(2), in(0), {1}, rows_); });
  add("bce_gradient", {3 * rows, kReal * 2 * rows},
      [this] { ops_.bce_gradient(out(0), in(0), {1}, rows_); });
  add("pair_bce", {12 * rows, kReal * 3 * rows},
      [this] { ops_.pair_bce(out(0), out(1), out(2), in(0), in(1), rows_); });
  add("pair_bce_gradient", {3 * rows, kReal * 3 * rows},
      [this] { ops_.pair_bce_gradient(out(0), out(1), in(0), rows_); });
  add("score", {4 * rows, kReal * rows}, [this] {
    ops_.score(out(0), out(1), in(0), {Score::squared, 1}, rows_);
  });
  add("score_gradient", {2 * rows, kReal * 2 * rows}, [this] {
    ops_.score_gradient(out(0), in(0), {Score::squared, 1}, rows_);
  });
  add("fill", {0, kReal * rows}, [this] { ops_.fill(out(0), 1, static_cast<std::size_t>(rows_)); });
  add("sum_parts",
      {8.0 * static_cast<double>(D_.arena), kReal * 9.0 * static_cast<double>(D_.arena)},
      [this] { ops_.sum_parts(out(0), in(0), 1, D_.arena, 8, D_.arena); });
  add("dot", {2 * rows, kReal * 2 * rows}, [this] { ops_.dot(out(0), in(0), in(1), 1, rows_); });
}

template <model::Backend B>
void OperationsBench<B>::add_penalties() {
  const int pixels = spec_.data.pixels();
  const double values = product_of(rows_, pixels);
  const std::size_t rows = static_cast<std::size_t>(rows_);
  add("interpolate", {4 * values, kReal * 3 * values}, [=, this] {
    ops_.interpolate(out(0), in(0), in(1), rows_, pixels, {1, RandomStream::interpolation},
                     clock_.get());
  });
  add("penalty_scale", {0, kReal * static_cast<double>(rows)},
      [=, this] { ops_.penalty_scale(out(0), 0.3, rows, clock_.get()); });
  add("penalise_norms", {3 * values, kReal * 3 * values},
      [=, this] { ops_.penalise_norms(out(0), out(1), 10, rows_, pixels, clock_.get()); });
}

// D's layers as they are in the paper: 240 units of 5 pieces.
template <model::Backend B>
void OperationsBench<B>::add_maxout() {
  constexpr int kUnits = 240, kPieces = 5;
  const int rows = 2 * rows_;
  const double units = product_of(rows, kUnits), values = kPieces * units;
  add("bias_maxout", {2 * values, kReal * (2 * values + units)},
      [=, this] { ops_.bias_maxout(out(0), out(1), in(0), rows, kUnits, kPieces); });
  add("maxout_gradient", {values, kReal * (2 * values + units)},
      [=, this] { ops_.maxout_gradient(out(0), in(0), in(1), rows, kUnits, kPieces); });
  add("maxout_select", {values, kReal * (values + 2 * units)},
      [=, this] { ops_.maxout_select(out(0), in(0), in(1), rows, kUnits, kPieces); });
}

// The rows of ten classes, in the first layer of G.
template <model::Backend B>
void OperationsBench<B>::add_classes() {
  constexpr int kClasses = 10;
  const int rows = 2 * rows_, N = G_.layers.front().out;
  const double values = product_of(rows, N), embedding = product_of(kClasses, N);
  add("gather_labels", {0, 3.0 * rows_}, [=, this] {
    ops_.gather_labels(classes_.get(), images_of_training(), clock_.get(), rows_, rows_, 3);
  });
  add("add_embedding", {values, kReal * 3 * values},
      [=, this] { ops_.add_embedding(out(0), in(0), classes_.get(), rows, N); });
  add("embedding_gradient", {values, kReal * (values + embedding)},
      [=, this] { ops_.embedding_gradient(out(0), in(0), classes_.get(), rows, N, kClasses); });
}

template <model::Backend B>
void OperationsBench<B>::add_updates() {
  for (const auto& [network, shape] : {std::pair{"G", &G_}, {"D", &D_}}) {
    const std::size_t n = shape->arena;
    const double values = static_cast<double>(n);
    add(std::string("adam/") + network, {13 * values, kReal * 7 * values},
        [=, this] { ops_.adam(out(0), out(1), out(2), in(0), n, AdamSettings{}, clock_.get()); });
  }
  const double values = static_cast<double>(G_.arena);
  add("sgd/G", {4 * values, kReal * 5 * values},
      [this] { ops_.sgd(out(0), out(1), in(0), G_.arena, 0.1, clock_.get()); });
  add("clip/D", {2 * static_cast<double>(D_.arena), kReal * 2 * static_cast<double>(D_.arena)},
      [this] { ops_.clip(out(0), Real{0.01f}, D_.arena); });
  add("ema/G", {3 * values, kReal * 3 * values},
      [this] { ops_.ema(out(0), in(0), G_.arena, clock_.get()); });
  add("advance", {0, 2 * sizeof(Clock)}, [this] { ops_.advance(clock_.get(), ClockSettings{}); });
  add("finish_step", {0, 2 * sizeof(StepLosses<Real>) + 2 * sizeof(Clock)},
      [this] { ops_.finish_step(ring_.get(), 1, ring_.get() + 1, clock_.get(), ClockSettings{}); });
}

template <model::Backend B>
void OperationsBench<B>::add_draws() {
  const int pixels = spec_.data.pixels();
  const double values = product_of(rows_, pixels);
  add("gather", {values, (kReal + 1) * values},
      [=, this] { ops_.gather(out(0), images_of_training(), clock_.get(), rows_, rows_); });
  const std::size_t z =
      2 * static_cast<std::size_t>(rows_) * static_cast<std::size_t>(spec_.latent);
  add("normal", {0, kReal * static_cast<double>(z)}, [=, this] {
    ops_.normal(out(0), z, {1, RandomStream::latent}, clock_.get());
  });
  add("uniform_noise", {0, kReal * static_cast<double>(z)}, [=, this] {
    ops_.uniform_noise(out(0), z, Real{1.7f}, {1, RandomStream::latent}, clock_.get());
  });
  const std::size_t weights = G_.layers.back().bias - G_.layers.back().weight;
  add("uniform", {0, kReal * static_cast<double>(weights)}, [=, this] {
    ops_.uniform(out(0), weights, Real{0.1f}, {1, RandomStream::generator_weights}, 0);
  });
  // A key of 8 bytes each is written and read.
  add("permutation", {0, (2 * 8.0 + 4) * kImages}, [this] {
    ops_.permutation(order_.get(), storage_.get(), kImages, {1, RandomStream::batch_order}, 0);
  });
}

}  // namespace gan::bench
