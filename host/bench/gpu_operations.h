#pragma once

namespace gan::bench {

// Adds the benchmarks of the first GPU's operations, and of its products in TF32; or says on stderr
// why there are none.
void add_gpu_operations();

}  // namespace gan::bench
