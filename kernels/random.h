// Counter-based randomness, the same on every device.
//
// A random word depends on (seed, stream, step, index) and on nothing else: it is word index mod 4
// of Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011) with
//   key = seed,  counter = (index / 4, subsequence),  subsequence = stream · 2⁴⁸ + step,
// which is what cuRAND's device generator draws after curand_init(seed, subsequence, index).
//
// The maps from words to floats below are written in additions and multiplications that are rounded
// one by one (this project compiles them without contraction), so that a CPU and a GPU draw
// bit-equal numbers.
#pragma once
#include <cmath>
#include <cstdint>
#include <cstring>

#ifdef __CUDACC__
#define GAN_HOST_DEVICE __host__ __device__
#else
#define GAN_HOST_DEVICE
#endif

namespace gan {

// Append only: an enumerator's number is a part of the counter, so another order changes every
// draw.  Less than 256 of them (see of_part).
enum class RandomStream : std::uint32_t {
  generator_weights,
  discriminator_weights,
  batch_order,
  latent,
  sample_latent,
  evaluation_latent,
  classifier_weights,
  classifier_order,
  classifier_shift,
  dropout,
  interpolation,
};

// What a draw depends on besides its step and index.
struct RandomSource {
  std::uint64_t seed;
  RandomStream stream;
};

// The source for part `part` < 256 of what `source` is for: parts draw independently of each other,
// and part 0 as the whole.
inline RandomSource of_part(RandomSource source, int part) {
  const auto stream = static_cast<std::uint32_t>(source.stream);
  return {source.seed, static_cast<RandomStream>(stream + 256 * static_cast<std::uint32_t>(part))};
}

GAN_HOST_DEVICE inline std::uint64_t philox_subsequence(RandomStream stream, std::uint64_t step) {
  return (static_cast<std::uint64_t>(stream) << 48) + step;
}

// Maps a word to a float in (0, 1): the centre of one of 2²³ equal cells, exactly representable.
GAN_HOST_DEVICE inline float unit_uniform(std::uint32_t word) {
  return (static_cast<float>(static_cast<std::int32_t>(word >> 9)) + 0.5f) * 0x1p-23f;
}

// Returns whether dropout at `rate` keeps the value for which `word` was drawn.
GAN_HOST_DEVICE inline bool is_kept(std::uint32_t word, float rate) {
  return unit_uniform(word) >= rate;
}

// Maps a word to a float in (-bound, bound).
GAN_HOST_DEVICE inline float symmetric_uniform(std::uint32_t word, float bound) {
  return (2.0f * unit_uniform(word) - 1.0f) * bound;
}

// Returns ln u for u in (0, 1), to 2 units in the last place: u = m·2ᵉ with m in [√½, √2), and the
// series ln m = 2 artanh s = 2 (s + s³/3 + s⁵/5 + …), s = (m - 1)/(m + 1), |s| ≤ 0.172.
GAN_HOST_DEVICE inline float log_unit(float u) {
  std::int32_t bits;
  memcpy(&bits, &u, sizeof bits);
  const std::int32_t exponent = (bits - 0x3f3504f3) >> 23;  // 0x3f3504f3: √½
  bits -= exponent * (1 << 23);
  float m;
  memcpy(&m, &bits, sizeof m);
  const float s = (m - 1.0f) / (m + 1.0f);
  const float s2 = s * s;
  const float series = s2 * (1.0f / 3 + s2 * (1.0f / 5 + s2 * (1.0f / 7 + s2 * (1.0f / 9))));
  return static_cast<float>(exponent) * 0.693147181f + (2.0f * s + 2.0f * s * series);
}

struct NormalPair {
  float first, second;
};

// Returns two independent N(0, 1) values from two words (Box and Muller, "A note on the generation
// of random normal deviates", 1958): √(-2 ln u₁)·(cos 2πu₂, sin 2πu₂).  The angle is a quarter turn
// q plus x in [-π/4, π/4], where the Taylor series of sine and cosine are exact to float precision.
GAN_HOST_DEVICE inline NormalPair box_muller(std::uint32_t word1, std::uint32_t word2) {
  const float radius = sqrtf(-2.0f * log_unit(unit_uniform(word1)));
  const float quarters = 4.0f * unit_uniform(word2);
  const std::int32_t q = static_cast<std::int32_t>(quarters + 0.5f);
  const float x = (quarters - static_cast<float>(q)) * 1.57079633f;
  const float x2 = x * x;
  const float sine =
      x + x * x2 * (-1.0f / 6 + x2 * (1.0f / 120 + x2 * (-1.0f / 5040 + x2 * (1.0f / 362880))));
  const float cosine =
      1.0f + x2 * (-0.5f + x2 * (1.0f / 24 + x2 * (-1.0f / 720 + x2 * (1.0f / 40320))));
  const float cosine_part = q % 2 == 0 ? cosine : sine;
  const float sine_part = q % 2 == 0 ? sine : cosine;
  return {radius * (q == 1 || q == 2 ? -cosine_part : cosine_part),
          radius * (q == 2 || q == 3 ? -sine_part : sine_part)};
}

}  // namespace gan
