// All pairs of two sets of vectors: products and distances as matrix products, a block of rows at a
// time, so that 10,000 × 10,000 pairs take some megabytes.
#pragma once
#include <functional>
#include <span>

#include "host/eval/matrix.h"

namespace gan {

// What is done with row i and its values for every j.  It may overwrite the values.  Calls come
// from several threads at once, each with rows of its own.
using RowVisitor = std::function<void(int i, std::span<float> values)>;

// values[j] = aᵢ·bⱼ.  a: (A, N), b: (B, N).
void for_each_row_of_products(MatrixView a, MatrixView b, const RowVisitor& visit);

// values[j] = ‖aᵢ - bⱼ‖² = ‖aᵢ‖² + ‖bⱼ‖² - 2 aᵢ·bⱼ ≥ 0, in float: its error is some 1e-7 of the
// norms, so equal vectors may come out a little apart.  a: (A, N), b: (B, N).
void for_each_row_of_distances(MatrixView a, MatrixView b, const RowVisitor& visit);

}  // namespace gan
