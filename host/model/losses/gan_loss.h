// The losses by their names.  Each is a type in a file of this folder.
#pragma once

namespace gan::model {

enum class GanLoss {
  non_saturating,  // non_saturating.h
  minimax,         // minimax.h
  relativistic,    // relativistic.h
};

}  // namespace gan::model
