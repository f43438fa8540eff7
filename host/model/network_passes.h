// The definitions of network.h: how a network is made, and its passes.
#pragma once
#include <cmath>
#include <utility>

#include "host/model/network.h"

namespace gan::model {

template <Backend B>
Network<B>::Network(const B& backend, NetworkShape network_shape, int max_rows)
    : shape(std::move(network_shape)),
      parameters(zeroed<B, Real>(backend, shape.arena)),
      gradients(zeroed<B, Real>(backend, shape.arena)),
      moment1(zeroed<B, Real>(backend, shape.arena)),
      moment2(zeroed<B, Real>(backend, shape.arena)),
      max_rows_(max_rows) {
  const auto allocate = [&](int width) {
    return backend.template allocate<Real>(area({0, max_rows}, width));
  };
  for (std::size_t l = 0; is_hidden(l); ++l) {
    const Layer& layer = shape.layers[l];
    HiddenLayer& hidden = hidden_.emplace_back();
    hidden.y = allocate(layer.out);
    hidden.dy = allocate(layer.out);
    if (!is_maxout(l)) continue;
    hidden.z = allocate(layer.linear());
    hidden.dz = allocate(layer.linear());
  }
}

template <Backend B>
void Network<B>::set_dropout(const B& backend, Dropout of_every_pass) {
  dropout_ = of_every_pass;
  if (dropout_.input_rate > 0)
    kept_input_ = backend.template allocate<Real>(area({0, max_rows_}, shape.inputs()));
}

template <Backend B>
void Network<B>::initialise(const B& ops, RandomSource source, double range) {
  std::uint64_t draw = 0;
  const auto bound_of = [range](const Layer& layer) {
    return static_cast<Real>(range > 0 ? range : 1 / std::sqrt(layer.in));
  };
  for (const Layer& layer : shape.layers) {
    const Real bound = bound_of(layer);
    const std::size_t biases = static_cast<std::size_t>(layer.linear());
    ops.uniform(parameters.get() + layer.weight, biases * static_cast<std::size_t>(layer.in), bound,
                source, draw++);
    if (range > 0)
      ops.fill(parameters.get() + layer.bias, 0, biases);
    else
      ops.uniform(parameters.get() + layer.bias, biases, bound, source, draw++);
  }
  if (shape.classes == 0) return;
  const Layer& first = shape.layers.front();
  ops.uniform(parameters.get() + shape.embedding, area({0, shape.classes}, first.linear()),
              bound_of(first), source, draw);
}

template <Backend B>
void Network<B>::activate(const B& ops, std::size_t l, Real* y, const Real* bias, Rows rows) const {
  const Layer& layer = shape.layers[l];
  switch (layer.activation) {
    case Activation::relu:
      return ops.bias_relu(y, bias, rows.count, layer.out, static_cast<Real>(layer.slope));
    case Activation::maxout:
      return ops.bias_maxout(y, linear(l, y, rows), bias, rows.count, layer.out, layer.pieces);
    case Activation::sigmoid:
      return ops.bias_sigmoid(y, bias, rows.count, layer.out);
    case Activation::none:
      return ops.bias_add(y, bias, rows.count, layer.out);
  }
}

// Where y was dropped it is 0, and so is dy: which slope ReLU takes for y = 0 does not matter.
template <Backend B>
void Network<B>::pass_back(const B& ops, std::size_t l, Real* dy, const Real* y, Rows rows) const {
  const Layer& layer = shape.layers[l];
  drop_out(ops, l, dy, rows);
  switch (layer.activation) {
    case Activation::relu:
      return ops.relu_gradient(dy, dy, y, area(rows, layer.out), static_cast<Real>(layer.slope));
    case Activation::maxout:
      return ops.maxout_gradient(linear_gradient(l, dy, rows), dy, linear(l, nullptr, rows),
                                 rows.count, layer.out, layer.pieces);
    case Activation::sigmoid:
      return ops.sigmoid_gradient(dy, dy, y, area(rows, layer.out));
    case Activation::none:
      return;
  }
}

template <Backend B>
void Network<B>::pass_forward(const B& ops, std::size_t l, Real* y, Rows rows) const {
  const Layer& layer = shape.layers[l];
  // ReLU and dropout are the same factors in both directions.
  if (!is_maxout(l))
    return pass_back(ops, l, y, rows_from(hidden_[l].y.get(), rows.first, layer.out), rows);
  ops.maxout_select(y, linear_gradient(l, y, rows), linear(l, nullptr, rows), rows.count, layer.out,
                    layer.pieces);
  drop_out(ops, l, y, rows);
}

template <Backend B>
void Network<B>::forward(const B& ops, const Real* arena, const Real* x, Real* y, Rows rows) {
  if (dropout_.input_rate > 0) {
    drop_input(ops, kept_input_.get(), x, rows);
    x = kept_input_.get();
  }
  for (std::size_t l = 0; l < shape.layers.size(); ++l) {
    const Layer& layer = shape.layers[l];
    Real* const out = is_hidden(l) ? hidden_[l].y.get() : y;
    Real* const to = rows_from(out, rows.first, layer.out);
    ops.gemm(linear(l, to, rows), Transpose::no, rows_from(x, rows.first, layer.in), Transpose::yes,
             arena + layer.weight, rows.count, layer.linear(), layer.in);
    if (l == 0) add_classes(ops, arena, linear(l, to, rows), rows);
    activate(ops, l, to, arena + layer.bias, rows);
    drop_out(ops, l, to, rows);
    x = out;
  }
}

template <Backend B>
void Network<B>::backward(const B& ops, const Real* x, const Real* y, Real* dy, Real* dx, Rows rows,
                          Backward what) {
  if (dropout_.input_rate > 0) x = kept_input_.get();
  for (std::size_t l = shape.layers.size(); l-- > 0;) {
    const Layer& layer = shape.layers[l];
    Real* const after = rows_from(dy, rows.first, layer.out);
    pass_back(ops, l, after, rows_from(y, rows.first, layer.out), rows);
    const Real* const delta = linear_gradient(l, after, rows);  // (rows, linear)
    if (what == Backward::parameters) {
      const Real* const in = rows_from(l > 0 ? hidden_[l - 1].y.get() : x, rows.first, layer.in);
      const auto weight_gradient = [&](const auto& on) {
        on.gemm(gradients.get() + layer.weight, Transpose::yes, delta, Transpose::no, in,
                layer.linear(), layer.in, rows.count);
      };
      // The layers below do not wait for a weight gradient, so it may run beside them.  Below the
      // first layer there is nothing to run beside.
      ops.fork([&](const auto& side) {
        side.bias_gradient(gradients.get() + layer.bias, delta, rows.count, layer.linear());
        if (l == 0 && shape.classes > 0)
          side.embedding_gradient(gradients.get() + shape.embedding, delta, classes_ + rows.first,
                                  rows.count, layer.linear(), shape.classes);
        if (l > 0) weight_gradient(side);
      });
      if (l == 0) {
        weight_gradient(ops);
        return ops.join();
      }
    }
    Real* const below = l > 0 ? hidden_[l - 1].dy.get() : dx;  // (max_rows, in)
    ops.gemm(rows_from(below, rows.first, layer.in), Transpose::no, delta, Transpose::no,
             parameters.get() + layer.weight, rows.count, layer.in, layer.linear());
    y = l > 0 ? hidden_[l - 1].y.get() : nullptr;
    dy = below;
  }
  if (dropout_.input_rate > 0) drop_input(ops, dx, dx, rows);
}

template <Backend B>
void Network<B>::add_slope_gradients(const B& ops, const Real* s, const Real* v, Real* directional,
                                     Rows rows) {
  if (dropout_.input_rate > 0) {
    drop_input(ops, kept_input_.get(), v, rows);  // no pass needs the input itself any more
    v = kept_input_.get();
  }
  // The layers hold the gradients δₗ of their products.  Along v, layer l gains bₗ = (bₗ₋₁·wₗᵀ)
  // through its activation, b₀ = v, and the gradient of wₗ is δₗᵀ·bₗ₋₁; bₗ takes the place of δₗ.
  const Real* b = rows_from(v, rows.first, shape.inputs());
  for (std::size_t l = 0; l < shape.layers.size(); ++l) {
    const Layer& layer = shape.layers[l];
    Real* const gain =
        rows_from(is_hidden(l) ? hidden_[l].dy.get() : directional, rows.first, layer.out);
    const Real* const delta =
        is_hidden(l) ? linear_gradient(l, gain, rows) : rows_from(s, rows.first, layer.out);
    ops.gemm(gradients.get() + layer.weight, Transpose::yes, delta, Transpose::no, b,
             layer.linear(), layer.in, rows.count, Into::add);
    ops.gemm(linear_gradient(l, gain, rows), Transpose::no, b, Transpose::yes,
             parameters.get() + layer.weight, rows.count, layer.linear(), layer.in);
    if (is_hidden(l)) pass_forward(ops, l, gain, rows);
    b = gain;
  }
}

template <Backend B>
std::size_t Network<B>::first_word(std::size_t l) const {
  std::size_t first = 0;
  for (std::size_t before = 0; before < l; ++before)
    first += area({0, max_rows_}, shape.layers[before].out);
  return first;
}

template <Backend B>
void Network<B>::drop_out(const B& ops, std::size_t l, Real* y, Rows rows) const {
  if (dropout_.rate == 0 || !is_hidden(l)) return;
  const int width = shape.layers[l].out;
  ops.dropout(y, y, area(rows, width), static_cast<Real>(dropout_.rate),
              of_part(dropout_.source, shard_), dropout_.clock,
              first_word(l) + area({0, rows.first}, width));
}

// The input's words come after those of the layers.
template <Backend B>
void Network<B>::drop_input(const B& ops, Real* to, const Real* from, Rows rows) const {
  const int width = shape.inputs();
  ops.dropout(rows_from(to, rows.first, width), rows_from(from, rows.first, width),
              area(rows, width), static_cast<Real>(dropout_.input_rate),
              of_part(dropout_.source, shard_), dropout_.clock,
              first_word(hidden_.size()) + area({0, rows.first}, width));
}

}  // namespace gan::model
