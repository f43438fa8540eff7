#pragma once
#include "host/eval/products.h"
#include "host/run/choices.h"

namespace gan::cli {

// The products on a device.  Throws UsageError when there is no such device.
std::unique_ptr<eval::Products> products_on(run::Device device);

}  // namespace gan::cli
