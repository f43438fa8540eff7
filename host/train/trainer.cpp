#include "host/train/trainer.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include "host/base/printable.h"
#include "host/base/stopwatch.h"
#include "host/io/images/loss_plot.h"
#include "host/io/images/sample_grid.h"
#include "host/train/collapse.h"
#include "host/train/run_report.h"
#include "host/train/sample_sheet.h"

namespace gan::train {
namespace {

std::int64_t next_multiple(std::int64_t value, std::int64_t of) {
  return (value / of + 1) * of;
}

class Trainer {
 public:
  Trainer(const run::RunSpec& spec, Engine& engine, const run::RunFolder& folder,
          io::MetricsFile& metrics, Observer& observer, const Evaluation& evaluation)
      : spec_(spec),
        engine_(engine),
        folder_(folder),
        metrics_(metrics),
        observer_(observer),
        evaluating_(evaluation),
        sheet_(sheet_of(spec)),
        saved_step_(engine.step()),
        reported_images_(images_until(engine.step())),
        evaluated_step_(evaluation.last_step),
        stopwatch_(evaluation.train_seconds.value_or(0)),
        reported_seconds_(stopwatch_.seconds()) {}

  Outcome run(const std::atomic<bool>& stop) {
    try {
      require_folder();
      if (engine_.step() < spec_.total_steps()) run::drop_last_samples(folder_);
      report_.emplace(folder_, spec_, engine_.device_name(), engine_.step());
      save_report(io::RunState::training);
      return run_to_the_end(stop);
    } catch (const std::exception& error) {
      report_failure(base::reason_of(error));
      throw;
    }
  }

 private:
  Outcome run_to_the_end(const std::atomic<bool>& stop) {
    const std::int64_t last = spec_.total_steps();
    if (evaluating_.is_owed) {
      const base::Stopwatch::Pause pause(stopwatch_);
      evaluate();
    }
    while (engine_.step() < last && !stop) {
      advance_to(std::min(last, next_event()), stop);
      if (engine_.step() % spec_.log_every == 0) request_report();
      if (engine_.step() % spec_.steps_per_epoch() == 0) finish_epoch();
    }
    finish();
    return is_done() ? Outcome::finished : Outcome::stopped;
  }

  std::int64_t next_event() const {
    const std::int64_t step = engine_.step();
    return std::min(next_multiple(step, spec_.log_every),
                    next_multiple(step, spec_.steps_per_epoch()));
  }

  void advance_to(std::int64_t step, const std::atomic<bool>& stop) {
    while (engine_.step() < step && !stop) {
      engine_.run(std::min(engine_.stride(), step - engine_.step()));
      if (pending_step_ > 0 && engine_.losses_arrived()) report();
    }
  }

  // Real images seen in the first `steps` steps.
  std::int64_t images_until(std::int64_t steps) const {
    const std::int64_t per_epoch = spec_.steps_per_epoch();
    const std::int64_t rest =
        std::min<std::int64_t>(steps % per_epoch * spec_.batch, spec_.data.count);
    return steps / per_epoch * spec_.data.count + rest;
  }

  double epochs_until(std::int64_t steps) const {
    return static_cast<double>(images_until(steps)) / spec_.data.count;
  }

  // Requests the losses.  Only one request is pending at a time, so an earlier one is reported
  // first.
  void request_report() {
    if (pending_step_ > 0) report();
    engine_.request_losses();
    pending_step_ = engine_.step();
    if (engine_.losses_arrived()) report();
  }

  void report() {
    io::MetricsRow row = mean(engine_.take_losses(), std::exchange(pending_step_, 0));
    const std::int64_t images = images_until(row.step);
    row.epoch = epochs_until(row.step);
    const double seconds = stopwatch_.seconds();
    row.images_per_s = images > reported_images_ ? static_cast<double>(images - reported_images_) /
                                                       (seconds - reported_seconds_)
                                                 : last_speed();
    reported_images_ = images;
    reported_seconds_ = seconds;
    if (!std::isfinite(row.loss_d) || !std::isfinite(row.loss_g)) throw lost(row.step);
    metrics_.append(row);
    report_->add(row);
    observer_.losses(row);
    warn(collapse_.losses(row));
  }

