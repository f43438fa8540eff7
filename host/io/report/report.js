const plural = (count, word) => `${whole(count)} ${word}${count === 1 ? "" : "s"}`;

const run = JSON.parse($("run").textContent);
const {state, metrics, sheets, evaluations} = run;
const options = run.config.run;
const column = name => metrics.points.map(point => point[metrics.columns.indexOf(name)]);
// What D's output is: a probability of each image, one of each pair, or a score.
const pairs = options.loss === "relativistic", scores = ["least-squares", "hinge", "wasserstein"].includes(options.loss);
const epochs = column("epoch"), steps = column("step");
const charts = []; // of the metrics
let judgementChart = null;

function showHeader() {
  // The folder's name where the page lies now: it is none of the page's own data, so equal runs have equal pages.
  const folder = decodeURIComponent(location.pathname).split("/").at(-2);
  $("name").textContent = folder || "gan_cuda";
  document.title = folder ? `${folder} · gan_cuda` : "gan_cuda";
  $("state").textContent = {training: "training", finished: "finished", stopped: "stopped", failed: "failed"}[state.name];
  $("state").classList.add(state.name);
  const pixels = options["data-height"] * options["data-width"];
  const network = (...widths) => widths.flat().join("-");
  $("summary").textContent = [
    `G ${network(options.latent, options["g-hidden"], pixels)}`, `D ${network(pixels, options["d-hidden"], 1)}`,
    `batch ${options.batch}`, `seed ${options.seed}`, options.data, run.config.device].join(" · ");
  $("failure").hidden = !state.failure;
  $("failure").textContent = state.failure;
  $("explore").hidden = !run.explored;
  if (state.name === "training") $("state").title = "When this page was written; load it again for what came since.";
  $("maker").textContent = `Made by ${run.config.program} ${run.config.version} (${run.config.commit}). Charts: dygraphs.`;
}

function showTiles() {
  const last = name => column(name).at(-1);
  const speeds = column("images_per_s").filter(speed => speed !== null).sort((a, b) => a - b);
  const perEpoch = Math.ceil(options["data-count"] / options.batch);
  const tiles = [
    ["Progress", `${(100 * state.step / state.total_steps).toFixed(state.step < state.total_steps ? 1 : 0)} %`,
     `epoch ${+(state.step / perEpoch).toFixed(2)} of ${whole(options.epochs)} · step ${whole(state.step)}`],
    ["Loss of D · of G", `${short(last("loss_d"))} · ${short(last("loss_g"))}`, "last row"],
    pairs ? ["Real over generated", short(last("d_real")), "last row"]
      : [scores ? "Score of real · generated" : "D(x) · D(G(z))", `${short(last("d_real"))} · ${short(last("d_fake"))}`, "last row"],
    ["Images per second", speeds.length ? whole(Math.round(speeds[speeds.length >> 1])) : "–", "median"]];
  const judged = evaluations.rows.filter(row => typeof row[options["keep-best"]] === "number").at(-1);
  if (judged)
    tiles.push([options["keep-best"], short(judged[options["keep-best"]]), `last evaluation, ${judged.weights}`]);
  $("tiles").replaceChildren(...tiles.map(([name, value, remark]) => {
    const tile = make("div", ""), number = make("dd", value);
    number.append(make("small", remark));
    tile.append(make("dt", name), number);
    return tile;
  }));
}

// The charts of the metrics read and zoom as one.
function linked() {
  let busy = false;
  const others = (from, act) => {
    if (busy) return;
    busy = true;
    charts.filter(chart => chart !== from).forEach(act);
    busy = false;
  };
  return {
    read(row, from) {
      others(from, chart => chart.select(row));
    },
    zoom(from) {
      const window = from.graph.isZoomed("x") ? from.graph.xAxisRange() : null;
      others(from, chart => chart.graph.updateOptions({dateWindow: window}));
    },
    click: epoch => showSheet(nearestSheet(epoch)),
  };
}

function showCurves() {
  if (!epochs.length) {
    for (const id of ["losses", "outputs"]) $(id).querySelector(".plot").replaceChildren(make("p", "No row of metrics yet.", {className: "note"}));
    return;
  }
  const curve = (name, key, colour, off = false) => ({name, colour, off, values: column(key)});
  const losses = [curve("discriminator", "loss_d", "--blue"), curve("generator", "loss_g", "--vermilion"),
                  curve(pairs ? "D, pairs" : "D, real", "loss_real", "--green", true)];
  if (!pairs) losses.push(curve("D, generated", "loss_fake", "--purple", true));
  if (column("penalty").some(value => value > 0)) losses.push(curve("penalty", "penalty", "--grey", true));
  const outputs = [curve(pairs ? "real over generated" : "real, D(x)", "d_real", "--green")];
  if (!pairs) outputs.push(curve("generated, D(G(z))", "d_fake", "--purple"));
  const told = linked(), place = row => `epoch ${epochs[row].toFixed(2)} · step ${whole(steps[row])}`;
  charts.push(new Chart($("losses"), epochs, losses, {yLabel: "loss", place, told}));
  charts.push(new Chart($("outputs"), epochs, outputs,
                        {yLabel: scores ? "mean score" : "mean probability", range: scores ? null : [0, 1], place, told}));
  $("smooth").addEventListener("change", () => {
    for (const chart of charts) {
      chart.graph.adjustRoll(Number($("smooth").value));
      chart.read(null);
    }
  });
  $("unzoom").addEventListener("click", () => charts.forEach(chart => chart.resetZoom()));
  $("points").textContent = metrics.each === 1 ? "" :
    `Every point is the mean of ${metrics.each} of the ${whole(metrics.count)} rows; all of them are in metrics.csv.`;
}

