#include "host/bench/step_work.h"

namespace gan::bench {
namespace {

// Multiplications of one row: through all layers, and through all but the first, which a backward
// pass to the parameters does not go beyond.
struct Products {
  double all = 0, behind_the_first = 0;
};

Products products_of(const model::NetworkShape& shape) {
  Products products;
  for (const model::Layer& layer : shape.layers)
    products.all += static_cast<double>(layer.in) * layer.linear();
  products.behind_the_first =
      products.all - static_cast<double>(shape.layers.front().in) * shape.layers.front().linear();
  return products;
}

}  // namespace

StepWork step_work(const run::RunSpec& spec) {
  const model::NetworkShape generator = spec.generator(), discriminator = spec.discriminator();
  const Products G = products_of(generator), D = products_of(discriminator);
  const double generator_rows = 2 * G.all + (G.all + G.behind_the_first);
  const double discriminator_rows = 2 * (D.all + D.all + D.behind_the_first) + 2 * D.all;
  constexpr double kState = 2 * 3 * sizeof(float);  // w, m and v, in and out
  return {2.0 * spec.batch * (generator_rows + discriminator_rows),
          kState * static_cast<double>(generator.parameters() + discriminator.parameters()) +
              static_cast<double>(spec.batch) * spec.data.pixels()};
}

}  // namespace gan::bench
