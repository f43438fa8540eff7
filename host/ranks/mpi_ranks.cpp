#include <fmt/format.h>
#include <mpi.h>
#include <sched.h>

#include <algorithm>
#include <numeric>

#include "host/ranks/launcher.h"
#include "host/ranks/ranks.h"
#include "kernels/cpu/cores.h"

namespace gan::ranks {
namespace {

// MPI's own error handler ends the program when a call fails.

int number_in(MPI_Comm group) {
  int number = 0;
  MPI_Comm_rank(group, &number);
  return number;
}

std::vector<std::string> gather_in(MPI_Comm group, const std::string& text) {
  int count = 0;
  MPI_Comm_size(group, &count);
  const int length = static_cast<int>(text.size());
  std::vector<int> lengths(static_cast<std::size_t>(count)), starts(lengths.size());
  MPI_Allgather(&length, 1, MPI_INT, lengths.data(), 1, MPI_INT, group);
  std::exclusive_scan(lengths.begin(), lengths.end(), starts.begin(), 0);
  std::string all(static_cast<std::size_t>(starts.back() + lengths.back()), '\0');
  MPI_Allgatherv(text.data(), length, MPI_CHAR, all.data(), lengths.data(), starts.data(), MPI_CHAR,
                 group);
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < lengths.size(); ++i)
    texts.push_back(all.substr(static_cast<std::size_t>(starts[i]), std::size_t(lengths[i])));
  return texts;
}

// The cores that this process may use, as text to compare.
std::string allowed_cores() {
  cpu_set_t allowed;
  CPU_ZERO(&allowed);
  sched_getaffinity(0, sizeof(allowed), &allowed);
  return {reinterpret_cast<const char*>(&allowed), sizeof(allowed)};
}

// Launchers often bind each rank to cores of its own; those that may use the same ones share them.
int share_of_cores(MPI_Comm machine, int local) {
  const std::vector<std::string> all = gather_in(machine, allowed_cores());
  const auto here = all.begin() + local;
  const auto sharing = std::count(all.begin(), all.end(), *here);
  const auto place = std::count(all.begin(), here, *here);
  return cores_of(static_cast<int>(place), static_cast<int>(sharing), available_cores());
}

}  // namespace

Ranks::Ranks() {
  self_.cores = available_cores();
  const auto launch = launched();
  if (!launch) return;
  MPI_Init(nullptr, nullptr);
  is_started_ = true;
  self_.number = number_in(MPI_COMM_WORLD);
  MPI_Comm_size(MPI_COMM_WORLD, &self_.count);
  if (self_.count == 1) {
    self_ = {launch->number, launch->count};
    trouble_ = fmt::format(
        "{} processes were started together, but MPI connects none of them; use the mpirun of the "
        "MPI that gan_cuda was built with, or srun --mpi=pmix (docs/scale.md)",
        launch->count);
    return;
  }
  MPI_Comm machine = MPI_COMM_NULL;
  MPI_Comm_split_type(MPI_COMM_WORLD, MPI_COMM_TYPE_SHARED, self_.number, MPI_INFO_NULL, &machine);
  self_.local = number_in(machine);
  self_.cores = share_of_cores(machine, self_.local);
  MPI_Comm_free(&machine);
}

Ranks::~Ranks() {
  if (is_started_) MPI_Finalize();
}

std::vector<std::string> Ranks::gather(const std::string& text) const {
  return is_started_ ? gather_in(MPI_COMM_WORLD, text) : std::vector<std::string>{text};
}

}  // namespace gan::ranks
