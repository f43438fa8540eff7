// A generator out of a file of weights, and what it draws.
#pragma once
#include <cstdint>

#include "host/eval/products.h"
#include "host/io/safetensors.h"
#include "host/model/latent.h"
#include "host/model/network_shape.h"

namespace gan::eval {

// The shape of the generator whose tensors network.{0,2,4,…}.{weight,bias} these are: ReLU in the
// hidden layers, or maxout if the metadata say so, Sigmoid in the last.  Throws std::runtime_error
// when they do not make a network.
model::NetworkShape generator_shape(const io::TensorFile& weights);

// Whether these weights, of this shape, are a discriminator's: what the file says of its network
// or, where it says nothing, one output.
bool is_discriminator(const io::TensorFile& weights, const model::NetworkShape& shape);

// Throws std::runtime_error for a discriminator, which would draw images of one pixel.
void require_generator(const io::TensorFile& weights, const model::NetworkShape& shape);

// How its latent vectors are drawn: what the metadata say, else by N(0, 1).  Throws
// std::runtime_error for what this version does not know.
model::LatentDistribution latent_distribution_of(const io::TensorFile& weights);

// `count` z of this distribution, which depend on the seed alone: (count, latent).
Matrix draw_latents(int count, int latent, std::uint64_t seed,
                    model::LatentDistribution distribution);
// Those of this generator.
Matrix draw_latents(const io::TensorFile& weights, int count, std::uint64_t seed);

// G(z): (n, outputs), in [0, 1].  z: (n, latent).
Matrix generate(const Products& products, const io::TensorFile& weights, MatrixView z);

// G(z) for the latents that draw_latents gives.
Matrix draw_samples(const Products& products, const io::TensorFile& weights, int count,
                    std::uint64_t seed);

// Why a folder has no such file of weights, in a line.
std::string why_no_weights(const std::filesystem::path& folder, const std::string& name);

}  // namespace gan::eval
