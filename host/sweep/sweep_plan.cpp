#include "host/sweep/sweep_plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <nlohmann/json.hpp>

#include "host/run/recipes.h"
#include "host/run/toml_file.h"

namespace gan::sweep {
namespace {

constexpr std::size_t kMost = 10'000;       // configurations: more are a mistake
constexpr std::size_t kMostRuns = 100'000;  // likewise
constexpr int kEvaluations = 10;

bool is_taken(const run::TomlEntry& setting) {
  run::RunSpec trial;
  try {
    run::apply_setting(trial, setting);
    return true;
  } catch (const base::UsageError&) {
    return false;
  }
}

// What a name may have in it that is a file's as well.
std::string file_name(const std::string& text) {
  std::string name;
  for (const char c : text)
    if (std::isalnum(static_cast<unsigned char>(c)) ||
        std::string_view("._+-=,").find(c) != std::string_view::npos)
      name += c;
  return name;
}

// A list that the option itself does not take is one of values.
bool is_grid(const run::TomlEntry& setting) {
  return setting.value.is_array() && !setting.value.empty() && !is_taken(setting);
}

// A configuration's name and settings, which are not checked yet.
using Named = std::pair<std::string, std::vector<run::TomlEntry>>;

// Replaces every list of values by each of its values.
std::vector<Named> spanned(const std::string& name, const std::vector<run::TomlEntry>& settings) {
  std::vector<Named> all = {{name, {}}};
  for (const run::TomlEntry& setting : settings) {
    if (!is_grid(setting)) {
      for (auto& [_, chosen] : all) chosen.push_back(setting);
      continue;
    }
    // Before anything is copied: a file of 1 MB can ask for more than memory holds.
    if (setting.value.size() > kMost / all.size())
      throw base::UsageError(setting.place + ": these lists span too many configurations");
    std::vector<Named> more;
    for (const auto& [before, chosen] : all)
      for (const auto& value : setting.value) {
        more.emplace_back(before + "_" + setting.key + "=" + file_name(value.dump()), chosen);
        more.back().second.push_back(setting);
        more.back().second.back().value = value;
      }
    all = std::move(more);
  }
  return all;
}

std::vector<std::uint64_t> seeds_of(const run::TomlEntry& entry) {
  std::vector<std::uint64_t> seeds;
  for (const auto& value : entry.value)
    if (value.is_number_integer() && value >= 0) seeds.push_back(value.get<std::uint64_t>());
  if (!entry.value.is_array() || seeds.empty() || seeds.size() != entry.value.size())
    throw base::UsageError(entry.place + ": seeds must be a list of numbers from 0 on");
  std::ranges::sort(seeds);
  seeds.erase(std::unique(seeds.begin(), seeds.end()), seeds.end());
  return seeds;
}

// Whether what a configuration says itself takes the place of what is said for all of them.
bool is_overruled(const std::string& common, const std::string& own) {
  return common == own || (own == "lr" && (common == "lr-g" || common == "lr-d"));
}

class Reader {
 public:
  explicit Reader(const std::filesystem::path& path) {
    for (const run::TomlEntry& entry :
         run::parse_toml(run::read_settings("sweep", path), path.string())) {
      if (entry.key == "seeds")
        plan_.seeds = seeds_of(entry);
      else if (entry.key == "configuration" && entry.is_table)
        tables_ = entry.entries;
      else
        common_.push_back(entry);
    }
    if (tables_.empty())
      throw base::UsageError(path.string() + " has no table [configuration.NAME]");
  }

  SweepPlan read() {
    for (const run::TomlEntry& table : tables_) span(table);
    if (named_.size() * plan_.seeds.size() > kMostRuns)
      throw base::UsageError(fmt::format("sweep: {} configurations and {} seeds are too many runs",
                                         named_.size(), plan_.seeds.size()));
    for (const Named& each : named_) add(each);
    return std::move(plan_);
  }

 private:
  void span(const run::TomlEntry& table) {
    if (!table.is_table || table.key.empty() || file_name(table.key) != table.key ||
        table.key.starts_with('.'))
      throw base::UsageError(
          table.place + ": " +
          "a configuration is a table [configuration.NAME], NAME of letters, digits, - and _");
    std::vector<run::TomlEntry> settings = common_;
    for (const run::TomlEntry& own : table.entries) {
      std::erase_if(settings, [&](const run::TomlEntry& common) {
        return is_overruled(common.key, own.key);
      });
    }
    settings.insert(settings.end(), table.entries.begin(), table.entries.end());
    std::vector<Named> more = spanned(table.key, settings);
    if (named_.size() + more.size() > kMost)
      throw base::UsageError(table.place + ": with this one there are too many configurations");
    std::ranges::move(more, std::back_inserter(named_));
  }

  void add(const Named& named) {
    const auto& [name, chosen] = named;
    const auto is_given = [&chosen = chosen](std::string_view key) {
      return std::ranges::any_of(chosen, [&](const run::TomlEntry& s) { return s.key == key; });
    };
    run::RunSpec spec;
    run::apply_settings(spec, chosen);
    if (!is_given("eval-every")) spec.eval_every = std::max(1, spec.epochs / kEvaluations);
    const auto groups = is_given("eval-measures") ? spec.eval_groups : std::vector<std::string>();
    plan_.configurations.push_back({name, spec, groups});
  }

  SweepPlan plan_{{}, {1}};
  std::vector<run::TomlEntry> common_, tables_;
  std::vector<Named> named_;
};

}  // namespace

SweepPlan read_sweep(const std::filesystem::path& path) {
  return Reader(path).read();
}

}  // namespace gan::sweep
