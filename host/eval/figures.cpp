#include "host/eval/figures.h"

namespace gan::eval {
namespace {

// `field` of what an optional part of the verdict holds.
template <auto part, auto field>
std::optional<double> number(const Verdict& verdict) {
  const auto& found = verdict.*part;
  return found ? std::optional<double>((*found).*field) : std::nullopt;
}

template <auto part>
std::optional<double> number(const Verdict& verdict) {
  return verdict.*part;
}

constexpr auto kNeighbours = &Verdict::neighbourhoods;

constexpr Figure kFigures[] = {
    {"parzen_ll", Measure::parzen, Better::higher,
     number<&Verdict::parzen, &ParzenScore::log_likelihood>},
    {"frechet", Measure::frechet, Better::lower, number<&Verdict::frechet>},
    {"classifier_score", Measure::score, Better::higher, number<&Verdict::classifier_score>},
    {"kid", Measure::kid, Better::lower, number<&Verdict::kid>},
    {"precision", Measure::neighbours, Better::higher,
     number<kNeighbours, &Neighbourhoods::precision>},
    {"recall", Measure::neighbours, Better::higher, number<kNeighbours, &Neighbourhoods::recall>},
    {"density", Measure::neighbours, Better::higher, number<kNeighbours, &Neighbourhoods::density>},
    {"coverage", Measure::neighbours, Better::higher,
     number<kNeighbours, &Neighbourhoods::coverage>},
    {"class_kl", Measure::classes, Better::lower,
     number<&Verdict::classes, &ClassCoverage::kl_to_uniform>},
    {"min_class", Measure::classes, Better::higher,
     number<&Verdict::classes, &ClassCoverage::smallest_share>},
};

}  // namespace

std::span<const Figure> figures() {
  return kFigures;
}

}  // namespace gan::eval
