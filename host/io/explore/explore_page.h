// explore.html: a generator to play with, in one page that needs nothing else.
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace gan::io {

// y = activation(w·x + b).
struct ExploredLayer {
  std::span<const float> w;  // (out, in)
  std::span<const float> b;  // (out)
};

struct ExplorePage {
  std::string name;   // of the model; empty: the page shows the name of the folder that it lies in
  std::string maker;  // program, version and commit
  int height = 0, width = 0;
  double slope = 0;                   // of the hidden layers below 0; the last one is a sigmoid
  std::uint64_t seed = 1;             // of the first images
  std::uint64_t subsequence = 0;      // of Philox, from which latent vectors are drawn
  bool uniform = false;               // from U(±√3), not from N(0, 1)
  std::vector<ExploredLayer> layers;  // from the latent vector to the image
  std::vector<std::string> classes;   // their names, of a conditional generator
  std::span<const float> embedding;   // (classes, out): added to the first layer's b
  std::vector<float> directions;      // (K, latent): unit vectors
  std::vector<float> shares;          // (K): of the first layer's variance along each
};

// A browser's strings hold some 500 MB, and a weight takes 2⅔ bytes of the page.
inline constexpr std::size_t kMostExploredWeights = 100'000'000;

// The page.  A weight is stored as a 16-bit integer times the scale of its row, max |w| / 32767.
// No text becomes a part of the page's HTML or script.  Throws std::runtime_error for a generator
// of more weights than kMostExploredWeights.
std::string explore_page(const ExplorePage& explored);

}  // namespace gan::io
