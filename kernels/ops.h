// The contract of every operation.  An Ops type is a set of these: CpuOps<double> is the reference,
// CpuOps<float> trains on a CPU, CudaOps on a GPU; tests/kernels/ compares each with the reference.
//
// Everywhere: matrices are row-major; Real is the floating type of Ops; pointers are to the memory
// of its device; outputs come first, inputs are const; arrays do not overlap unless "may alias"
// says so; a zero size is legal and does nothing. CudaOps enqueues on its stream and returns;
// CpuOps has finished when it returns.  Sums are taken in a fixed order: the same call gives the
// same bytes.
#pragma once
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>

#include "kernels/random.h"

namespace gan {

// op(X) of a matrix product: X itself or its transpose.
enum class Transpose { no, yes };

// Whether a matrix product overwrites c or is added to it.
enum class Into { replace, add };

// How matrix products compute.  fp32: in float.  tf32: on tensor cores, with inputs rounded to
// TF32's 10 bits of mantissa and sums in float.  tf32x3: as three such products, which together
// lose little of float's precision.
enum class Precision { fp32, tf32, tf32x3 };

// The settings of Adam (Kingma and Ba, ICLR 2015, algorithm 1).
struct AdamSettings {
  double rate = 2e-4;     // α
  double beta1 = 0.9;     // decay of the first moment
  double beta2 = 0.999;   // decay of the second moment
  double epsilon = 1e-8;  // added to √v̂
};

// How a learning rate falls from α to α·f(x), where x = min(step/steps, 1) is the share of the
// decay that is done.  f(0) = 1, and f(1) = last unless the rate is constant.
enum class Decay {
  constant,     // f = 1
  linear,       // f = 1 - (1 - last)·x
  cosine,       // f = last + (1 - last)·(1 + cos πx)/2  (Loshchilov and Hutter, ICLR 2017, eq. 5)
  exponential,  // f = lastˣ, last > 0
};
struct Schedule {
  Decay decay = Decay::constant;
  double steps = 1, last = 1;
};

// Returns cos πx.
GAN_HOST_DEVICE inline double cos_pi(double x) {
#ifdef __CUDA_ARCH__
  return cospi(x);
#else
  return cos(3.14159265358979323846 * x);
#endif
}

// Returns f at `step`.
GAN_HOST_DEVICE inline double rate_at(const Schedule& schedule, std::uint64_t step) {
  if (schedule.decay == Decay::constant) return 1;
  const double share = static_cast<double>(step) / schedule.steps, x = share < 1 ? share : 1;
  switch (schedule.decay) {
    case Decay::linear:
      return 1 - (1 - schedule.last) * x;
    case Decay::cosine:
      return schedule.last + (1 - schedule.last) * (0.5 + 0.5 * cos_pi(x));
    case Decay::exponential:
      return pow(schedule.last, x);
    case Decay::constant:
      break;
  }
  return 1;
}

// A moving average of parameters.  The initial parameters are noise, and as_mean keeps them out.
struct Averaging {
  enum class Start {
    at_once,  // the decay from the first step on: with 0.999, 63 % of the average is still the
              // initial values after 469 steps
    as_mean,  // the plain mean of the parameters after each step so far, until its decay
              // 1 - 1/t exceeds `decay`
  };
  double decay = 0;
  Start start = Start::at_once;
};

// Returns the decay in step t, counted from 1.
GAN_HOST_DEVICE inline double decay_at(const Averaging& averaging, double t) {
  const double mean = 1 - 1 / t;
  return averaging.start == Averaging::Start::as_mean && mean < averaging.decay ? mean
                                                                                : averaging.decay;
}

// How the momentum of SGD grows from `first` to `last`: by the same amount after every epoch, until
// `epochs` are over.
struct Momentum {
  double first = 0, last = 0, epochs = 1;
  double epoch_steps = 1;  // steps of an epoch
};

// Returns the momentum at `step`.
GAN_HOST_DEVICE inline double momentum_at(const Momentum& momentum, std::uint64_t step) {
  if (momentum.first == momentum.last) return momentum.first;
  const double share = floor(static_cast<double>(step) / momentum.epoch_steps) / momentum.epochs;
  return momentum.first + (momentum.last - momentum.first) * (share < 1 ? share : 1);
}

// The settings that the values of a Clock depend on.
struct ClockSettings {
  double beta1 = 0.9, beta2 = 0.999;  // Adam's; 0 where the moments are not corrected
  Schedule schedule = {};
  Averaging averaging = {};
  Momentum momentum = {};
  Schedule penalty = {};  // of the weights of the penalties
};

// The number of completed steps, and the factors of every parameter's update in the next step,
// t = step + 1.  A Clock lives on the device, so that a step needs nothing from the host.
struct Clock {
  std::uint64_t step;   // steps completed
  double rate;          // f/(1 - β₁ᵗ), by which Adam multiplies α
  double scale;         // 1/√(1 - β₂ᵗ), by which it multiplies √v
  double ema = 0;       // decay of the moving average
  double momentum = 0;  // of SGD
  double penalty = 1;   // the share of their weights that the penalties have
};

// Return the members of the Clock after `step` completed steps, and all of it.
GAN_HOST_DEVICE inline double clock_rate(std::uint64_t step, const ClockSettings& settings) {
  return rate_at(settings.schedule, step) /
         (1 - pow(settings.beta1, static_cast<double>(step + 1)));
}
GAN_HOST_DEVICE inline double clock_scale(std::uint64_t step, const ClockSettings& settings) {
  return 1 / sqrt(1 - pow(settings.beta2, static_cast<double>(step + 1)));
}
GAN_HOST_DEVICE inline double clock_ema(std::uint64_t step, const ClockSettings& settings) {
  return decay_at(settings.averaging, static_cast<double>(step + 1));
}
GAN_HOST_DEVICE inline Clock clock_at(std::uint64_t step, const ClockSettings& settings) {
  return {step,
          clock_rate(step, settings),
          clock_scale(step, settings),
          clock_ema(step, settings),
          momentum_at(settings.momentum, step),
          rate_at(settings.penalty, step)};
}

// The losses of one step.  D(x) is a probability, or the logit itself for the losses of Score.
template <class Real>
struct StepLosses {
  Real loss_real, d_real;  // D's loss on real images and mean D(x), before D's update
  Real loss_fake, d_fake;  // D's loss on G(z₁) and mean D(G(z₁)), before D's update
  Real loss_g, d_g;  // G's loss on G(z₂) and mean D(G(z₂)), after D's update; 0 in a step that
                     // does not update G
  Real penalty;      // the gradient penalty, a part of D's loss; 0 if there is none
};

// The target of a binary cross-entropy, and the weight of the loss.
template <class Real>
struct BceTarget {
  Real target, weight = 1;
};

// How a loss judges a logit z by a target t, without a probability.
enum class Score {
  squared,  // φ(z, t) = (z - t)²/2     (least squares: Mao et al., ICCV 2017, eq. 9)
  hinge,    // φ(z, t) = max(0, 1 - tz)  (Lim and Ye 2017, section 3.2)
  linear,   // φ(z, t) = -tz             (Wasserstein: Arjovsky et al., ICML 2017, algorithm 1)
};

// A score, and the target that it judges by.
template <class Real>
struct ScoreTarget {
  Score score;
  Real target;
};

// The label of an image is a byte.
inline constexpr int kMostClasses = 256;

// A set of images on the device and the order in which the current epoch visits them.
struct ImageSet {
  const std::uint8_t* images;  // (count, pixels)
  const std::uint32_t* order;  // (count) a permutation of the image numbers
  int count, pixels;
  const std::uint8_t* labels = nullptr;  // (count) their classes; null where there are none

