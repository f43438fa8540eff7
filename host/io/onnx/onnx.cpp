#include "host/io/onnx/onnx.h"

#include "host/base/atomic_file.h"
#include "onnx.pb.h"

namespace gan::io {
namespace {

constexpr int kFloat = 1;  // TensorProto.DataType
constexpr int kInt64 = 7;
constexpr int kFloatAttribute = 1;  // AttributeProto.AttributeType
constexpr int kIntAttribute = 2;
constexpr int kIrVersion = 7;  // of ONNX 1.8, which brought operator set 13
constexpr int kOperatorSet = 13;

void add_tensor(onnx::Graph& graph, const Tensor& tensor) {
  onnx::Tensor& copy = *graph.add_initializer();
  copy.set_name(tensor.name);
  copy.set_data_type(kFloat);
  for (const std::int64_t length : tensor.shape) copy.add_dims(length);
  copy.set_raw_data(tensor.values.data(), tensor.values.size() * sizeof(float));
}

// x or y: (batch, width).
void describe(onnx::ValueInfo& value, const std::string& name, std::int64_t width) {
  value.set_name(name);
  onnx::TensorType& type = *value.mutable_type()->mutable_tensor_type();
  type.set_elem_type(kFloat);
  type.mutable_shape()->add_dim()->set_dim_param("batch");
  type.mutable_shape()->add_dim()->set_dim_value(width);
}

onnx::Node& add_node(onnx::Graph& graph, const std::string& operation, const std::string& input,
                     const std::string& output) {
  onnx::Node& node = *graph.add_node();
  node.set_op_type(operation);
  node.set_name(output);
  node.add_input(input);
  node.add_output(output);
  return node;
}

// Adds the row of its class to every row of x; returns the sum's name.
std::string add_embedding(onnx::Graph& graph, const std::string& embedding, const std::string& x) {
  const std::string rows = x + ".class";
  std::string sum = x + ".sum";
  add_node(graph, "Gather", embedding, rows).add_input(kOnnxClass);
  add_node(graph, "Add", x, sum).add_input(rows);
  return sum;
}

// `embedding`: of the first layer; empty: there is none.
void add_layer(onnx::Graph& graph, const OnnxLayer& layer, const std::string& embedding,
               const std::string& x, const std::string& y) {
  std::string linear = y + ".linear";
  onnx::Node& product = add_node(graph, "Gemm", x, linear);
  product.add_input(layer.weight);
  product.add_input(layer.bias);
  onnx::Attribute& transposed = *product.add_attribute();
  transposed.set_name("transB");
  transposed.set_i(1);
  transposed.set_type(kIntAttribute);
  if (!embedding.empty()) linear = add_embedding(graph, embedding, linear);
  onnx::Node& activation = add_node(graph, layer.activation, linear, y);
  if (layer.activation != "LeakyRelu") return;
  onnx::Attribute& slope = *activation.add_attribute();
  slope.set_name("alpha");
  slope.set_f(static_cast<float>(layer.slope));
  slope.set_type(kFloatAttribute);
}

onnx::Graph graph_of(const OnnxNetwork& network, const TensorFile& file) {
  onnx::Graph graph;
  graph.set_name(network.name);
  std::string x = network.input;
  for (std::size_t l = 0; l < network.layers.size(); ++l) {
    const OnnxLayer& layer = network.layers[l];
    const bool last = l + 1 == network.layers.size();
    const std::string y = last ? network.output : "hidden." + std::to_string(l);
    add_layer(graph, layer, l == 0 ? network.embedding : "", x, y);
    add_tensor(graph, file.at(layer.weight));
    add_tensor(graph, file.at(layer.bias));
    x = y;
  }
  describe(*graph.add_input(), network.input, file.at(network.layers.front().weight).shape.at(1));
  if (!network.embedding.empty()) {
    add_tensor(graph, file.at(network.embedding));
    onnx::ValueInfo& classes = *graph.add_input();
    classes.set_name(kOnnxClass);
    onnx::TensorType& type = *classes.mutable_type()->mutable_tensor_type();
    type.set_elem_type(kInt64);
    type.mutable_shape()->add_dim()->set_dim_param("batch");
  }
  describe(*graph.add_output(), network.output, file.at(network.layers.back().weight).shape.at(0));
  return graph;
}

}  // namespace

void save_onnx(const std::filesystem::path& path, const OnnxNetwork& network,
               const TensorFile& file) {
  onnx::Model model;
  model.set_ir_version(kIrVersion);
  model.set_producer_name("gan_cuda");
  model.set_producer_version(network.version);
  model.add_opset_import()->set_version(kOperatorSet);
  *model.mutable_graph() = graph_of(network, file);
  for (const auto& [key, value] : file.metadata) {
    onnx::Property& property = *model.add_metadata_props();
    property.set_key(key);
    property.set_value(value);
  }
  base::write_file(path, std::string_view(model.SerializeAsString()));
}

}  // namespace gan::io
