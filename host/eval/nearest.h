#pragma once
#include <vector>

#include "host/eval/products.h"

namespace gan::eval {

struct Nearest {
  int index;       // of the image
  float distance;  // ‖sample - image‖
};

// For each sample the image nearest to it, the first of equally near ones.  samples: (n, pixels);
// images: (m, pixels), m ≥ 1.  Distances are those of for_each_row_of_distances.
std::vector<Nearest> nearest_images(const Products& products, MatrixView samples,
                                    MatrixView images);

}  // namespace gan::eval
