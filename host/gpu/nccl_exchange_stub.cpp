#include "host/base/errors.h"
#include "host/gpu/nccl_exchange.h"

namespace gan::gpu {
namespace {

[[noreturn]] void refuse() {
  throw base::UsageError(
      "this gan_cuda was built without NCCL, by which several GPUs train together; install NCCL, "
      "then build again, or give --device cpu");
}

}  // namespace

bool has_nccl() {
  return false;
}

std::string nccl_id() {
  refuse();
}

std::unique_ptr<model::Exchange<float>> make_nccl_exchange(const NcclRank&, const std::string&,
                                                           bool) {
  refuse();
}

}  // namespace gan::gpu
