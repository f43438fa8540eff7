// The processes that mpirun or srun started together.
#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace gan::ranks {

// Whether this program was built with MPI.
bool has_mpi();

struct Rank {
  int number = 0, count = 1;
  int local = 0;  // its number among the ranks of its machine
  int cores = 1;  // its share of its machine's

  bool is_first() const { return number == 0; }
  bool is_alone() const { return count == 1; }
};

// MPI, from its start to its end; a process that no launcher started is alone and has none.  At
// most one in a program, because MPI starts once.  Programs that are started after its end have
// nothing of it.
class Ranks {
 public:
  Ranks();
  ~Ranks();
  Ranks(const Ranks&) = delete;
  Ranks& operator=(const Ranks&) = delete;

  const Rank& self() const { return self_; }
  // Why the ranks cannot work together; empty if they can.
  const std::string& trouble() const { return trouble_; }

  // The texts of all ranks, in their order.  All of them must call it.
  std::vector<std::string> gather(const std::string& text) const;
  // The rows of all ranks, in their order.  values: (ranks, n), of which each rank has its own row.
  void gather(float* values, std::size_t n) const;
  // Makes each value the sum over all ranks; the order depends on their number.
  void add(float* values, std::size_t n) const;
  // Ends all ranks with this exit code, wherever they are.
  [[noreturn]] void end_all(int code) const;
  // Makes each number the largest of all ranks.
  void take_largest(std::span<std::int64_t> numbers) const;

 private:
  Rank self_;
  std::string trouble_;
  bool is_started_ = false;
};

struct Failure {
  int rank;  // the first that failed
  int code;  // the exit code: 2 for a UsageError, or 1
  std::string reason;
};

// Carries out `work` on all ranks, which must all call it; tells each of them of the first failure.
std::optional<Failure> try_on_all(const Ranks& ranks, const std::function<void()>& work);

// Throws UsageError on every rank whose text, of which `what` is the name, differs from that of
// rank 0.
void require_equal(const Ranks& ranks, const std::string& what, const std::string& text);

}  // namespace gan::ranks
