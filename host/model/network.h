// A fully connected network on a device: its arenas, its forward and its backward pass.
#pragma once
#include <vector>

#include "host/model/backend.h"
#include "host/model/network_shape.h"

namespace gan::model {

// How the parameters follow their gradients.
enum class Optimiser {
  adam,
  rmsprop,  // Adam without a first moment and without corrections of the second one
  sgd,      // with momentum
};

// What a backward pass computes: the gradients of the parameters, or that of the input.
enum class Backward { parameters, input };

// Dropout after every hidden layer.  The masks depend on the step, the layer and the row alone.
struct Dropout {
  double rate = 0;  // the share of the values that is dropped; 0: no dropout
  RandomSource source = {};
  const Clock* clock = nullptr;  // on the device
};

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
  Dropout dropout;                                      // of every pass

  // Draws weights and biases from U(±1/√in), the initialisation of PyTorch's nn.Linear.
  void initialise(const B& ops, RandomSource source);

  // y = network(x) for some rows.  x: (max_rows, inputs), y: (max_rows, outputs).
  void forward(const B& ops, const Real* x, Real* y, Rows rows) {
    forward(ops, parameters.get(), x, y, rows);
  }
  // The same with the parameters of another arena.
  void forward(const B& ops, const Real* arena, const Real* x, Real* y, Rows rows);

  // Propagates dy, the gradient of the loss with respect to y, and overwrites it; x and y are those
  // of the forward pass.  Backward::parameters fills `gradients` (dx is not used), Backward::input
  // fills dx: (max_rows, inputs).
  void backward(const B& ops, const Real* x, const Real* y, Real* dy, Real* dx, Rows rows,
                Backward what);

  // For a network with one output y that is piecewise linear, the slopes ∂(sᵢ·yᵢ)/∂xᵢ of some rows,
  // with every ReLU and every dropout mask as the last forward pass left it.
  // s: (max_rows, 1), is overwritten with itself; dx: (max_rows, inputs).
  void slopes(const B& ops, Real* s, Real* dx, Rows rows) {
    // Nothing is after the last layer's linear output: y is not looked at.
    backward(ops, nullptr, s, s, dx, rows, Backward::input);
  }

  // After slopes(): adds to `gradients` those of Σᵢ vᵢ·∂(sᵢ·yᵢ)/∂xᵢ for directions v that are held
  // fixed.  The slope is the product of the weight matrices and the masks between them, so it takes
  // one more pass forward, along v, without biases.
  // v: (max_rows, inputs); directional: (max_rows, 1) becomes the derivative of y along v.
  void add_slope_gradients(const B& ops, const Real* s, const Real* v, Real* directional,
                           Rows rows);

  // The optimiser's step, and that of the parameters' moving average if there is one.
  void update(const B& ops, Optimiser optimiser, AdamSettings settings, const Clock* clock,
              Real* average = nullptr) {
    if (optimiser == Optimiser::sgd)
      ops.sgd(parameters.get(), moment1.get(), gradients.get(), shape.arena, settings.rate, clock,
              average);
    else
      ops.adam(parameters.get(), moment1.get(), moment2.get(), gradients.get(), shape.arena,
               settings, clock, average);
  }

 private:
  // y after hidden layer l is dropped out, forward and backward alike.
  void drop_out(const B& ops, std::size_t l, Real* y, Rows rows) const;
  // From the gradient after a layer's activation to that before it, in place.
  void pass_activation(const B& ops, std::size_t l, Real* dy, const Real* y, Rows rows) const;

