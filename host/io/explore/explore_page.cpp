#include "host/io/explore/explore_page.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "host/io/page/script_data.h"
#include "page_templates.h"

namespace gan::io {
namespace {

constexpr float kLargest = 32767;

struct ScaledRows {
  std::vector<std::int16_t> values;  // (out, in)
  std::vector<float> scales;         // (out)
};

ScaledRows scaled_rows(std::span<const float> w, std::size_t out) {
  const std::size_t in = w.size() / out;
  ScaledRows rows;
  rows.values.reserve(w.size());
  for (std::size_t o = 0; o < out; ++o) {
    const auto row = w.subspan(o * in, in);
    float largest = 0;
    for (const float value : row) largest = std::max(largest, std::abs(value));
    const float scale = largest / kLargest;
    rows.scales.push_back(scale);
    // A scale below the smallest float belongs to a row that adds nothing.
    for (const float value : row) {
      const float units = scale > 0 ? std::clamp(value / scale, -kLargest, kLargest) : 0.F;
      rows.values.push_back(static_cast<std::int16_t>(std::lround(units)));
    }
  }
  return rows;
}

template <class T>
void add_array(std::string& page, std::string_view name, const T& values) {
  const auto bytes = std::as_bytes(std::span(values));
  page += fmt::format(R"("{}":")", name);
  add_base64(page, {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  page += '"';
}

void add_layer(std::string& page, const ExploredLayer& layer) {
  const std::size_t out = layer.b.size();
  const ScaledRows rows = scaled_rows(layer.w, out);
  page += fmt::format(R"({{"in":{},"out":{},)", layer.w.size() / out, out);
  add_array(page, "biases", layer.b);
  page += ',';
  add_array(page, "scales", rows.scales);
  page += ',';
  add_array(page, "weights", rows.values);
  page += '}';
}

void add_layers(std::string& page, const std::vector<ExploredLayer>& layers) {
  for (std::size_t l = 0; l < layers.size(); ++l) {
    page += l == 0 ? "[" : ",\n";
    add_layer(page, layers[l]);
  }
  page += ']';
}

void require_size(const std::vector<ExploredLayer>& layers) {
  std::size_t weights = 0;
  for (const ExploredLayer& layer : layers) weights += layer.w.size();
  if (weights > kMostExploredWeights)
    throw std::runtime_error(
        fmt::format("its network has {} weights, and a page holds at most {}; draw with it by "
                    "gan_cuda sample",
                    weights, kMostExploredWeights));
}

}  // namespace

std::string explore_page(const ExplorePage& explored) {
  require_size(explored.layers);
  std::string page(kExploreTemplate.head);
  const std::string facts =
      script_json({{"name", explored.name},
                   {"maker", explored.maker},
                   {"height", explored.height},
                   {"width", explored.width},
                   {"slope", explored.slope},
                   {"seed", std::to_string(explored.seed)},  // a browser's numbers have 53 bits
                   {"subsequence", explored.subsequence},
                   {"uniform", explored.uniform},
                   {"shares", explored.shares},
                   {"classes", explored.classes}});
  page += facts.substr(0, facts.size() - 1) + ",\n";
  add_array(page, "directions", explored.directions);
  page += ",\n";
  add_array(page, "embedding", explored.embedding);
  page += ",\n\"layers\":";
  add_layers(page, explored.layers);
  page += '}';
  page += kExploreTemplate.tail;
  return page;
}

}  // namespace gan::io
