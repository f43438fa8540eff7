#include "host/eval/nearest.h"

#include <algorithm>
#include <cmath>

#include "host/eval/pairs.h"

namespace gan::eval {

std::vector<Nearest> nearest_images(const Products& products, MatrixView samples,
                                    MatrixView images) {
  std::vector<Nearest> nearest(static_cast<std::size_t>(samples.rows));
  for_each_row_of_distances(products, samples, images, [&](int i, std::span<float> distances) {
    const auto found = std::ranges::min_element(distances);
    nearest[static_cast<std::size_t>(i)] = {static_cast<int>(found - distances.begin()),
                                            std::sqrt(*found)};
  });
  return nearest;
}

}  // namespace gan::eval
