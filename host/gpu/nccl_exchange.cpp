#include "host/gpu/nccl_exchange.h"

#include <cuda_runtime.h>

#include <cstring>
#include <stdexcept>

#include "host/gpu/nccl_library.h"
#include "kernels/cuda/check.h"

namespace gan::gpu {
namespace {

void require_success(ncclResult_t result, const char* call) {
  if (result != ncclSuccess)
    throw std::runtime_error(std::string("NCCL's ") + call +
                             " failed: " + nccl_calls().get_error_string(result) +
                             "; NCCL_DEBUG=INFO has it say more");
}

class NcclExchange final : public model::Exchange<float> {
 public:
  NcclExchange(const NcclRank& rank, const ncclUniqueId& id, bool is_exact)
      : rank_(rank), is_exact_(is_exact) {
    GAN_CHECK(cudaSetDevice(rank.gpu));
    require_success(calls_.comm_init_rank(&ranks_, rank.count, id, rank.number),
                    "ncclCommInitRank");
  }
  ~NcclExchange() override { calls_.comm_destroy(ranks_); }
  NcclExchange(const NcclExchange&) = delete;
  NcclExchange& operator=(const NcclExchange&) = delete;

  model::Shards own(int shards) const override {
    return model::shards_of(rank_.number, rank_.count, shards);
  }
  bool is_exact() const override { return is_exact_; }

  // In place: the parts of this rank lie where they belong.
  void gather(float* parts, int shards, std::size_t size) override {
    const model::Shards mine = own(shards);
    const std::size_t n = static_cast<std::size_t>(mine.count) * size;
    require_success(calls_.all_gather(parts + static_cast<std::size_t>(mine.first) * size, parts, n,
                                      ncclFloat, ranks_, stream_),
                    "ncclAllGather");
  }
  void add(float* values, std::size_t n) override {
    require_success(calls_.all_reduce(values, values, n, ncclFloat, ncclSum, ranks_, stream_),
                    "ncclAllReduce");
  }

  void enqueue_on(CudaStream stream) override { stream_ = stream; }

 private:
  const NcclCalls& calls_ = nccl_calls();
  NcclRank rank_;
  bool is_exact_;
  ncclComm_t ranks_ = nullptr;
  CudaStream stream_ = nullptr;
};

}  // namespace

bool has_nccl() {
  return true;
}

std::string nccl_id() {
  ncclUniqueId id;
  require_success(nccl_calls().get_unique_id(&id), "ncclGetUniqueId");
  return {id.internal, sizeof id.internal};
}

std::unique_ptr<model::Exchange<float>> make_nccl_exchange(const NcclRank& rank,
                                                           const std::string& id, bool is_exact) {
  ncclUniqueId known;
  if (id.size() != sizeof known.internal)
    throw std::runtime_error("rank 0 could not start NCCL; its own error has the reason");
  std::memcpy(known.internal, id.data(), id.size());
  return std::make_unique<NcclExchange>(rank, known, is_exact);
}

}  // namespace gan::gpu