function nearestSheet(epoch) {
  const far = sheets.chosen.map(sheet => Math.abs(sheet.epoch - epoch));
  return far.indexOf(Math.min(...far));
}

function showSheet(index) {
  if (index < 0) return;
  const sheet = sheets.chosen[index];
  for (const weights of ["trained", "average"]) {
    const image = $(weights);
    image.parentElement.hidden = !sheet[weights];
    if (!sheet[weights]) continue;
    image.src = `data:image/png;base64,${sheet[weights]}`;
    image.alt = `Samples of ${weights === "trained" ? "the generator" : "its moving average"} after epoch ${sheet.epoch}`;
  }
  $("sheet").value = index;
  $("sheet").setAttribute("aria-valuetext", `epoch ${sheet.epoch}`);
  $("epoch").textContent = `after epoch ${+sheet.epoch.toFixed(2)}`;
  for (const chart of charts) chart.markEpoch(sheet.epoch);
}

function showSamples() {
  const last = sheets.chosen.length - 1;
  if (last < 0) return;
  $("samples").hidden = false;
  $("sheet").max = last;
  $("sheet").addEventListener("input", () => showSheet($("sheet").valueAsNumber));
  let timer = null;
  $("play").addEventListener("click", () => {
    clearInterval(timer);
    timer = timer === null ? setInterval(() => showSheet(($("sheet").valueAsNumber + 1) % (last + 1)), 350) : null;
    $("play").textContent = timer === null ? "Play" : "Pause";
    $("play").setAttribute("aria-pressed", String(timer !== null));
  });
  $("chosen").textContent = sheets.count === sheets.chosen.length ? "" :
    `${sheets.chosen.length} of ${plural(sheets.count, "epoch")} with sheets, evenly chosen; all of them are in samples/.`;
  showSheet(last);
}

// The chart of one figure over the epochs, of the generator and of its moving average.
function showFigure(figure) {
  const judged = [...new Set(evaluations.rows.map(row => row.epoch))];
  const values = weights => judged.map(epoch =>
    evaluations.rows.find(row => row.epoch === epoch && row.weights === weights)?.[figure] ?? null);
  const curves = [{name: "generator", colour: "--blue", values: values("trained")}];
  if (evaluations.rows.some(row => row.weights === "average"))
    curves.push({name: "moving average", colour: "--vermilion", values: values("average")});
  judgementChart?.graph.destroy();
  judgementChart = new Chart($("judgements"), judged, curves, {yLabel: figure, place: row => `epoch ${+judged[row].toFixed(2)}`});
}

function showTable(figures) {
  const cell = (key, row) => typeof row[key] !== "number" ? String(row[key] ?? "–") :
    Number.isInteger(row[key]) ? whole(row[key]) : String(+row[key].toPrecision(5));
  const line = (name, texts) => {
    const tr = make("tr", "");
    tr.append(...texts.map(text => make(name, text)));
    return tr;
  };
  const keys = ["epoch", "train_seconds", "weights", ...figures];
  $("table").replaceChildren(line("th", keys), ...evaluations.rows.map(row => line("td", keys.map(key => cell(key, row)))));
}

function showJudgements() {
  if (!evaluations.rows.length) return;
  const others = ["step", "epoch", "train_seconds", "seconds"];
  const figures = [...new Set(evaluations.rows.flatMap(Object.keys))].filter(
    key => !others.includes(key) && evaluations.rows.some(row => typeof row[key] === "number"));
  $("judgements").hidden = false;
  $("figure").replaceChildren(...figures.map(figure => make("option", figure, {value: figure})));
  $("figure").value = figures.includes(options["keep-best"]) ? options["keep-best"] : figures[0];
  $("figure").addEventListener("change", () => showFigure($("figure").value));
  showFigure($("figure").value);
  showTable(figures);
  const shown = new Set(evaluations.rows.map(row => row.step)).size;
  $("judged").textContent = shown === evaluations.count ? "" :
    `${shown} of ${plural(evaluations.count, "evaluation")}, evenly chosen; all of them are in evaluations.jsonl.`;
}

function showConfiguration() {
  $("configuration").replaceChildren(...Object.entries(options).map(([name, value]) => {
    const entry = make("div", "");
    entry.append(make("dt", name), make("dd", [value].flat().join(", ")));
    return entry;
  }));
}

showHeader();
showTiles();
showCurves();
showSamples();
showJudgements();
showConfiguration();
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () =>
  [...charts, judgementChart].forEach(chart => chart?.recolour()));
