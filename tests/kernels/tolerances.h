// How far a result in float may lie from the one in double, and why.  Nothing here is fitted: a
// bound counts the roundings on the way to a result.  A rounding changes a number by at most ε of
// itself (ε = 2⁻²⁴, round to nearest); a sum of n numbers in any order, or with multiplications
// fused into it, by at most (n - 1)·ε of the sum of their magnitudes (Higham, "Accuracy and
// Stability of Numerical Algorithms", 2002, section 4.2).
#pragma once

namespace gan::tolerance {

inline constexpr double kEpsilon = 0x1p-24;

// `count` roundings; the thousandth covers their products and the reference's own.
constexpr double roundings(double count) {
  return 1.001 * count * kEpsilon;
}

// An error of one unit in the last place is at most two roundings.
constexpr double ulps(double count) {
  return roundings(2 * count);
}

// Below the smallest normal float, numbers are rounded absolutely or become zero.
inline constexpr double kUnderflow = 0x1p-126;

// Relative to Σ|a||b|: one rounding a product, K - 1 in the sum.
constexpr double gemm(int K) {
  return roundings(K);
}

// Relative to the result: one addition.
inline constexpr double kBiasAdd = roundings(1);

// Relative to Σ|dy|: B - 1 additions.
constexpr double bias_gradient(int B) {
  return roundings(B - 1);
}

// Relative to the result: e^-|x| to 2 units, which counts in the numerator and in 1 + e^-|x|; one
// addition, one division.  The CPU's e^-|x| ends at e⁻⁸⁷, hence the absolute part.
inline constexpr double kSigmoid = ulps(2) + roundings(2);
inline constexpr double kSigmoidAbsolute = 1.7e-38;

// Relative to the result: two products and 1 - y.
inline constexpr double kSigmoidGradient = roundings(3);

// Relative to the mean of |max(z, 0)| + |z·t| + ln(1 + e^-|z|): an element takes one product, two
// additions, e^-|z| to 2 units (ln(1 + e) passes on at most its relative error) and the logarithm
// to 2 units; the mean takes B - 1 additions and a division.
constexpr double bce_loss(int B) {
  return roundings(3) + ulps(4) + roundings(B);
}

// Relative to the mean of p: an element as the sigmoid, then B - 1 additions and a division.
constexpr double bce_mean(int B) {
  return kSigmoid + roundings(B);
}

// Relative to the result: one subtraction, one division; the weights of the tests round nothing.
inline constexpr double kBceGradient = roundings(2);

// Relative to the mean of what a score is made of: an element takes two sums and two products; the
// mean takes B - 1 additions and a division.
constexpr double score_loss(int B) {
  return roundings(4) + roundings(B);
}
constexpr double score_mean(int B) {
  return roundings(B);
}
// Relative to the result: one difference, one division.
inline constexpr double kScoreGradient = roundings(2);

// Relative to |a| + |b|: the rest of the share, a product each, a sum.
inline constexpr double kInterpolate = roundings(3);

// Relative to ‖dx‖ + 1: half of the errors of N products and N - 1 sums, the root, the weight and
// its root, the difference to 1 or that of the reciprocal, two products.
constexpr double norm(int N) {
  return roundings(N / 2.0) + roundings(8);
}

// Relative to μ|v| + f·α|g|: a factor, a product, a sum.  w itself: one addition.
inline constexpr double kSgdVelocity = roundings(3);
inline constexpr double kSgdWeight = roundings(1);

// Relative to the result: 1 - rate, its reciprocal, one product.
inline constexpr double kDropout = roundings(3);

// Relative to the result: the exponential to 2 units in the numerator and in the sum, N - 1
// additions and a division.  A rounding of d = z - m changes e⁻ᵈ by ε·d·e⁻ᵈ ≤ ε/e: N of them in the
// sum, and one in the numerator, which is the absolute part.
constexpr double softmax(int N) {
  return ulps(4) + roundings(2 * N);
}
inline constexpr double kSoftmaxAbsolute = roundings(1);

// Relative to the mean of (m - zₜ) + ln s + 1: the sum s as above, its relative error an absolute
// one of ln s; the logarithm to 2 units, a subtraction and an addition; the mean takes B - 1
// additions and a division.
constexpr double softmax_loss(int B, int N) {
  return ulps(4) + roundings(2 * N) + roundings(2) + roundings(B);
}

// Relative to the result: one subtraction, one division.
inline constexpr double kSoftmaxGradient = roundings(2);

// First moment, relative to β₁|m| + (1-β₁)|g|: a factor, a product, a sum.
inline constexpr double kAdamMoment1 = roundings(3);
// Second moment, relative to itself: a factor, two products, a sum.
inline constexpr double kAdamMoment2 = roundings(4);
// The step α̂·m/(√v·s + ε) relative to itself, the error of m apart: half of v's error and the root
// (3), the factors α̂ = f·α/(1-β₁ᵗ), s and ε (3), two products, a sum, a division (4).
inline constexpr double kAdamStep = roundings(10);
// w itself: one subtraction.
inline constexpr double kAdamWeight = roundings(1);

// The result: one addition; the move (1-decay)·(w - a): its two factors and their product.
inline constexpr double kEmaResult = roundings(1);
inline constexpr double kEmaMove = roundings(3);

// Relative to the result: one division.
inline constexpr double kGather = roundings(1);

// Absolute: f in double, of at most some six roundings and functions of 2 units, each of values up
// to 1.
inline constexpr double kRate = 16 * 0x1p-53;

// Absolute: 1 - βᵗ in double, where pow may err by 2 units (CUDA C++ Programming Guide,
// "Mathematical Functions") of at most 2⁻⁵³ on the one side and 1 on the other, and each
// subtraction rounds.
inline constexpr double kCorrection = 5 * 0x1p-53;

// Absolute, of 1/c and 1/√c with such an error in c: by their derivatives, -1/c² and -1/(2·√c³),
// and two roundings.
inline double clock_rate(double rate) {
  return kCorrection * rate * rate + 2 * 0x1p-53 * rate;
}
inline double clock_scale(double scale) {
  return kCorrection / 2 * scale * scale * scale + 2 * 0x1p-53 * scale;
}

// Random numbers, ReLU and its gradient, the batch order and the ring of losses have none: they are
// equal to the bit.

}  // namespace gan::tolerance
