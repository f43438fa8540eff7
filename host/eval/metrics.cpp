#include "host/eval/metrics.h"

namespace gan::eval {
namespace {

// `field` of what an optional part of the result holds.
template <auto part, auto field>
std::optional<double> number(const EvalResult& result) {
  const auto& found = result.*part;
  return found ? std::optional<double>((*found).*field) : std::nullopt;
}

template <auto part>
std::optional<double> number(const EvalResult& result) {
  return result.*part;
}

constexpr auto kNeighbours = &EvalResult::neighbourhoods;

constexpr Metric kMetrics[] = {
    {"parzen_ll", MetricGroup::parzen, Better::higher,
     number<&EvalResult::parzen, &ParzenScore::log_likelihood>},
    {"frechet", MetricGroup::frechet, Better::lower, number<&EvalResult::frechet>},
    {"classifier_score", MetricGroup::score, Better::higher, number<&EvalResult::classifier_score>},
    {"kid", MetricGroup::kid, Better::lower, number<&EvalResult::kid>},
    {"precision", MetricGroup::neighbours, Better::higher,
     number<kNeighbours, &Neighbourhoods::precision>},
    {"recall", MetricGroup::neighbours, Better::higher,
     number<kNeighbours, &Neighbourhoods::recall>},
    {"density", MetricGroup::neighbours, Better::higher,
     number<kNeighbours, &Neighbourhoods::density>},
    {"coverage", MetricGroup::neighbours, Better::higher,
     number<kNeighbours, &Neighbourhoods::coverage>},
    {"class_kl", MetricGroup::classes, Better::lower,
     number<&EvalResult::classes, &ClassCoverage::kl_to_uniform>},
    {"min_class", MetricGroup::classes, Better::higher,
     number<&EvalResult::classes, &ClassCoverage::smallest_share>},
    {"class_accuracy", MetricGroup::classes, Better::higher, number<&EvalResult::class_accuracy>,
     true},
};

}  // namespace

std::span<const Metric> metrics() {
  return kMetrics;
}

}  // namespace gan::eval