  int max_rows_;
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
      moment2(zeroed<B, Real>(backend, shape.arena)),
      max_rows_(max_rows) {
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

// y = activation(y + bias) for some rows of a layer's product.
template <Backend B>
void activate(const B& ops, const Layer& layer, typename B::Real* y, const typename B::Real* bias,
              int rows) {
  switch (layer.activation) {
    case Activation::relu:
      return ops.bias_relu(y, bias, rows, layer.out, static_cast<typename B::Real>(layer.slope));
    case Activation::sigmoid:
      return ops.bias_sigmoid(y, bias, rows, layer.out);
    case Activation::none:
      return ops.bias_add(y, bias, rows, layer.out);
  }
}

template <Backend B>
void activate_gradient(const B& ops, const Layer& layer, typename B::Real* dy,
                       const typename B::Real* y, std::size_t n) {
  switch (layer.activation) {
    case Activation::relu:
      return ops.relu_gradient(dy, dy, y, n, static_cast<typename B::Real>(layer.slope));
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
    activate(ops, layer, to, arena + layer.bias, rows.count);
    drop_out(ops, l, to, rows);
    x = out;
  }
}

template <Backend B>
void Network<B>::backward(const B& ops, const Real* x, const Real* y, Real* dy, Real* dx, Rows rows,
                          Backward what) {
  for (std::size_t l = shape.layers.size(); l-- > 0;) {
    const Layer& layer = shape.layers[l];
    Real* const delta =
        rows_from(dy, rows.first, layer.out);  // (rows, out), becomes dz: before the activation
    pass_activation(ops, l, delta, rows_from(y, rows.first, layer.out), rows);
    if (what == Backward::parameters) {
      const Real* const in = rows_from(l > 0 ? activations_[l - 1].get() : x, rows.first, layer.in);
      const auto weight_gradient = [&](const auto& on) {
        on.gemm(gradients.get() + layer.weight, Transpose::yes, delta, Transpose::no, in, layer.out,
                layer.in, rows.count);
      };
      // The layers below do not wait for a weight gradient, so it may run beside them.  Below the
      // first layer there is nothing to run beside.
      ops.fork([&](const auto& side) {
        side.bias_gradient(gradients.get() + layer.bias, delta, rows.count, layer.out);
        if (l > 0) weight_gradient(side);
      });
      if (l == 0) {
        weight_gradient(ops);
        return ops.join();
      }
    }
    Real* const below = l > 0 ? deltas_[l - 1].get() : dx;  // (max_rows, in)
    ops.gemm(rows_from(below, rows.first, layer.in), Transpose::no, delta, Transpose::no,
             parameters.get() + layer.weight, rows.count, layer.in, layer.out);
    y = l > 0 ? activations_[l - 1].get() : nullptr;
    dy = below;
  }
}

template <Backend B>
void Network<B>::add_slope_gradients(const B& ops, const Real* s, const Real* v, Real* directional,
                                     Rows rows) {
  // deltas_ hold δₗ.  Along v, layer l gains bₗ = (bₗ₋₁·wₗᵀ) through its mask, b₀ = v, and the
  // gradient of wₗ is δₗᵀ·bₗ₋₁; bₗ takes the place of δₗ, which is not needed any more.
  const Real* b = rows_from(v, rows.first, shape.inputs());
  for (std::size_t l = 0; l < shape.layers.size(); ++l) {
    const Layer& layer = shape.layers[l];
    const bool hidden = l + 1 < shape.layers.size();
    const Real* const delta = rows_from(hidden ? deltas_[l].get() : s, rows.first, layer.out);
    ops.gemm(gradients.get() + layer.weight, Transpose::yes, delta, Transpose::no, b, layer.out,
             layer.in, rows.count, Into::add);
    Real* const gain = rows_from(hidden ? deltas_[l].get() : directional, rows.first, layer.out);
    ops.gemm(gain, Transpose::no, b, Transpose::yes, parameters.get() + layer.weight, rows.count,
             layer.out, layer.in);
    if (hidden)
      pass_activation(ops, l, gain, rows_from(activations_[l].get(), rows.first, layer.out), rows);
    b = gain;
  }
}

template <Backend B>
void Network<B>::drop_out(const B& ops, std::size_t l, Real* y, Rows rows) const {
  if (dropout.rate == 0 || l + 1 == shape.layers.size()) return;
  const auto words = [](int row, int width) {
    return static_cast<std::size_t>(row) * static_cast<std::size_t>(width);
  };
  std::size_t first = words(rows.first, shape.layers[l].out);
  for (std::size_t before = 0; before < l; ++before)
    first += words(max_rows_, shape.layers[before].out);
  ops.dropout(y, y, area(rows, shape.layers[l].out), static_cast<Real>(dropout.rate),
              dropout.source, dropout.clock, first);
}

// Where y was dropped it is 0, and so is dy: which slope the activation takes for y = 0 does not
// matter.
template <Backend B>
void Network<B>::pass_activation(const B& ops, std::size_t l, Real* dy, const Real* y,
                                 Rows rows) const {
  drop_out(ops, l, dy, rows);
  activate_gradient(ops, shape.layers[l], dy, y, area(rows, shape.layers[l].out));
}

}  // namespace gan::model
