#include <fmt/format.h>
#include <mpi.h>
#include <sched.h>

#include <algorithm>
#include <array>
#include <cstdlib>
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

bool has_mpi() {
  return true;
}

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

void Ranks::gather(float* values, std::size_t n) const {
  if (!is_started_) return;
  // A row may have more values than MPI counts: it is one of a type that has a thousand.
  constexpr std::size_t kBlock = 1024;
  const std::size_t blocks = n / kBlock, rest = n % kBlock;
  MPI_Datatype row = MPI_DATATYPE_NULL, block = MPI_DATATYPE_NULL;
  MPI_Type_contiguous(static_cast<int>(kBlock), MPI_FLOAT, &block);
  const std::array lengths = {static_cast<int>(blocks), static_cast<int>(rest)};
  const std::array<MPI_Aint, 2> places = {0,
                                          static_cast<MPI_Aint>(blocks * kBlock * sizeof(float))};
  const std::array types = {block, MPI_FLOAT};
  MPI_Type_create_struct(2, lengths.data(), places.data(), types.data(), &row);
  MPI_Type_commit(&row);
  MPI_Allgather(MPI_IN_PLACE, 0, MPI_DATATYPE_NULL, values, 1, row, MPI_COMM_WORLD);
  MPI_Type_free(&row);
  MPI_Type_free(&block);
}

void Ranks::add(float* values, std::size_t n) const {
  if (!is_started_) return;
  constexpr std::size_t kMost = std::size_t{1} << 28;  // of a call: MPI counts in int
  for (std::size_t first = 0; first < n; first += kMost)
    MPI_Allreduce(MPI_IN_PLACE, values + first, static_cast<int>(std::min(kMost, n - first)),
                  MPI_FLOAT, MPI_SUM, MPI_COMM_WORLD);
}

void Ranks::end_all(int code) const {
  if (is_started_) MPI_Abort(MPI_COMM_WORLD, code);
  std::_Exit(code);
}

void Ranks::take_largest(std::span<std::int64_t> numbers) const {
  if (!is_started_) return;
  MPI_Allreduce(MPI_IN_PLACE, numbers.data(), static_cast<int>(numbers.size()), MPI_INT64_T,
                MPI_MAX, MPI_COMM_WORLD);
}

std::vector<std::string> Ranks::gather(const std::string& text) const {
  return is_started_ ? gather_in(MPI_COMM_WORLD, text) : std::vector<std::string>{text};
}

}  // namespace gan::ranks
