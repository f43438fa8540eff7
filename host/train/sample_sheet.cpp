#include "host/train/sample_sheet.h"

#include "host/model/latent.h"
#include "kernels/cpu/ops.h"

namespace gan::train {

SampleSheet sheet_of(const run::RunSpec& spec) {
  const int rows =
      spec.conditional ? static_cast<int>(spec.data.classes.size()) : SampleSheet::kRows;
  SampleSheet sheet{rows * SampleSheet::kColumns, {}, {}};
  const int drawn = spec.conditional ? SampleSheet::kColumns : sheet.count;
  sheet.z.resize(static_cast<std::size_t>(drawn) * static_cast<std::size_t>(spec.latent));
  const Clock clock = clock_at(0, {});
  model::draw_latents(CpuOps<float>(), sheet.z.data(), sheet.z.size(), spec.latent_distribution,
                      {spec.seed, RandomStream::sample_latent}, &clock);
  if (!spec.conditional) return sheet;
  const std::vector<float> row = sheet.z;
  for (int r = 1; r < rows; ++r) sheet.z.insert(sheet.z.end(), row.begin(), row.end());
  for (int r = 0; r < rows; ++r)
    sheet.classes.insert(sheet.classes.end(), SampleSheet::kColumns, static_cast<std::uint8_t>(r));
  return sheet;
}

}  // namespace gan::train
