#include "host/eval/classifier.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "host/model/cpu_backend.h"
#include "host/model/network.h"
#include "kernels/cpu/denormals.h"

namespace gan::eval {
namespace {

using Cpu = model::CpuBackend<float>;

std::vector<int> hidden_widths(const model::NetworkShape& shape) {
  std::vector<int> widths;
  for (const model::Layer& layer : shape.layers) widths.push_back(layer.out);
  widths.pop_back();
  return widths;
}

// The layers up to the features.  Their parameters are the first of the whole network's arena, and
// those of the last layer, which gives the classes, the rest.
model::NetworkShape trunk_of(const model::NetworkShape& shape) {
  std::vector<int> widths = hidden_widths(shape);
  const int features = widths.back();
  widths.pop_back();
  return {shape.inputs(), widths, features, model::Activation::relu};
}

io::TensorFile weights_of(const model::Network<Cpu>& network) {
  io::TensorFile file;
  for (const model::NamedTensor& tensor : network.shape.tensors()) {
    const float* const values = network.parameters.get() + tensor.offset;
    file.tensors.push_back({tensor.name,
                            {tensor.shape.begin(), tensor.shape.end()},
                            {values, values + tensor.size()}});
  }
  return file;
}

struct Pixels {
  int down, across;
};

// out = in, moved; black comes in from the edges.  out, in: (size.down, size.across).
void shift_image(float* out, const float* in, Pixels size, Pixels by) {
  std::fill_n(out, size.down * size.across, 0.0F);
  const int first = std::max(0, by.across), last = std::min(size.across, size.across + by.across);
  for (int y = std::max(0, by.down); y < std::min(size.down, size.down + by.down); ++y)
    if (first < last)
      std::copy_n(in + (y - by.down) * size.across + first - by.across, last - first,
                  out + y * size.across + first);
}

// The rate falls to 0 over all steps.
ClockSettings clock_settings(const LabelledImages& data, const ClassifierTraining& settings) {
  const int per_epoch = (data.images.count + settings.batch - 1) / settings.batch;
  return {settings.adam.beta1,
          settings.adam.beta2,
          {Decay::linear, static_cast<double>(settings.epochs) * per_epoch, 0}};
}

// One training of a classifier: its state, and its steps.
class Training {
 public:
  Training(const LabelledImages& data, const ClassifierTraining& settings)
      : data_(data),
        settings_(settings),
        network_(ops_, classifier_shape(data.images.height * data.images.width, settings),
                 settings.batch),
        order_(data.labels.size()),
        storage_(ops_.permutation_storage(data.images.count)),
        gathered_(settings.batch, network_.shape.inputs()),
        images_(settings.batch, network_.shape.inputs()),
        logits_(settings.batch, kClasses),
        probabilities_(settings.batch, kClasses),
        labels_(static_cast<std::size_t>(settings.batch)),
        clock_settings_(clock_settings(data, settings)) {
    network_.initialise(ops_, {settings.seed, RandomStream::classifier_weights});
  }

  void run_epoch(int epoch, const std::function<void()>& stop) {
    const FlushDenormals flush;
    ops_.permutation(order_.data(), storage_.data(), data_.images.count,
                     {settings_.seed, RandomStream::classifier_order},
                     static_cast<std::uint64_t>(epoch));
    for (int first = 0; first < data_.images.count; first += settings_.batch) {
      if (stop) stop();
      step(first, std::min(settings_.batch, data_.images.count - first));
    }
  }

  io::TensorFile weights() const { return weights_of(network_); }

 private:
  // Trains on `count` images from number `first` of the epoch's order on.
  void step(int first, int count) {
    const Clock clock = clock_at(step_, clock_settings_);
    float* const x = images_.values.data();
    float* const z = logits_.values.data();
    float* const p = probabilities_.values.data();
    draw_batch(first, count, clock);
    float loss = 0;
    network_.forward(ops_, x, z, {0, count});
    ops_.softmax_cross_entropy(&loss, p, z, labels_.data(), count, kClasses);
    ops_.softmax_cross_entropy_gradient(p, p, labels_.data(), count, kClasses);
    network_.backward(ops_, x, z, p, nullptr, {0, count}, model::Backward::parameters);
    network_.update(ops_, model::Optimiser::adam, settings_.adam, &clock);
    ++step_;
  }

