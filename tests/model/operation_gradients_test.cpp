// Every operation's backward against central differences of its forward.
#include <gtest/gtest.h>

#include "host/model/cpu_backend.h"
#include "tests/model/gradient_check.h"

namespace gan::model {
namespace {

using Values = std::vector<double>;

const CpuBackend<double> ops;

// The formula's numbers, none closer to 0 than any kink may be.
Values numbers(std::uint64_t series, std::size_t n) {
  Values x(n);
  for (std::size_t i = 0; i < n; ++i) {
    x[i] = formula(series, i);
    x[i] += std::copysign(0.01, x[i]);
  }
  return x;
}

double dot(const Values& a, const Values& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}

TEST(OperationGradients, Relu) {
  for (const double slope : {0.0, 0.2}) {
    Values x = numbers(1, 33), y, dx(33);
    const Values dy = numbers(2, 33), b(11);
    const auto loss = [&] {
      y = x;
      ops.bias_relu(y.data(), b.data(), 3, 11, slope);
      return dot(dy, y);
    };
    loss();
    ops.relu_gradient(dx.data(), dy.data(), y.data(), x.size(), slope);
    expect_gradient(dx, central_differences(x.data(), x.size(), loss));
  }
}

TEST(OperationGradients, Embedding) {
  constexpr int B = 7, N = 5, kClasses = 4;  // no row is of class 2
  const std::vector<std::uint8_t> classes = {1, 3, 0, 1, 1, 0, 3};
  Values e = numbers(1, kClasses * N), de(e.size());
  const Values x = numbers(2, B * N), dy = numbers(3, B * N);
  const auto loss = [&] {
    Values y = x;
    ops.add_embedding(y.data(), e.data(), classes.data(), B, N);
    return dot(dy, y);
  };
  ops.embedding_gradient(de.data(), dy.data(), classes.data(), B, N, kClasses);
  expect_gradient(de, central_differences(e.data(), e.size(), loss));
}

TEST(OperationGradients, Maxout) {
  constexpr int B = 3, N = 11, kPieces = 4;
  Values z = numbers(1, B * N * kPieces), y(B * N), dz(z.size());
  const Values dy = numbers(2, B * N);
  Values b = numbers(3, N * kPieces);
  const auto loss = [&] {
    Values sum = z;
    ops.bias_maxout(y.data(), sum.data(), b.data(), B, N, kPieces);
    return dot(dy, y);
  };
  Values sum = z;
  ops.bias_maxout(y.data(), sum.data(), b.data(), B, N, kPieces);
  ops.maxout_gradient(dz.data(), dy.data(), sum.data(), B, N, kPieces);
  expect_gradient(dz, central_differences(z.data(), z.size(), loss));
  Values db(b.size());
  ops.bias_gradient(db.data(), dz.data(), B, N * kPieces);
  expect_gradient(db, central_differences(b.data(), b.size(), loss));
}

TEST(OperationGradients, Dropout) {
  constexpr RandomSource kSource{4, RandomStream::dropout};
  const Clock clock{2, 0, 0, 0};
  Values x = numbers(1, 33), y(33), dx(33);
  const Values dy = numbers(2, 33);
  const auto loss = [&] {
    ops.dropout(y.data(), x.data(), x.size(), 0.4, kSource, &clock, 6);
    return dot(dy, y);
  };
  ops.dropout(dx.data(), dy.data(), dy.size(), 0.4, kSource, &clock, 6);
  expect_gradient(dx, central_differences(x.data(), x.size(), loss));
}

TEST(OperationGradients, Sigmoid) {
  Values x = numbers(1, 33), y, dx(33);
  for (double& value : x) value *= 4;
  const Values dy = numbers(2, 33), b(11);
  const auto loss = [&] {
    y = x;
    ops.bias_sigmoid(y.data(), b.data(), 3, 11);
    return dot(dy, y);
  };
  loss();
  ops.sigmoid_gradient(dx.data(), dy.data(), y.data(), x.size());
  expect_gradient(dx, central_differences(x.data(), x.size(), loss));
}

TEST(OperationGradients, Bias) {
  constexpr int B = 3, N = 11;
  const Values x = numbers(1, B * N), dy = numbers(2, B * N);
  Values b = numbers(3, N), db(N);
  const auto loss = [&] {
    Values y = x;
    ops.bias_add(y.data(), b.data(), B, N);
    return dot(dy, y);
  };
  ops.bias_gradient(db.data(), dy.data(), B, N);
  expect_gradient(db, central_differences(b.data(), N, loss));
}

TEST(OperationGradients, BinaryCrossEntropy) {
  for (const BceTarget<double> target : {BceTarget<double>{0}, {1}, {0.9}, {0, -1}, {0.9, 0.5}}) {
    Values z = numbers(1, 13), p(13), dz(13);
    for (double& value : z) value *= 5;
    double loss = 0, mean_p = 0;
    const auto bce = [&] {
      ops.bce(&loss, &mean_p, p.data(), z.data(), target, 13);
      return loss;
    };
    bce();
    ops.bce_gradient(dz.data(), p.data(), target, 13);
    expect_gradient(dz, central_differences(z.data(), 13, bce));
  }
}

TEST(OperationGradients, Score) {
  using Target = ScoreTarget<double>;
  for (const Target target : {Target{Score::squared, 1},
                              {Score::squared, 0.9},
                              {Score::hinge, 1},
                              {Score::hinge, -1},
                              {Score::linear, -1}}) {
    Values z = numbers(1, 13), dz(13);
    for (double& value : z) value *= 5;
    double loss = 0, mean_z = 0;
    const auto score = [&] {
      ops.score(&loss, &mean_z, z.data(), target, 13);
      return loss;
    };
    score();
    ops.score_gradient(dz.data(), z.data(), target, 13);
    expect_gradient(dz, central_differences(z.data(), 13, score));
  }
}

// dx becomes the gradient of Σe² in dx.
TEST(OperationGradients, NormsOfSlopes) {
  Values dx = numbers(1, 33), e(3);
  const Clock clock{1, 0, 0, 0, 0, 0.5};
  const auto penalty = [&] {
    Values v = dx;
    ops.penalise_norms(v.data(), e.data(), 3, 3, 11, &clock);
    return dot(e, e);
  };
  Values gradient = dx;
  ops.penalise_norms(gradient.data(), e.data(), 3, 3, 11, &clock);
  expect_gradient(gradient, central_differences(dx.data(), dx.size(), penalty));
}

TEST(OperationGradients, PairedBinaryCrossEntropy) {
  Values a = numbers(1, 13), b = numbers(2, 13), p(13), da(13), db(13);
  double loss = 0, mean_p = 0;
  const auto bce = [&] {
    ops.pair_bce(&loss, &mean_p, p.data(), a.data(), b.data(), 13);
    return loss;
  };
  bce();
  ops.pair_bce_gradient(da.data(), db.data(), p.data(), 13);
  expect_gradient(da, central_differences(a.data(), 13, bce));
  expect_gradient(db, central_differences(b.data(), 13, bce));
}

// The matrix products, in a network of which they are all but the activations: rows 2 … 4 of 6.
class NetworkGradients : public testing::TestWithParam<Activation> {
 protected:
  static constexpr Rows kRows{2, 3};
  static constexpr int kMaxRows = 6, kInputs = 5, kOutputs = 9;

