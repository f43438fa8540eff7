// A generator out of a file of weights, and what it draws.
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "host/eval/products.h"
#include "host/io/safetensors.h"
#include "host/model/latent.h"
#include "host/model/network_shape.h"

namespace gan::eval {

// The shape of the generator whose tensors network.{0,2,4,…}.{weight,bias} and, if it is
// conditional, embedding.weight these are: ReLU in the hidden layers, or maxout if the metadata say
// so, Sigmoid in the last.  Throws std::runtime_error when they do not make a network.
model::NetworkShape generator_shape(const io::TensorFile& weights);

// Whether these weights, of this shape, are a discriminator's: what the file says of its network
// or, where it says nothing, one output.
bool is_discriminator(const io::TensorFile& weights, const model::NetworkShape& shape);

// Throws std::runtime_error for a discriminator, which would draw images of one pixel.
void require_generator(const io::TensorFile& weights, const model::NetworkShape& shape);

// How its latent vectors are drawn: what the metadata say, else by N(0, 1).  Throws
// std::runtime_error for what this version does not know.
model::LatentDistribution latent_distribution_of(const io::TensorFile& weights);

// The names of a conditional network's classes: what the metadata say, else their numbers.  Empty
// for other networks.  Throws std::runtime_error when there are not as many as classes.
std::vector<std::string> class_names_of(const io::TensorFile& weights);

// `count` classes, of which any first few are distributed like these labels of training images:
// class i is the quantile at a multiple of the golden ratio, and those fill [0, 1) evenly.  Of
// labels that are empty, or not of so many classes, each class in turn.
std::vector<std::uint8_t> classes_like(std::span<const std::uint8_t> labels, int count,
                                       int classes);

// `count` z of this distribution, which depend on the seed alone: (count, latent).
Matrix draw_latents(int count, int latent, std::uint64_t seed,
                    model::LatentDistribution distribution);
// Those of this generator.
Matrix draw_latents(const io::TensorFile& weights, int count, std::uint64_t seed);

// Rows with 1 for their class and 0 for the others: (n, count).  classes: (n), each less than
// `count`.
Matrix one_hot(std::span<const std::uint8_t> classes, int count);

// [z, c]: what a conditional generator draws from.  z: (n, latent), shares: (n, classes).
Matrix with_classes(MatrixView z, MatrixView shares);

// G(x): (n, outputs), in [0, 1].  x: (n, latent), or of a conditional generator (n, latent +
// classes), z with the share of each class: the vectors of a mixture are mixed.
Matrix generate(const Products& products, const io::TensorFile& weights, MatrixView x);

// G's images for the latents that draw_latents gives.  classes: (count), of a conditional
// generator.
Matrix draw_samples(const Products& products, const io::TensorFile& weights, int count,
                    std::uint64_t seed, std::span<const std::uint8_t> classes = {});

// Why a folder has no such file of weights, in a line.
std::string why_no_weights(const std::filesystem::path& folder, const std::string& name);

}  // namespace gan::eval
