// The evaluator's own classifier of digits: a 784-512-128-10 network, trained on the labelled
// training images with the project's own operations.  Each image is shifted at random each time, so
// that images it was trained on and others look alike to it.  Metrics in its features are
// comparable with each other, and not with those of other networks such as Inception.
#pragma once
#include <functional>
#include <span>

#include "host/data/idx.h"
#include "host/eval/products.h"
#include "host/io/safetensors.h"
#include "host/model/network_shape.h"
#include "kernels/ops.h"

namespace gan::eval {

inline constexpr int kClasses = 10;

struct LabelledImages {
  const data::Images& images;
  std::span<const std::uint8_t> labels;  // (count), each less than kClasses
};

struct ClassifierTraining {
  std::vector<int> hidden = {512, 128};  // the last gives the features
  int batch = 128;
  int epochs = 10;
  int farthest_shift = 2;              // pixels, up or down and to a side
  AdamSettings adam = {.rate = 1e-3};  // at the beginning; it falls linearly to 0 at the end
  std::uint64_t seed = 1;
};

class Classifier {
 public:
  // Takes the tensors network.{0,2,4}.{weight,bias}; throws std::runtime_error if they do not fit.
  Classifier(model::NetworkShape shape, const io::TensorFile& weights);

  // What the classifier sees in images: (n, pixels) in [0, 1].
  struct Outputs {
    Matrix features;       // (n, features), the last hidden layer after its ReLU
    Matrix probabilities;  // (n, classes)
  };
  Outputs apply(const Products& products, MatrixView images) const;

  // The share of the images whose most probable class is their label.
  double accuracy(const Products& products, MatrixView images,
                  std::span<const std::uint8_t> labels) const;

 private:
  model::NetworkShape shape_;
  std::vector<float> parameters_;  // arena
};

// The share of the rows whose most probable class is their label.
double share_read_as(MatrixView probabilities, std::span<const std::uint8_t> labels);

model::NetworkShape classifier_shape(int pixels, const ClassifierTraining& training);

// Called before each of the epochs, which count from 1.
using EpochObserver = std::function<void(int epoch, int epochs)>;

// The weights after training: the same for the same data, on the same kind of machine.  `stop`,
// which may be null, is called before each step, and ends the training with what it throws.
io::TensorFile train_classifier(const LabelledImages& data, const ClassifierTraining& training,
                                const EpochObserver& epoch_begins,
                                const std::function<void()>& stop = nullptr);

}  // namespace gan::eval
