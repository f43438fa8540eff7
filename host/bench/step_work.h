// What one training step has to do at least, whatever carries it out.
#pragma once
#include "host/run/run_spec.h"

namespace gan::bench {

struct StepWork {
  double flops;  // of the matrix products, an addition and a multiplication each counted
  double bytes;  // to and from where the parameters and the images lie
};

// Of a full batch of B rows, with the products of one forward of G over 2B rows, D's forward and
// backward over 2B, and its forward and backward to the images over B, and G's backward over B.
// The bytes are each parameter and its two moments read and written once, and the real images read
// once: everything else can stay on the chip.  Extra ways to train (pairs, penalties) are not
// counted.
StepWork step_work(const run::RunSpec& spec);

}  // namespace gan::bench
