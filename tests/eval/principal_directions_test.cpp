#include "host/eval/principal_directions.h"

#include <gmock/gmock.h>
#include <lapacke.h>

#include <cmath>
#include <numeric>

#include "host/eval/explorer.h"
#include "tests/eval/support.h"

namespace gan::eval {
namespace {

// Of a row and a column in a matrix of n columns.
std::size_t place(int row, int n, int column = 0) {
  return static_cast<std::size_t>(row) * static_cast<std::size_t>(n) +
         static_cast<std::size_t>(column);
}

PrincipalDirections directions_of(const Matrix& w, int most) {
  return principal_directions(w.values, w.rows, w.columns, most);
}

double dot(std::span<const float> a, std::span<const float> b) {
  return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
}

std::span<const float> direction(const PrincipalDirections& of, int k, int n) {
  return std::span(of.directions).subspan(place(k, n), static_cast<std::size_t>(n));
}

struct Eigen {
  std::vector<double> values, vectors;  // rising; one a row
};

// Of the covariance wᵀw.
Eigen eigen_of_covariance(const Matrix& w) {
  const int n = w.columns;
  Eigen eigen{std::vector<double>(static_cast<std::size_t>(n)), std::vector<double>(place(n, n))};
  for (int row = 0; row < w.rows; ++row)
    for (int i = 0; i < n; ++i)
      for (int j = 0; j < n; ++j)
        eigen.vectors[place(i, n, j)] +=
            static_cast<double>(w.view().row(row)[i]) * static_cast<double>(w.view().row(row)[j]);
  EXPECT_EQ(
      LAPACKE_dsyevd(LAPACK_COL_MAJOR, 'V', 'L', n, eigen.vectors.data(), n, eigen.values.data()),
      0);
  return eigen;
}

TEST(PrincipalDirections, AreTheEigenvectorsOfTheCovariance) {
  const Matrix w = random_matrix(31, 12, 7);
  const PrincipalDirections found = directions_of(w, 12);
  const Eigen eigen = eigen_of_covariance(w);
  const double total = std::reduce(eigen.values.begin(), eigen.values.end());
  ASSERT_EQ(found.shares.size(), 12u);
  for (int k = 0; k < 12; ++k) {
    EXPECT_NEAR(found.shares[static_cast<std::size_t>(k)],
                eigen.values[static_cast<std::size_t>(11 - k)] / total, 1e-6);
    const std::span expected(eigen.vectors.data() + place(11 - k, 12), 12);
    const std::vector<float> rounded(expected.begin(), expected.end());
    EXPECT_NEAR(std::abs(dot(direction(found, k, 12), rounded)), 1, 1e-5) << k;
  }
}

TEST(PrincipalDirections, AreAtRightAnglesAndPointToTheirLargestValue) {
  for (const auto& [rows, columns] : {std::pair{5, 40}, {40, 5}, {1, 7}, {7, 1}}) {
    const PrincipalDirections found = directions_of(random_matrix(rows, columns, 3), 16);
    const int count = std::min({16, rows, columns});
    ASSERT_EQ(std::ssize(found.shares), count);
    ASSERT_EQ(std::ssize(found.directions), count * columns);
    for (int k = 0; k < count; ++k) {
      for (int l = 0; l < count; ++l)
        EXPECT_NEAR(dot(direction(found, k, columns), direction(found, l, columns)), k == l, 1e-6);
      const auto values = direction(found, k, columns);
      EXPECT_GE(std::ranges::max(values), -std::ranges::min(values));
    }
  }
}

TEST(PrincipalDirections, OfAFirstLayerOfZerosHaveNoShare) {
  const PrincipalDirections found = directions_of(Matrix(3, 2), 1);
  EXPECT_THAT(found.shares, testing::ElementsAre(0));
}

TEST(Explored, HasTheLayersOfTheFileInTheirOrder) {
  const io::TensorFile weights{{{"network.2.weight", {1, 3}, {7, 8, 9}},
                                {"network.2.bias", {1}, {10}},
                                {"network.0.weight", {3, 2}, {1, 0, 0, 2, 0, 0}},
                                {"network.0.bias", {3}, {4, 5, 6}}},
                               {}};
  const io::ExplorePage page = explored(weights, {2, {3}, 1, model::Activation::sigmoid, {0.25}});
  EXPECT_EQ(page.slope, 0.25);
  EXPECT_EQ(page.subsequence, std::uint64_t{5} << 48);
  ASSERT_EQ(page.layers.size(), 2u);
  EXPECT_THAT(page.layers[0].b, testing::ElementsAre(4, 5, 6));
  EXPECT_THAT(page.layers[1].w, testing::ElementsAre(7, 8, 9));
  EXPECT_THAT(page.directions, testing::ElementsAre(0, 1, 1, 0));
  EXPECT_THAT(page.shares, testing::ElementsAre(testing::FloatEq(0.8F), testing::FloatEq(0.2F)));
}

}  // namespace
}  // namespace gan::eval
