#include <fmt/format.h>

#include <span>

#include "host/base/errors.h"
#include "host/base/printable.h"
#include "host/base/sha256.h"
#include "host/ranks/ranks.h"

namespace gan::ranks {

std::optional<Failure> try_on_all(const Ranks& ranks, const std::function<void()>& work) {
  std::string mine;  // the exit code and the reason
  try {
    work();
  } catch (const base::UsageError& error) {
    mine = "2" + base::reason_of(error);
  } catch (const std::exception& error) {
    mine = "1" + base::reason_of(error);
  }
  const std::vector<std::string> all = ranks.gather(mine);
  for (std::size_t i = 0; i < all.size(); ++i)
    if (!all[i].empty()) return Failure{static_cast<int>(i), all[i][0] - '0', all[i].substr(1)};
  return std::nullopt;
}

void require_equal(const Ranks& ranks, const std::string& what, const std::string& text) {
  const auto all = ranks.gather(base::sha256_of(std::as_bytes(std::span(text))));
  if (all[static_cast<std::size_t>(ranks.self().number)] != all[0])
    throw base::UsageError(
        fmt::format("rank {} has other {} than rank 0; start all ranks with the same command",
                    ranks.self().number, what));
}

}  // namespace gan::ranks
