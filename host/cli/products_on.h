#pragma once
#include "host/eval/products.h"

namespace gan::cli {

// The products on the device that --device names.  Throws UsageError when there is no such device.
std::unique_ptr<eval::Products> products_on(const std::string& device);

}  // namespace gan::cli
