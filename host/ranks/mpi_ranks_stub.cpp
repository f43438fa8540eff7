#include <cstdlib>

#include "host/ranks/launcher.h"
#include "host/ranks/ranks.h"
#include "kernels/cpu/cores.h"

namespace gan::ranks {

bool has_mpi() {
  return false;
}

Ranks::Ranks() {
  self_.cores = available_cores();
  const auto launch = launched();
  if (!launch) return;
  self_.number = launch->number;
  self_.count = launch->count;
  trouble_ =
      "this gan_cuda was built without MPI and cannot work as one of several ranks; run "
      "tools/setup --with-mpi, then build again (docs/scale.md)";
}

Ranks::~Ranks() = default;

std::vector<std::string> Ranks::gather(const std::string& text) const {
  return {text};
}

void Ranks::gather(float*, std::size_t) const {}
void Ranks::add(float*, std::size_t) const {}
void Ranks::end_all(int code) const {
  std::_Exit(code);
}
void Ranks::take_largest(std::span<std::int64_t>) const {}

}  // namespace gan::ranks
