// A fully connected network on a device: its arenas, its forward and its backward pass.
#pragma once
#include <vector>

#include "host/model/backend.h"
#include "host/model/network_shape.h"

namespace gan {

// A range of rows of a batch.
struct Rows {
  int first, count;
};

// What a backward pass is for: an update of the network, or of what lies in front of it.
enum class Backward { parameters, input };

template <Backend B>
class Network {
 public:
  using Real = typename B::Real;
  template <class U>
  using Array = typename B::template Array<U>;

  // Room for batches of up to max_rows rows; parameters, moments and gradients are zero.
  Network(const B& backend, NetworkShape network_shape, int max_rows);

  const NetworkShape shape;
  Array<Real> parameters, gradients, moment1, moment2;  // arenas

  // Draws weights and biases from U(±1/√in), the initialisation of PyTorch's nn.Linear.
  void initialise(const B& ops, RandomSource source);

  // y = network(x) for some rows.  x: (max_rows, inputs), y: (max_rows, outputs).
  void forward(const B& ops, const Real* x, Real* y, Rows rows) {
    forward(ops, parameters.get(), x, y, rows);
  }
  // The same with the parameters of another arena.
  void forward(const B& ops, const Real* arena, const Real* x, Real* y, Rows rows);

  // From dy, the gradient of the loss with respect to y, which it overwrites; x and y as in the
  // forward pass. Backward::parameters fills `gradients` (dx is not used), Backward::input fills
  // dx: (max_rows, inputs).
  void backward(const B& ops, const Real* x, const Real* y, Real* dy, Real* dx, Rows rows,
                Backward what);

  void update(const B& ops, AdamSettings settings, const Clock* clock) {
    ops.adam(parameters.get(), moment1.get(), moment2.get(), gradients.get(), shape.arena, settings,
             clock);
  }

 private:
  std::vector<Array<Real>>
      activations_;                  // [l]: (max_rows, layers[l].out), the hidden layers' outputs
  std::vector<Array<Real>> deltas_;  // [l]: the gradient with respect to activations_[l]
};

template <Backend B>
Network<B>::Network(const B& backend, NetworkShape network_shape, int max_rows)
    : shape(std::move(network_shape)),
      parameters(zeroed<B, Real>(backend, shape.arena)),
      gradients(zeroed<B, Real>(backend, shape.arena)),
      moment1(zeroed<B, Real>(backend, shape.arena)),
      moment2(zeroed<B, Real>(backend, shape.arena)) {
  for (std::size_t l = 0; l + 1 < shape.layers.size(); ++l) {
    const std::size_t n =
        static_cast<std::size_t>(max_rows) * static_cast<std::size_t>(shape.layers[l].out);
    activations_.push_back(backend.template allocate<Real>(n));
    deltas_.push_back(backend.template allocate<Real>(n));
  }
}

template <Backend B>
void Network<B>::initialise(const B& ops, RandomSource source) {
  std::uint64_t draw = 0;
  for (const Layer& layer : shape.layers) {
    const Real bound = static_cast<Real>(1 / std::sqrt(layer.in));
    const std::size_t weights =
        static_cast<std::size_t>(layer.out) * static_cast<std::size_t>(layer.in);
    ops.uniform(parameters.get() + layer.weight, weights, bound, source, draw++);
    ops.uniform(parameters.get() + layer.bias, static_cast<std::size_t>(layer.out), bound, source,
                draw++);
  }
}

// The rows of a (max_rows, width) matrix from `first` on.
template <class T>
T* rows_from(T* matrix, int first, int width) {
  return matrix + static_cast<std::size_t>(first) * static_cast<std::size_t>(width);
}

template <Backend B>
void activate(const B& ops, Activation activation, typename B::Real* y, std::size_t n) {
  switch (activation) {
    case Activation::relu:
      return ops.relu(y, y, n);
    case Activation::sigmoid:
      return ops.sigmoid(y, y, n);
    case Activation::none:
      return;
  }
}

template <Backend B>
void activate_gradient(const B& ops, Activation activation, typename B::Real* dy,
                       const typename B::Real* y, std::size_t n) {
  switch (activation) {
    case Activation::relu:
      return ops.relu_gradient(dy, dy, y, n);
    case Activation::sigmoid:
      return ops.sigmoid_gradient(dy, dy, y, n);
    case Activation::none:
      return;
  }
}

template <Backend B>
void Network<B>::forward(const B& ops, const Real* arena, const Real* x, Real* y, Rows rows) {
  for (std::size_t l = 0; l < shape.layers.size(); ++l) {
    const Layer& layer = shape.layers[l];
    Real* const out = l + 1 < shape.layers.size() ? activations_[l].get() : y;
    Real* const to = rows_from(out, rows.first, layer.out);
    ops.gemm(to, Transpose::no, rows_from(x, rows.first, layer.in), Transpose::yes,
             arena + layer.weight, rows.count, layer.out, layer.in);
    ops.bias_add(to, arena + layer.bias, rows.count, layer.out);
    activate(ops, layer.activation, to,
             static_cast<std::size_t>(rows.count) * static_cast<std::size_t>(layer.out));
    x = out;
  }
}

template <Backend B>
void Network<B>::backward(const B& ops, const Real* x, const Real* y, Real* dy, Real* dx, Rows rows,
                          Backward what) {
  for (std::size_t l = shape.layers.size(); l-- > 0;) {
    const Layer& layer = shape.layers[l];
    const Real* const in = rows_from(l > 0 ? activations_[l - 1].get() : x, rows.first, layer.in);
    Real* const delta =
        rows_from(dy, rows.first, layer.out);  // (rows, out), becomes dz: before the activation
    activate_gradient(ops, layer.activation, delta, rows_from(y, rows.first, layer.out),
                      static_cast<std::size_t>(rows.count) * static_cast<std::size_t>(layer.out));
    if (what == Backward::parameters) {
      ops.gemm(gradients.get() + layer.weight, Transpose::yes, delta, Transpose::no, in, layer.out,
               layer.in, rows.count);
      ops.bias_gradient(gradients.get() + layer.bias, delta, rows.count, layer.out);
      if (l == 0) return;
    }
    Real* const below = l > 0 ? deltas_[l - 1].get() : dx;  // (max_rows, in)
    ops.gemm(rows_from(below, rows.first, layer.in), Transpose::no, delta, Transpose::no,
             parameters.get() + layer.weight, rows.count, layer.in, layer.out);
    y = l > 0 ? activations_[l - 1].get() : nullptr;
    dy = below;
  }
}

}  // namespace gan