  void draw_batch(int first, int count, const Clock& clock) {
    const data::Images& all = data_.images;
    ops_.gather(gathered_.values.data(),
                {all.pixels.data(), order_.data(), all.count, all.height * all.width}, &clock,
                count, settings_.batch);
    std::vector<float> draws(2 * static_cast<std::size_t>(count));  // in (-1, 1)
    ops_.uniform(draws.data(), draws.size(), 1, {settings_.seed, RandomStream::classifier_shift},
                 step_);
    const auto shift = [&](std::size_t draw) {
      const auto range = static_cast<float>(settings_.farthest_shift) + 0.5F;
      return static_cast<int>(std::lround(range * draws[draw]));
    };
    for (int i = 0; i < count; ++i) {
      const auto row = static_cast<std::size_t>(i);
      shift_image(images_.row(i), gathered_.row(i), {all.height, all.width},
                  {shift(2 * row), shift(2 * row + 1)});
      labels_[row] = data_.labels[order_[static_cast<std::size_t>(first) + row]];
    }
  }

  const LabelledImages& data_;
  const ClassifierTraining& settings_;
  Cpu ops_;
  model::Network<Cpu> network_;
  std::vector<std::uint32_t> order_;  // of the epoch
  std::vector<std::uint8_t> storage_;
  Matrix gathered_;                         // the images of a batch
  Matrix images_, logits_, probabilities_;  // shifted, and what becomes of them
  std::vector<std::uint8_t> labels_;
  ClockSettings clock_settings_;
  std::uint64_t step_ = 0;
};

// How a label is found: the class with the highest of its probabilities.
int most_probable(const float* probabilities) {
  return static_cast<int>(std::max_element(probabilities, probabilities + kClasses) -
                          probabilities);
}

}  // namespace

model::NetworkShape classifier_shape(int pixels, const ClassifierTraining& training) {
  return {pixels, training.hidden, kClasses, model::Activation::none};
}

io::TensorFile train_classifier(const LabelledImages& data, const ClassifierTraining& training,
                                const EpochObserver& epoch_begins,
                                const std::function<void()>& stop) {
  if (!std::ranges::all_of(data.labels, [](std::uint8_t label) { return label < kClasses; }))
    throw std::runtime_error("the labels of the training images are not all from 0 to 9");
  Training run(data, training);
  for (int epoch = 0; epoch < training.epochs; ++epoch) {
    epoch_begins(epoch + 1, training.epochs);
    run.run_epoch(epoch, stop);
  }
  return run.weights();
}

Classifier::Classifier(model::NetworkShape shape, const io::TensorFile& weights)
    : shape_(std::move(shape)), parameters_(shape_.arena) {
  for (const model::NamedTensor& place : shape_.tensors()) {
    const io::Tensor& tensor = weights.at(place.name);
    if (!std::ranges::equal(tensor.shape, place.shape))
      throw std::runtime_error("tensor " + place.name +
                               " does not have the shape of the classifier");
    std::ranges::copy(tensor.values,
                      parameters_.begin() + static_cast<std::ptrdiff_t>(place.offset));
  }
}

Classifier::Outputs Classifier::apply(const Products& products, MatrixView images) const {
  const model::Layer& last = shape_.layers.back();
  const std::span<const float> arena = parameters_;
  Outputs outputs;
  outputs.features = products.forward(trunk_of(shape_), arena, images);
  outputs.probabilities = products.forward({last.in, {}, last.out, last.activation},
                                           arena.subspan(last.weight), outputs.features.view());
  float loss = 0;
  float* const p = outputs.probabilities.values.data();
  const std::vector<std::uint8_t> any(static_cast<std::size_t>(images.rows));
  CpuOps<float>().softmax_cross_entropy(&loss, p, p, any.data(), images.rows, last.out);
  return outputs;
}

double Classifier::accuracy(const Products& products, MatrixView images,
                            std::span<const std::uint8_t> labels) const {
  return share_read_as(apply(products, images).probabilities.view(), labels);
}

double share_read_as(MatrixView probabilities, std::span<const std::uint8_t> labels) {
  int right = 0;
  for (int i = 0; i < probabilities.rows; ++i)
    right += most_probable(probabilities.row(i)) == labels[static_cast<std::size_t>(i)] ? 1 : 0;
  return static_cast<double>(right) / probabilities.rows;
}

}  // namespace gan::eval
