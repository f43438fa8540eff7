#include "host/eval/explorer.h"

#include "host/eval/generator_model.h"
#include "host/eval/principal_directions.h"
#include "kernels/random.h"

namespace gan::eval {

io::ExplorePage explored(const io::TensorFile& weights, const model::NetworkShape& shape) {
  constexpr int kDirections = 16;
  io::ExplorePage page;
  page.slope = shape.layers.front().slope;
  page.uniform = latent_distribution_of(weights) == model::LatentDistribution::uniform;
  page.subsequence = philox_subsequence(RandomStream::evaluation_latent, 0);
  const std::vector<model::NamedTensor> tensors = shape.tensors();
  for (std::size_t i = 0; i < 2 * shape.layers.size(); i += 2)
    page.layers.push_back(
        {weights.at(tensors[i].name).values, weights.at(tensors[i + 1].name).values});
  page.classes = class_names_of(weights);
  if (shape.classes > 0) page.embedding = weights.at(tensors.back().name).values;
  const model::Layer& first = shape.layers.front();
  auto [directions, shares] =
      principal_directions(page.layers.front().w, first.out, first.in, kDirections);
  page.directions = std::move(directions);
  page.shares = std::move(shares);
  return page;
}

}  // namespace gan::eval