  // The speed in a row whose steps were all trained before the run resumed.
  double last_speed() const {
    return report_->rows().empty() ? 0 : report_->rows().back().images_per_s;
  }

  static std::runtime_error lost(std::int64_t step) {
    return diverged(step, "numbers are no longer finite");
  }

  // Of the losses of the steps up to `last`.  G's loss counts in the steps that update G; it is 0
  // where there are none, as in a last row of few steps.
  io::MetricsRow mean(const std::vector<StepLosses<float>>& losses, std::int64_t last) const {
    io::MetricsRow row;
    row.step = last;
    const auto n = static_cast<double>(losses.size());
    const std::int64_t updates = last / spec_.d_steps - (last - std::ssize(losses)) / spec_.d_steps;
    const double of_generator = std::max(1.0, static_cast<double>(updates));
    for (const auto& l : losses) {
      row.loss_real += l.loss_real / n;
      row.loss_fake += l.loss_fake / n;
      row.loss_g += l.loss_g / of_generator;
      row.d_real += l.d_real / n;
      row.d_fake += l.d_fake / n;
      row.penalty += l.penalty / n;
    }
    row.loss_d = row.loss_real + row.loss_fake + row.penalty;
    return row;
  }

  void finish_epoch() {
    const std::int64_t epoch = engine_.step() / spec_.steps_per_epoch();
    const auto due = [epoch](int every) { return every > 0 && epoch % every == 0; };
    const bool sheets =
        due(spec_.sample_every) || (spec_.sample_every > 0 && epoch == spec_.epochs);
    const bool evaluation = evaluating_.evaluator != nullptr && due(spec_.eval_every);
    if (sheets || evaluation || due(spec_.checkpoint_every)) {
      const base::Stopwatch::Pause pause = finish_steps();
      restore_files();
      if (sheets) save_sample_sheets(epoch);
      if (evaluation) evaluate();
      save_report(io::RunState::training);
      if (due(spec_.checkpoint_every)) save();
    }
    observer_.epoch_done(epoch);
  }

  // Waits for the device, so that what it has still to do counts as training, and what comes next
  // does not.
  base::Stopwatch::Pause finish_steps() {
    if (pending_step_ > 0) report();
    engine_.request_losses();
    engine_.take_losses();
    return base::Stopwatch::Pause(stopwatch_);
  }

  void evaluate() {
    require_folder();
    const std::int64_t step = engine_.step();
    try {
      evaluating_.evaluator->evaluate(engine_, {step, epochs_until(step), train_seconds()});
      evaluated_step_ = step;
    } catch (const EvaluationStopped&) {  // it is made when the run is resumed
      evaluation_stopped_ = true;
    }
  }

  bool is_done() const { return engine_.step() >= spec_.total_steps() && !evaluation_stopped_; }

  void restore_files() {
    require_folder();
    for (const auto& file : metrics_.restore()) observer_.warning(removed_text(file));
    observer_.restore_files();
  }

  // Another run may have begun in the folder after somebody removed it.
  void require_folder() const { folder_.require_held(); }

  std::optional<double> train_seconds() const {
    return evaluating_.train_seconds ? std::optional(stopwatch_.seconds()) : std::nullopt;
  }

  std::vector<float> draw_sheet(run::GeneratorWeights weights) {
    return engine_.generate(sheet_.z, weights, sheet_.classes);
  }

  void save_sample_sheets(std::int64_t epoch) {
    const auto images = draw_sheet(run::GeneratorWeights::trained);
    warn(collapse_.samples(images, spec_.data.pixels(), epoch));
    save_sheets(images, static_cast<double>(epoch),
                [&](run::GeneratorWeights weights) { return folder_.samples(epoch, weights); });
  }

  // Of a run that ends within an epoch, which has no sheets of its own.
  void save_last_sample_sheets() {
    const std::int64_t step = engine_.step();
    save_sheets(draw_sheet(run::GeneratorWeights::trained), epochs_until(step),
                [&](run::GeneratorWeights weights) { return folder_.last_samples(step, weights); });
  }

