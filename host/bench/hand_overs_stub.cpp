// In place of a GPU's hand-overs where there is no CUDA toolkit.
#include "host/base/errors.h"
#include "host/bench/hand_overs.h"
#include "host/gpu/cuda_devices.h"

namespace gan::bench {

HandOverResult measure_hand_overs(int, const HandOverPlan&) {
  throw base::UsageError(gpu::cuda_devices().why_none);
}

}  // namespace gan::bench
