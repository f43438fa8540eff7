// The losses by their names.  Each is a type in a file of this folder.
#pragma once

namespace gan::model {

enum class GanLoss {
  non_saturating,  // non_saturating.h
  minimax,         // minimax.h
  relativistic,    // relativistic.h
  least_squares,   // least_squares.h
  hinge,           // hinge.h
  wasserstein,     // wasserstein.h
};

// What a loss takes D's output for, and so what d_real and d_fake of a step's losses are.
enum class Judgement {
  probability,  // of an image being real: sigmoid(logit)
  preference,   // the probability that the real one of two images is the real one
  score,        // the logit itself, of any size
};

constexpr Judgement judgement_of(GanLoss loss) {
  switch (loss) {
    case GanLoss::non_saturating:
    case GanLoss::minimax:
      return Judgement::probability;
    case GanLoss::relativistic:
      return Judgement::preference;
    case GanLoss::least_squares:
    case GanLoss::hinge:
    case GanLoss::wasserstein:
      break;
  }
  return Judgement::score;
}

// Whether D has a label for real images, which can be smoothed.
constexpr bool has_real_label(GanLoss loss) {
  return judgement_of(loss) == Judgement::probability || loss == GanLoss::least_squares;
}

}  // namespace gan::model
