// What the page that runs a generator needs to know of it.
#pragma once
#include "host/io/explore/explore_page.h"
#include "host/io/safetensors.h"
#include "host/model/network_shape.h"

namespace gan::eval {

// The page's layers, principal directions and random numbers, which are those of draw_latents().
// The layers refer to `weights`, which are a generator's of this shape.
io::ExplorePage explored(const io::TensorFile& weights, const model::NetworkShape& shape);

}  // namespace gan::eval
