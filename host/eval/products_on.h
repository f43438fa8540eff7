#pragma once
#include "host/eval/products.h"
#include "host/run/choices.h"

namespace gan::eval {

// The products on a device.  Throws UsageError when there is no such device.
std::unique_ptr<Products> products_on(run::Device device);

}  // namespace gan::eval
