// The forward pass of a evaluator's network, once for every backend.
#pragma once
#include <algorithm>
#include <span>

#include "host/eval/matrix.h"
#include "host/model/network.h"

namespace gan::eval {

// What Products::forward is.
template <model::Backend B>
Matrix network_forward(const B& backend, const model::NetworkShape& shape,
                       std::span<const float> arena, MatrixView x) {
  constexpr int kRows = 1000;  // at a time
  const auto rows = [&](int width) {
    return static_cast<std::size_t>(kRows) * static_cast<std::size_t>(width);
  };
  model::Network<B> network(backend, shape, kRows);
  backend.upload(network.parameters.get(), arena.data(), shape.arena);
  const auto in = backend.template allocate<float>(rows(shape.inputs()));
  const auto out = backend.template allocate<float>(rows(shape.outputs()));
  Matrix y(x.rows, shape.outputs());
  for (int first = 0; first < x.rows; first += kRows) {
    const MatrixView some = x.slice(first, kRows);
    backend.upload(in.get(), some.values, some.size());
    network.forward(backend, in.get(), out.get(), {0, some.rows});
    backend.download(y.row(first), out.get(), y.view().slice(first, kRows).size());
  }
  return y;
}

}  // namespace gan::eval
