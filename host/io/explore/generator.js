function decode(base64, Values) {
  const text = atob(base64), bytes = new Uint8Array(text.length);
  for (let i = 0; i < bytes.length; ++i) bytes[i] = text.charCodeAt(i);
  return new Values(bytes.buffer);
}

// A weight is an integer times the scale of its row.
function decodeLayer(layer) {
  const scales = decode(layer.scales, Float32Array);
  const weights = Float32Array.from(decode(layer.weights, Int16Array));
  for (let i = 0; i < weights.length; ++i) weights[i] *= scales[Math.floor(i / layer.in)];
  return {in: layer.in, out: layer.out, weights, biases: decode(layer.biases, Float32Array)};
}

// w·x + b.
function affine({out, in: width, weights, biases}, x) {
  const y = new Float32Array(out);
  for (let o = 0, w = 0; o < out; ++o) {
    let sum = biases[o];
    for (let i = 0; i < width; ++i) sum += weights[w++] * x[i];
    y[o] = sum;
  }
  return y;
}

class Generator {
  constructor(layers, slope, embedding, {width, height}) {
    Object.assign(this, {layers: layers.map(decodeLayer), slope, embedding, width, height});
    this.latent = layers[0].in;
    this.biases = this.layers[0].biases; // of the first layer, without a class
  }

  // A conditional generator draws images of class k from now on.
  useClass(k) {
    const rows = this.embedding, first = k * this.biases.length;
    this.layers[0].biases = this.biases.map((bias, i) => bias + rows[first + i]);
  }

  // The pixels of G(z), in [0, 1].
  pixels(z) {
    let x = z;
    for (const layer of this.layers.slice(0, -1)) x = affine(layer, x).map(v => v > 0 ? v : this.slope * v);
    return affine(this.layers.at(-1), x).map(v => 1 / (1 + Math.exp(-v)));
  }

  // Draws G(z) on a canvas of the image's size.
  draw(canvas, z) {
    Object.assign(canvas, {width: this.width, height: this.height});
    const image = new ImageData(this.width, this.height), words = new Uint32Array(image.data.buffer);
    this.pixels(z).forEach((v, i) => words[i] = 0xff000000 | 0x10101 * Math.floor(255 * v + 0.5));
    canvas.getContext("2d").putImageData(image, 0, 0);
  }
}
