// Latent vectors as `gan_cuda sample --seed` draws them: Philox4x32-10 and Box-Muller as in kernels/random.h, each
// operation rounded to a float.

const f = Math.fround;

// The upper 32 bits of a product of two 32-bit words.
function highWord(a, b) {
  const aLow = a & 0xffff, aHigh = a >>> 16, bLow = b & 0xffff, bHigh = b >>> 16;
  const middle = aHigh * bLow + (aLow * bLow >>> 16) + aLow * bHigh;
  return aHigh * bHigh + Math.floor(middle / 0x10000) >>> 0;
}

// Four random words of a counter (four words) and a key (two).
function philox([c0, c1, c2, c3], [k0, k1]) {
  const A = 0xd2511f53, B = 0xcd9e8d57;
  for (let round = 0; round < 10; ++round) {
    [c0, c1, c2, c3] = [highWord(B, c2) ^ c1 ^ k0, Math.imul(B, c2), highWord(A, c0) ^ c3 ^ k1, Math.imul(A, c0)]
      .map(word => word >>> 0);
    k0 = k0 + 0x9e3779b9 >>> 0;
    k1 = k1 + 0xbb67ae85 >>> 0;
  }
  return [c0, c1, c2, c3];
}

const unitUniform = word => f(((word >>> 9) + 0.5) * 2 ** -23);

// c[0] + x·(c[1] + x·(c[2] + …)).
const polynomial = (x, coefficients) => coefficients.reduceRight((sum, c) => f(c + f(x * sum)));

const floatBits = new Float32Array(1), intBits = new Int32Array(floatBits.buffer);
const LOG = [f(1 / 3), f(1 / 5), f(1 / 7), f(1 / 9)];

// ln u for u in (0, 1).
function logUnit(u) {
  floatBits[0] = u;
  const exponent = intBits[0] - 0x3f3504f3 >> 23;
  intBits[0] -= exponent << 23;
  const m = floatBits[0], s = f(f(m - 1) / f(m + 1)), s2 = f(s * s);
  const series = f(s2 * polynomial(s2, LOG)), twice = f(2 * s);
  return f(f(exponent * f(0.693147181)) + f(twice + f(twice * series)));
}

const SINE = [f(-1 / 6), f(1 / 120), f(-1 / 5040), f(1 / 362880)];
const COSINE = [1, -0.5, f(1 / 24), f(-1 / 720), f(1 / 40320)];

// Two N(0, 1) values of two words.
function boxMuller(word1, word2) {
  const radius = f(Math.sqrt(f(-2 * logUnit(unitUniform(word1)))));
  const quarters = f(4 * unitUniform(word2)), q = Math.trunc(f(quarters + 0.5));
  const x = f(f(quarters - q) * f(1.57079633)), x2 = f(x * x);
  const sine = f(x + f(f(x * x2) * polynomial(x2, SINE))), cosine = polynomial(x2, COSINE);
  const [first, second] = q % 2 === 0 ? [cosine, sine] : [sine, cosine];
  return [f(radius * (q === 1 || q === 2 ? -first : first)), f(radius * (q === 2 || q === 3 ? -second : second))];
}

const ROOT_3 = f(Math.sqrt(3));

// Of U(±√3).
const wideUniform = word => f(f(f(2 * unitUniform(word)) - 1) * ROOT_3);

// `count` vectors of `latent` values, of N(0, 1) or U(±√3).  seed: a BigInt; subsequence: a Number.
function drawLatents(seed, {subsequence, uniform}, count, latent) {
  const key = [Number(seed & 0xffffffffn), Number(seed >> 32n)];
  const high = Math.floor(subsequence / 2 ** 32), values = new Float32Array(Math.ceil(count * latent / 4) * 4);
  for (let block = 0; 4 * block < values.length; ++block) {
    const words = philox([block, 0, subsequence >>> 0, high], key);
    values.set(uniform ? words.map(wideUniform) : [...boxMuller(words[0], words[1]), ...boxMuller(words[2], words[3])],
               4 * block);
  }
  return Array.from({length: count}, (_, i) => values.slice(i * latent, (i + 1) * latent));
}

const dot = (a, b) => a.reduce((sum, value, i) => sum + value * b[i], 0);

// a at t = 0, b at t = 1, on the great circle between; straight between parallel vectors.
function spherical(a, b, t) {
  const lengths = Math.sqrt(dot(a, a) * dot(b, b));
  const angle = lengths > 0 ? Math.acos(Math.max(-1, Math.min(1, dot(a, b) / lengths))) : 0;
  const sine = Math.sin(angle), parallel = Math.abs(sine) < 1e-6;
  const [first, second] = parallel ? [1 - t, t] : [Math.sin((1 - t) * angle) / sine, Math.sin(t * angle) / sine];
  return a.map((value, i) => first * value + second * b[i]);
}

// Vectors near z, of the same distribution: the share `distance`² of their variance is new.
const near = (z, noise, distance) => z.map((value, i) => Math.sqrt(1 - distance ** 2) * value + distance * noise[i]);
