// A fully connected network on a device: its arenas, its forward and its backward pass.
#pragma once
#include <cstdint>
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

// Dropout of the input and after every hidden layer.  The masks depend on the step, the layer and
// the row alone.
struct Dropout {
  double rate = 0;        // the share of a hidden layer's values that is dropped; 0: no dropout
  double input_rate = 0;  // the same of the input
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

  // Drops out in every pass from now on.
  void set_dropout(const B& backend, Dropout of_every_pass);
  // From now on the masks are those of this shard of a batch.
  void take_masks_of(int shard) { shard_ = shard; }

  // A conditional network takes row r for one of class classes[r] in every pass from now on.
  // classes: (max_rows), on the device.
  void set_classes(const std::uint8_t* of_every_pass) { classes_ = of_every_pass; }

  // Draws weights and biases from U(±1/√in), the initialisation of PyTorch's nn.Linear; or weights
  // from U(±range) if a range is given, with biases of 0.  An embedding is drawn like the first
  // layer's weights.
  void initialise(const B& ops, RandomSource source, double range = 0);

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
  // s: (max_rows, 1), is not changed; dx: (max_rows, inputs).
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
  // What a hidden layer computes.
  struct HiddenLayer {
    Array<Real> y, dy;  // (max_rows, out), its output and the gradient with respect to it
    Array<Real> z, dz;  // (max_rows, linear), the same of maxout's product; empty without maxout
  };

  bool is_hidden(std::size_t l) const { return l + 1 < shape.layers.size(); }
  bool is_maxout(std::size_t l) const { return shape.layers[l].activation == Activation::maxout; }
  // Where a layer's product goes and its gradient comes from: maxout has arrays of its own for
  // them, other activations work in place.
  Real* linear(std::size_t l, Real* y, Rows rows) const {
    return is_maxout(l) ? rows_from(hidden_[l].z.get(), rows.first, shape.layers[l].linear()) : y;
  }
  Real* linear_gradient(std::size_t l, Real* dy, Rows rows) const {
    return is_maxout(l) ? rows_from(hidden_[l].dz.get(), rows.first, shape.layers[l].linear()) : dy;
  }

  // Adds what the class of each row contributes to the first layer's product z.
  void add_classes(const B& ops, const Real* arena, Real* z, Rows rows) const {
    if (shape.classes > 0)
      ops.add_embedding(z, arena + shape.embedding, classes_ + rows.first, rows.count,
                        shape.layers.front().linear());
  }
  // y = f(z + bias) of a layer's product z for some rows.
  void activate(const B& ops, std::size_t l, Real* y, const Real* bias, Rows rows) const;
  // From the gradient dy after a layer's activation to linear_gradient().
  void pass_back(const B& ops, std::size_t l, Real* dy, const Real* y, Rows rows) const;
  // From a direction in linear_gradient() to what it becomes after the activation, in y.
  void pass_forward(const B& ops, std::size_t l, Real* y, Rows rows) const;

  // y after hidden layer l is dropped out, forward and backward alike.
  void drop_out(const B& ops, std::size_t l, Real* y, Rows rows) const;
  // The same of the input or its gradient: to = the values of `from` that are kept.
  void drop_input(const B& ops, Real* to, const Real* from, Rows rows) const;
  // The number of the first random word of the masks behind layer l.
  std::size_t first_word(std::size_t l) const;

  int max_rows_;
  Dropout dropout_;
  int shard_ = 0;
  const std::uint8_t* classes_ = nullptr;  // of the rows of a conditional network
  std::vector<HiddenLayer> hidden_;
  Array<Real> kept_input_;  // (max_rows, inputs) with dropout of the input, else empty
};

}  // namespace gan::model

#include "host/model/network_passes.h"
