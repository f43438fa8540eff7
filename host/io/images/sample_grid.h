#pragma once
#include <span>

#include "host/io/images/image.h"

namespace gan::io {

// A sheet of `count` grey images laid out as torchvision.utils.make_grid does it: `per_row` in a
// row (fewer when there are fewer images), `padding` black pixels around and between them; a single
// image stays without a border. 64 images of 28×28 give 242×242.
// images: (count, height, width), values in [0, 1], drawn as min(max(255·v + 0.5, 0), 255) rounded
// down; NaN is drawn black. Throws when the sizes do not fit together.
Image sample_grid(std::span<const float> images, int count, int height, int width, int per_row = 8,
                  int padding = 2);

}  // namespace gan::io
