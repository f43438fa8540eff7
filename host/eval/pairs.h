// All pairs of two sets of vectors: products, and distances by products.
#pragma once
#include <functional>
#include <span>

#include "host/eval/products.h"

namespace gan::eval {

// What is done with row i and its values for every j.  It may overwrite the distances.  Calls come
// from several threads at once, each with rows of its own.
using ProductsVisitor = std::function<void(int i, std::span<const float> values)>;
using DistancesVisitor = std::function<void(int i, std::span<float> values)>;

// values[j] = aᵢ·bⱼ.  a: (A, N), b: (B, N).
void for_each_row_of_products(const Products& products, MatrixView a, MatrixView b,
                              const ProductsVisitor& visit);

// values[j] = ‖aᵢ - bⱼ‖² = ‖aᵢ‖² + ‖bⱼ‖² - 2 aᵢ·bⱼ ≥ 0, in float: its error is some 1e-7 of the
// norms, so equal vectors may come out a little apart.  a: (A, N), b: (B, N).
void for_each_row_of_distances(const Products& products, MatrixView a, MatrixView b,
                               const DistancesVisitor& visit);

}  // namespace gan::eval
