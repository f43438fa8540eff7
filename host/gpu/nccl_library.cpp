#include "host/gpu/nccl_library.h"

#include <dlfcn.h>

#include <stdexcept>
#include <string>

namespace gan::gpu {
namespace {

constexpr const char* kLibrary = "libnccl.so.2";

// A reason of the loader, or of this program where it has none.
std::runtime_error missing(const std::string& what) {
  const char* const reason = dlerror();
  return std::runtime_error("several GPUs train together over NCCL, but " + what +
                            " cannot be loaded: " + (reason ? reason : "no reason given") +
                            "; install NCCL, or give --device cpu");
}

template <class Call>
void find(void* library, const char* name, Call& call) {
  call = reinterpret_cast<Call>(dlsym(library, name));
  if (call == nullptr) throw missing(std::string(kLibrary) + "'s " + name);
}

NcclCalls load() {
  void* const library = dlopen(kLibrary, RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) throw missing(kLibrary);
  NcclCalls calls{};
  find(library, "ncclGetUniqueId", calls.get_unique_id);
  find(library, "ncclCommInitRank", calls.comm_init_rank);
  find(library, "ncclCommDestroy", calls.comm_destroy);
  find(library, "ncclAllGather", calls.all_gather);
  find(library, "ncclAllReduce", calls.all_reduce);
  find(library, "ncclGetErrorString", calls.get_error_string);
  return calls;
}

}  // namespace

const NcclCalls& nccl_calls() {
  static const NcclCalls calls = load();
  return calls;
}

}  // namespace gan::gpu