  // `images` are those of the trained generator.
  template <class Path>
  void save_sheets(const std::vector<float>& images, double epoch, const Path& path) {
    io::ReportSheets sheets{epoch, path(run::GeneratorWeights::trained), {}};
    save_sheet(images, sheets.trained, run::GeneratorWeights::trained);
    if (spec_.ema > 0) {
      sheets.average = path(run::GeneratorWeights::average);
      save_sheet(draw_sheet(run::GeneratorWeights::average), sheets.average,
                 run::GeneratorWeights::average);
    }
    report_->add(sheets);
  }

  void save_sheet(const std::vector<float>& images, const std::filesystem::path& path,
                  run::GeneratorWeights weights) {
    require_folder();
    const io::Image sheet = io::sample_grid(images, sheet_.count, spec_.data.height,
                                            spec_.data.width, SampleSheet::kColumns);
    io::write_png(path, sheet);
    observer_.sheet(engine_.step(), weights, sheet);
  }

  void warn(const std::optional<std::string>& line) {
    if (line && spec_.stop_on_collapse) throw std::runtime_error(*line);
    if (line) observer_.warning(*line);
  }

  void save_report(io::RunState state, const std::string& failure = {}) {
    require_folder();
    report_->write({engine_.step(), state, failure});
  }

  // The run has failed already, so a failure to report it is not reported.
  void report_failure(const std::string& failure) noexcept {
    try {
      if (report_) save_report(io::RunState::failed, failure);
    } catch (const std::exception&) {
    }
  }

  // The checkpoint is written last: if the run is killed before, the resumed run writes the other
  // files again.  The checkpoint before it is copied first, so that at every moment there is a
  // whole one in its place.
  void save() {
    require_folder();
    const std::vector<io::Tensor> state = engine_.state();
    for (const io::Tensor& tensor : state)
      if (!std::ranges::all_of(tensor.values, [](float v) { return std::isfinite(v); }))
        throw lost(engine_.step());
    run::save_models(folder_, spec_, state);
    if (spec_.keep_checkpoints > 1 && engine_.step() != saved_step_)
      run::keep_checkpoint(folder_, saved_step_);
    run::save_checkpoint(folder_.checkpoint(), spec_, engine_.step(), state, train_seconds());
    saved_step_ = engine_.step();
    run::drop_checkpoints(folder_, saved_step_, spec_.keep_checkpoints - 1);
  }

  // The steps since the last report get a row too; a resumed run replaces it by that of the full
  // window.
  void finish() {
    if (engine_.step() % spec_.log_every != 0) request_report();
    const base::Stopwatch::Pause pause = finish_steps();
    const bool within_epoch = engine_.step() % spec_.steps_per_epoch() != 0;
    if (spec_.sample_every > 0 && within_epoch && engine_.step() == spec_.total_steps())
      save_last_sample_sheets();
    if (evaluating_.evaluator != nullptr && engine_.step() == spec_.total_steps() &&
        evaluated_step_ != engine_.step() && !evaluation_stopped_)
      evaluate();
    restore_files();
    io::plot_losses(folder_.losses_png(), report_->rows());
    if (is_done())
      observer_.finished(run::model_of(engine_.state(), spec_, spec_.ema > 0 ? "G_ema" : "G"));
    save_report(is_done() ? io::RunState::finished : io::RunState::stopped);
    save();
  }

  const run::RunSpec& spec_;
  Engine& engine_;
  const run::RunFolder& folder_;
  io::MetricsFile& metrics_;
  Observer& observer_;
  const Evaluation& evaluating_;
  CollapseWatch collapse_{spec_};
  std::optional<RunReport> report_;  // from the beginning of run() on
  const SampleSheet sheet_;
  std::int64_t pending_step_ = 0;  // whose losses are on their way; 0: none
  std::int64_t saved_step_;        // of the checkpoint in the folder
  std::int64_t reported_images_;
  std::int64_t evaluated_step_;  // the last
  bool evaluation_stopped_ = false;
  base::Stopwatch stopwatch_;  // of training alone
  double reported_seconds_;
};

}  // namespace

Outcome train(const run::RunSpec& spec, Engine& engine, const run::RunFolder& folder,
              io::MetricsFile& metrics, Observer& observer, const std::atomic<bool>& stop,
              const Evaluation& evaluation) {
  return Trainer(spec, engine, folder, metrics, observer, evaluation).run(stop);
}

}  // namespace gan::train
