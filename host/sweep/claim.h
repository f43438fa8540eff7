// Who of several programs works on a run.
#pragma once
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "host/base/file.h"

namespace gan::sweep {

// A lock on a file beside the run's folder.  It lives as long as any process has the descriptor
// open, so that a run whose sweep was killed keeps it until it has saved and ended.  The file holds
// how the run ended, in a line, and nothing before: who locks it knows whether somebody was there
// first, without asking for other files, which network file systems may show late.
class Claim {
 public:
  // None while somebody else has it.  Throws std::runtime_error.
  static std::optional<Claim> take(const std::filesystem::path& path);

  int descriptor() const { return file_.descriptor(); }
  void set_outcome(std::string_view line);

 private:
  explicit Claim(base::File file) : file_(std::move(file)) {}
  base::File file_;
};

// How a run ended, as set_outcome() told it; empty: it has not.
std::string outcome_in(const std::filesystem::path& path);

// Drops what an earlier sweep told.  For a caller who holds the folder of the sweep.
void forget_outcome(const std::filesystem::path& path);

}  // namespace gan::sweep
