#include "host/data/mean_logits.h"

#include <algorithm>
#include <cmath>

namespace gan::data {

std::vector<float> mean_logits(const Images& images) {
  constexpr double kLeast = 1e-7, kWhite = 255;
  const std::size_t pixels = images.pixels.size() / static_cast<std::size_t>(images.count);
  std::vector<std::uint64_t> sums(pixels);
  for (std::size_t i = 0; i < images.pixels.size(); ++i) sums[i % pixels] += images.pixels[i];
  std::vector<float> logits;
  for (const std::uint64_t sum : sums) {
    const double mean = static_cast<double>(sum) / (kWhite * images.count);
    const double m = std::clamp(mean, kLeast, 1 - kLeast);
    logits.push_back(static_cast<float>(std::log(m / (1 - m))));
  }
  return logits;
}

}  // namespace gan::data
