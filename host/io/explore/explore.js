const data = JSON.parse($("data").textContent);
const generator = new Generator(data.layers, data.slope, decode(data.embedding, Float32Array), data);
const directions = decode(data.directions, Float32Array);
data.name ||= decodeURIComponent(location.pathname).split("/").at(-2) || "gan_cuda";
const axes = {
  principal: data.shares.map((share, i) =>
    directionAxis(i, directions.subarray(i * generator.latent, (i + 1) * generator.latent), share)),
  latent: Array.from({length: generator.latent}, (_, i) => latentAxis(i)),
};

let z = new Float32Array(generator.latent); // of the chosen image
let start = z; // where the sliders began
let ofClass = 0; // of the images, if the generator is conditional
const earlier = []; // sheets, for Back

function show(vector) {
  z = Float32Array.from(vector);
  generator.draw($("chosen"), z);
  sliders.show(z);
}

function choose(vector) {
  walk.pause();
  start = vector;
  show(vector);
}

const sheet = new Sheet($("sheet"), generator, choose);
const sliders = new Sliders($("sliders"), (axis, to) => {
  walk.pause();
  show(axis.move(z, to));
});
const walk = new Walk(generator, show);

function tell(text) {
  $("status").textContent = text;
}

function showSheet({vectors, title, index}) {
  sheet.show(vectors, index);
  $("drawn").textContent = title;
  $("back").disabled = earlier.length === 0;
}

function newSheet(vectors, title) {
  if (sheet.vectors.length) earlier.push({vectors: sheet.vectors, title: $("drawn").textContent, index: sheet.index});
  showSheet({vectors, title, index: 0});
  tell("");
}

const draw = seed => drawLatents(seed, data, Sheet.count, generator.latent);
const randomSeed = () => BigInt(crypto.getRandomValues(new Uint32Array(1))[0] % 1000000);

function showSeed(text) {
  const valid = /^\d+$/.test(text) && BigInt(text) < 2n ** 64n;
  $("seed").setAttribute("aria-invalid", String(!valid));
  if (!valid) return tell("A seed is a whole number from 0 to 18446744073709551615.");
  $("seed").value = text;
  newSheet(draw(BigInt(text)), `gan_cuda sample${data.classes.length ? ` --class ${data.classes[ofClass]}` : ""} --seed ${text}`);
}

function moreLikeThis() {
  const chosen = z;
  newSheet([chosen, ...draw(randomSeed()).slice(1).map(noise => near(chosen, noise, 0.45))], "like the first");
}

// The same latent vectors give images of another class.
function useClass(k) {
  ofClass = k;
  generator.useClass(k);
  [...$("classes").children].forEach((button, i) => button.setAttribute("aria-pressed", String(i === k)));
  $("drawn").textContent = $("drawn").textContent.replace(/ --class .*(?= --seed)/, ` --class ${data.classes[k]}`);
  sheet.draw(0);
  walk.show(walk.stops);
  show(z);
}

function showClasses() {
  $("classes").hidden = data.classes.length === 0;
  $("classes").replaceChildren(...data.classes.map((name, k) => {
    const button = make("button", name, {type: "button"});
    button.setAttribute("aria-pressed", String(k === ofClass));
    button.addEventListener("click", () => useClass(k));
    return button;
  }));
  if (data.classes.length) generator.useClass(ofClass);
}

// Right and left along the first direction, up and down along the second.
function nudge(right, up) {
  const moved = [right, up].reduce((vector, by, i) => {
    const axis = axes.principal[i];
    return by && axis ? axis.move(vector, axis.read(vector) + by) : vector;
  }, z);
  walk.pause();
  show(moved);
}

function dragOn(canvas) {
  let from = null; // the pointer's last place
  canvas.addEventListener("pointerdown", event => {
    from = event;
    canvas.setPointerCapture(event.pointerId);
  });
  canvas.addEventListener("pointermove", event => {
    if (from?.pointerId !== event.pointerId) return;
    const unit = canvas.clientWidth / 6;
    nudge((event.clientX - from.clientX) / unit, (from.clientY - event.clientY) / unit);
    from = event;
  });
  for (const end of ["pointerup", "pointercancel"]) canvas.addEventListener(end, () => from = null);
  canvas.addEventListener("keydown", event => {
    const steps = {ArrowLeft: [-0.2, 0], ArrowRight: [0.2, 0], ArrowUp: [0, 0.2], ArrowDown: [0, -0.2]};
    if (!(event.key in steps)) return;
    event.preventDefault();
    nudge(...steps[event.key]);
  });
}

function save(blob, ending) {
  const file = data.name.replace(/[^\w.-]+/g, "_") + ending;
  const link = make("a", "", {href: URL.createObjectURL(blob), download: file});
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
  tell(`Saved ${file}.`);
}

// In whole multiples of its pixels, about 512 wide or high.
function savePng() {
  const times = Math.max(1, Math.floor(512 / Math.max(data.width, data.height)));
  const large = Object.assign(document.createElement("canvas"), {width: times * data.width, height: times * data.height});
  const context = large.getContext("2d");
  context.imageSmoothingEnabled = false;
  context.drawImage($("chosen"), 0, 0, large.width, large.height);
  large.toBlob(blob => save(blob, ".png"), "image/png");
}

function saveZ() {
  const numbers = Array.from(z, value => Number(value.toPrecision(9))); // enough for any float
  const content = {model: data.name, z: numbers, ...(data.classes.length && {class: data.classes[ofClass]})};
  save(new Blob([JSON.stringify(content) + "\n"], {type: "application/json"}), ".json");
}

function parseZ(text) {
  try {
    const content = JSON.parse(text), vector = content.z;
    return Array.isArray(vector) && vector.length === generator.latent && vector.every(Number.isFinite) ? content : null;
  } catch {
    return null;
  }
}

async function loadZ(file) {
  const content = parseZ(await file.text());
  if (!content) return tell(`${file.name} is not a z of ${generator.latent} numbers, as Save z writes it.`);
  const k = data.classes.indexOf(content.class);
  if (k >= 0) useClass(k);
  choose(Float32Array.from(content.z));
  tell(`Loaded ${file.name}.`);
}

function showHeader() {
  const widths = [generator.latent, ...generator.layers.map(layer => layer.out)];
  $("name").textContent = data.name;
  document.title = `${data.name} · gan_cuda`;
  $("summary").textContent = `generator ${widths.join("-")}, ${data.width} × ${data.height} pixels`;
  $("maker").textContent = `Made by ${data.maker}. The generator runs in this page; nothing leaves it.`;
  document.body.style.setProperty("--aspect", data.width / data.height);
}

function listen() {
  const click = (id, act) => $(id).addEventListener("click", act);
  click("new", () => showSeed(String(randomSeed())));
  click("more", moreLikeThis);
  click("back", () => showSheet(earlier.pop()));
  click("reset", () => choose(start));
  click("add", () => walk.show([...walk.stops, z]));
  click("clear", () => walk.show([]));
  click("save-png", savePng);
  click("save-z", saveZ);
  click("load-z", () => $("file").click());
  $("file").addEventListener("change", async () => {
    if ($("file").files.length) await loadZ($("file").files[0]);
    $("file").value = "";
  });
  $("seed").addEventListener("change", () => showSeed($("seed").value.trim()));
  $("basis").addEventListener("change", () => sliders.use(axes[$("basis").value], z));
  dragOn($("chosen"));
}

showHeader();
sliders.use(axes.principal, z);
listen();
showClasses();
showSeed(data.seed);
walk.show(sheet.vectors.slice(0, 4));
