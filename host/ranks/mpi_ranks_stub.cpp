#include "host/ranks/launcher.h"
#include "host/ranks/ranks.h"
#include "kernels/cpu/cores.h"

namespace gan::ranks {

Ranks::Ranks() {
  self_.cores = available_cores();
  const auto launch = launched();
  if (!launch) return;
  self_.number = launch->number;
  self_.count = launch->count;
  trouble_ =
      "this gan_cuda was built without MPI and cannot share a sweep between ranks; run "
      "tools/setup --with-mpi, then build again (docs/scale.md)";
}

Ranks::~Ranks() = default;

std::vector<std::string> Ranks::gather(const std::string& text) const {
  return {text};
}

}  // namespace gan::ranks
