// In place of a GPU's synchronisation where there is no CUDA toolkit.
#include "host/base/errors.h"
#include "host/bench/sync_latency.h"
#include "host/gpu/cuda_devices.h"

namespace gan::bench {

SyncLatencyResult measure_sync_latency(int, const SyncLatencyPlan&) {
  throw base::UsageError(gpu::cuda_devices().why_none);
}

}  // namespace gan::bench