  NetworkGradients() : network_(ops, {kInputs, {7, 6}, kOutputs, GetParam()}, kMaxRows) {
    const Values weights = formula_weights<double>(network_.shape, 0);
    ops.upload(network_.parameters.get(), weights.data(), weights.size());
  }

  double loss() {
    network_.forward(ops, x_.data(), y_.data(), kRows);
    return dot({rows_from(dy_.data(), 2, kOutputs), rows_from(dy_.data(), 5, kOutputs)},
               {rows_from(y_.data(), 2, kOutputs), rows_from(y_.data(), 5, kOutputs)});
  }

  // Backward overwrites the gradient that it is given.
  void backward(double* dx, Backward what) {
    loss();
    Values dy = dy_;
    network_.backward(ops, x_.data(), y_.data(), dy.data(), dx, kRows, what);
  }

  Network<CpuBackend<double>> network_;
  Values x_ = numbers(1, kMaxRows*kInputs), dy_ = numbers(2, kMaxRows*kOutputs);
  Values y_ = Values(kMaxRows * kOutputs, NAN);
};

TEST_P(NetworkGradients, OfTheParameters) {
  backward(nullptr, Backward::parameters);
  for (const NamedTensor& tensor : network_.shape.tensors()) {
    SCOPED_TRACE(tensor.name);
    const double* const gradient = network_.gradients.get() + tensor.offset;
    expect_gradient({gradient, gradient + tensor.size()},
                    central_differences(network_.parameters.get() + tensor.offset, tensor.size(),
                                        [this] { return loss(); }));
  }
}

TEST_P(NetworkGradients, OfTheInput) {
  Values dx(kMaxRows * kInputs, NAN);
  backward(dx.data(), Backward::input);
  expect_gradient({rows_from(dx.data(), 2, kInputs), rows_from(dx.data(), 5, kInputs)},
                  central_differences(rows_from(x_.data(), 2, kInputs), 3 * kInputs,
                                      [this] { return loss(); }));
}

TEST_P(NetworkGradients, StayInTheirRows) {
  Values dx(kMaxRows * kInputs, NAN);
  backward(dx.data(), Backward::input);
  for (int row = 0; row < kMaxRows; ++row) {
    const bool inside = row >= kRows.first && row < kRows.first + kRows.count;
    EXPECT_EQ(std::isnan(*rows_from(y_.data(), row, kOutputs)), !inside) << row;
    EXPECT_EQ(std::isnan(*rows_from(dx.data(), row, kInputs)), !inside) << row;
  }
}

TEST_P(NetworkGradients, OfTheInputLeaveThoseOfTheParametersAlone) {
  const Values before(network_.shape.arena, 7);
  ops.upload(network_.gradients.get(), before.data(), before.size());
  Values dx(kMaxRows * kInputs);
  backward(dx.data(), Backward::input);
  EXPECT_EQ(downloaded(ops, network_.gradients.get(), network_.shape.arena), before);
}

INSTANTIATE_TEST_SUITE_P(LastActivation, NetworkGradients,
                         testing::Values(Activation::sigmoid, Activation::none));

}  // namespace
}  // namespace gan::model