  // Returns the index in `order` at which the batch of step number `step` begins.  It divides in 32
  // bits where it can, because 64-bit division is slow on a GPU.
  GAN_HOST_DEVICE std::size_t first_of_batch(std::uint64_t step, int batch) const {
    const std::uint32_t per_epoch = (count + batch - 1) / batch;
    const std::uint32_t place = step >> 32 == 0 ? static_cast<std::uint32_t>(step) % per_epoch
                                                : static_cast<std::uint32_t>(step % per_epoch);
    return std::size_t{place} * batch;
  }
};

// clang-format off
template <class Ops>
concept Operations = requires(const Ops& ops, typename Ops::Real* out, const typename Ops::Real* in,
                              StepLosses<typename Ops::Real>* losses, Clock* clock, std::uint32_t* order,
                              void* storage, std::uint8_t* labels, const std::uint8_t* classes, ImageSet set, RandomSource source,
                              AdamSettings adam, ClockSettings clock_settings, Transpose op, Into into, int B, int N, int K,
                              std::size_t n, std::uint64_t step, typename Ops::Real real, double rate,
                              BceTarget<typename Ops::Real> bce_target, ScoreTarget<typename Ops::Real> score_target) {
  // c = op(a)·op(b), or c += op(a)·op(b).  c: (M, N), op(a): (M, K), op(b): (K, N).  K = 0 is a product of zeros.
  { ops.gemm(out, op, in, op, in, B, N, K, into) };    // (c, op_a, a, op_b, b, M, N, K, into = Into::replace)

  // The rest of a layer after its matrix product, in one pass: y = f(y + b) in every row.  y: (B, N), b: (N).
  { ops.bias_add(out, in, B, N) };                     // (y, b, B, N): f(x) = x
  // f(x) = x where x > 0, else slope·x, 0 ≤ slope < 1 (LeakyReLU; ReLU if the slope is 0).
  { ops.bias_relu(out, in, B, N, real) };              // (y, b, B, N, slope)
  // f(x) = 1/(1 + e⁻ˣ), without overflow for any finite x.
  { ops.bias_sigmoid(out, in, B, N) };                 // (y, b, B, N)
  // db_j = Σᵢ dy_ij.  db: (N), dy: (B, N).  B = 0 gives zeros.
  { ops.bias_gradient(out, in, B, N) };                // (db, dy, B, N)

  // An embedding: y_ij += e_kj, with the class k = cᵢ.  It does what a one-hot input does that is appended to x.
  // y: (B, N), e: (classes, N), c: (B), each less than `classes`.
  { ops.add_embedding(out, in, classes, B, N) };       // (y, e, c, B, N)
  // de_kj = Σ dy_ij over the rows i with cᵢ = k, zeros where there are none.  de: (classes, N), dy: (B, N), c: (B).
  { ops.embedding_gradient(out, in, classes, B, N, K) };  // (de, dy, c, B, N, classes)

  // Maxout (Goodfellow et al., ICML 2013): z += b in every row, then y_ij is the largest of the `pieces` values
  // z_i,j·pieces … z_i,(j+1)·pieces-1.  z: (B, N·pieces), b: (N·pieces), y: (B, N).
  { ops.bias_maxout(out, out, in, B, N, K) };          // (y, z, b, B, N, pieces)
  // dz = dy where z is the largest of its unit, the first of equals; else 0.  dz, z: (B, N·pieces), dy: (B, N).
  { ops.maxout_gradient(out, in, in, B, N, K) };       // (dz, dy, z, B, N, pieces)
  // y = the x where z is the largest of its unit, the first of equals.  y: (B, N), x, z: (B, N·pieces).
  { ops.maxout_select(out, in, in, B, N, K) };         // (y, x, z, B, N, pieces)

  // dx = dy where y > 0, else slope·dy.  dx, dy, y: (n); dx and dy may alias.
  { ops.relu_gradient(out, in, in, n, real) };         // (dx, dy, y, n, slope)
  // dx = dy·y·(1 - y).  dx, dy, y: (n); dx and dy may alias.
  { ops.sigmoid_gradient(out, in, in, n) };            // (dx, dy, y, n)

  // Dropout (Srivastava et al., JMLR 2014, section 10, scaled in training): y = 0 where u < rate, else x/(1 - rate),
  // with u in (0, 1) from word first + i of step clock->step.  Its gradient is the same function of dy.
  // y, x: (n), may alias; 0 ≤ rate < 1.
  { ops.dropout(out, in, n, real, source, clock, n) };  // (y, x, n, rate, source, clock, first)

  // Binary cross-entropy of logits z against one target t, with a weight w, and the probabilities p = sigmoid(z):
  //   loss = w·mean_i(max(zᵢ, 0) - zᵢ·t + ln(1 + e^-|zᵢ|)),  mean_p = mean_i pᵢ.
  // From logits, because a float sigmoid is exactly 1 from z ≈ 16.6 on, and ln(1 - p) is then -∞.
  // p, z: (B); loss, mean_p: one value each; untouched if B = 0.
  { ops.bce(out, out, out, in, bce_target, B) };       // (loss, mean_p, p, z, {t, w}, B)
  // dz = w·(p - t)/B, the gradient of that loss.  dz, p: (B), may alias.
  { ops.bce_gradient(out, in, bce_target, B) };        // (dz, p, {t, w}, B)

  // The logistic loss of pairs of logits, of which a should be the larger (Jolicoeur-Martineau, ICLR 2019, section 4.1):
  //   pᵢ = sigmoid(aᵢ - bᵢ),  loss = mean_i(ln(1 + e^-(aᵢ - bᵢ))),  mean_p = mean_i pᵢ.
  // p, a, b: (B); loss, mean_p: one value each; untouched if B = 0.
  { ops.pair_bce(out, out, out, in, in, B) };          // (loss, mean_p, p, a, b, B)
  // da = (p - 1)/B, db = (1 - p)/B, the gradients of that loss.  da, db, p: (B); da and p may alias.
  { ops.pair_bce_gradient(out, out, in, B) };          // (da, db, p, B)

  // A score of logits against one target t: loss = mean_i φ(zᵢ, t), mean_z = mean_i zᵢ.
  // z: (B); loss, mean_z: one value each; untouched if B = 0.
  { ops.score(out, out, in, score_target, B) };        // (loss, mean_z, z, {φ, t}, B)
  // dz = ∂φ(z, t)/∂z/B, the gradient of that loss; at the hinge's kink it is 0.  dz, z: (B), may alias.
  { ops.score_gradient(out, in, score_target, B) };    // (dz, z, {φ, t}, B)

  // Row r of x = αᵣ·aᵣ + (1 - αᵣ)·bᵣ, with αᵣ ~ U(0, 1) from word r of step clock->step.  x, a, b: (B, N).
  { ops.interpolate(out, in, in, B, N, source, clock) };  // (x, a, b, B, N, source, clock)
  // s = √(weight·clock->penalty).  s: (n).
  { ops.penalty_scale(out, rate, n, clock) };          // (s, weight, n, clock)
  // From the slopes dx of D, to the penalty Σᵣ eᵣ² of their norms and its gradient in dx (Gulrajani et al., NeurIPS 2017,
  // eq. 3), with w = weight·clock->penalty:
  //   eᵣ = √w·(‖dxᵣ‖ - 1),  dxᵣ = 2w·(1 - 1/‖dxᵣ‖)·dxᵣ, 0 where the slope is 0.
  // dx: (B, N), e: (B).
  { ops.penalise_norms(out, out, rate, B, N, clock) };  // (dx, e, weight, B, N, clock)

  // x = value.  x: (n).
  { ops.fill(out, real, n) };                          // (x, value, n)
  // x = max(-bound, min(x, bound)), bound ≥ 0; NaN stays NaN.  x: (n).
  { ops.clip(out, real, n) };                          // (x, bound, n)
  // y = factor·Σᵢ aᵢ·bᵢ.  y: one value; a, b: (B); B = 0 gives 0.
  { ops.dot(out, in, in, real, B) };                   // (y, a, b, factor, B)

  // y = factor·Σ_p x_p over `parts` arrays of n values that begin `stride` values apart, in their order; 0 of none.
  // y: (n), x: (parts, stride), stride ≥ n.
  { ops.sum_parts(out, in, real, n, N, n) };           // (y, x, factor, n, parts, stride)

  // One Adam update of n parameters at t = clock->step + 1, with ε outside the root as in PyTorch, and with the factors in
  // `clock`:
  //   m = β₁m + (1-β₁)g;  v = β₂v + (1-β₂)g²;  w -= f·α/(1-β₁ᵗ) · m / (√v/√(1-β₂ᵗ) + ε).
  // Then, unless a is null, it updates their moving average a as ema below does.
  { ops.adam(out, out, out, in, n, adam, clock, out) };  // (w, m, v, g, n, settings, clock, a = null)

  // One update of SGD with momentum μ = clock->momentum (Sutskever et al., ICML 2013, eqs. 1 and 2), and of the average a
  // as adam has it:  v = μv - f·α·g;  w += v.  The factor f is clock->rate.  w, v, g: (n).
  { ops.sgd(out, out, in, n, rate, clock, out) };      // (w, v, g, n, α, clock, a = null)

  // a += (1 - clock->ema)·(w - a), an exponential moving average of w.  a, w: (n).
  { ops.ema(out, in, n, clock) };                      // (a, w, n, clock)

  // Row r of x = image order[first + r] / 255, where first = batch·(clock->step mod ⌈count/batch⌉).
  // x: (B, pixels); first + B ≤ count; B ≤ batch (less in an epoch's last batch).
  { ops.gather(out, set, clock, B, N) };               // (x, set, clock, B, batch)

  // The same of the labels, `copies` times: c_r, c_B+r, … = label order[first + r].  c: (copies·B).
  { ops.gather_labels(labels, set, clock, B, N, K) };  // (c, set, clock, B, batch, copies)

  // z ~ N(0, 1), drawn for step clock->step.  z: (n).
  { ops.normal(out, n, source, clock) };               // (z, n, source, clock)
  // z ~ U(-bound, bound), drawn for step clock->step.  z: (n).
  { ops.uniform_noise(out, n, real, source, clock) };  // (z, n, bound, source, clock)
  // w ~ U(-bound, bound), drawn for `step`.  w: (n).
  { ops.uniform(out, n, real, source, step) };         // (w, n, bound, source, step)
  // order = the numbers 0 … n-1, stably sorted by their 64-bit random keys of `step`.  order: (n); storage:
  // permutation_storage(n) bytes, aligned to 256.
  { ops.permutation_storage(N) } -> std::same_as<std::size_t>;
  { ops.permutation(order, storage, N, source, step) };  // (order, storage, n, source, step)

  // The end of a step: ring[clock->step mod ring_size] = losses, and the clock moves on.
  { ops.finish_step(losses, N, losses, clock, clock_settings) };  // (ring, ring_size, losses, clock, settings)
  // The clock moves on alone.
  { ops.advance(clock, clock_settings) };              // (clock, settings)
};

// The further operations that training a classifier (host/eval/classifier.h) needs.  Only CpuOps
// has them.
template <class Ops>
concept ClassifierOperations = Operations<Ops> && requires(const Ops& ops, typename Ops::Real* out,
                                                           const typename Ops::Real* in, const std::uint8_t* classes,
                                                           int B, int N) {
  // Cross-entropy of the softmax of logits z against the classes t, with mᵢ = max_j zᵢⱼ, so that nothing overflows:
  //   pᵢⱼ = exp(zᵢⱼ - mᵢ)/sᵢ,  sᵢ = Σⱼ exp(zᵢⱼ - mᵢ),  loss = mean_i(mᵢ + ln sᵢ - zᵢₜ).
  // p, z: (B, N), may alias; t: (B), each less than N; loss: one value, untouched if B = 0.
  { ops.softmax_cross_entropy(out, out, in, classes, B, N) };      // (loss, p, z, t, B, N)
  // dz = (p - 1[j = tᵢ])/B, the gradient of that loss.  dz, p: (B, N), may alias.
  { ops.softmax_cross_entropy_gradient(out, in, classes, B, N) };  // (dz, p, t, B, N)
};
// clang-format on

}  // namespace gan
