// A number of a curve, short and always of about the same width.
function short(value) {
  if (value === null || value === undefined || Number.isNaN(value)) return "–";
  const size = Math.abs(value);
  if (size !== 0 && size < 0.001) return value.toExponential(1);
  return size < 100 ? value.toFixed(3) : Math.round(value).toLocaleString("en");
}

const colour = variable => getComputedStyle(document.documentElement).getPropertyValue(variable).trim();

// Curves over epochs in a card of the page, by dygraphs.  Its legend reads out values, those of the last point where nothing
// is pointed at, and switches curves on and off.
class Chart {
  // curves: [{name, colour, values, off}], as many values as epochs each.  place(row) names a row.  told.read(row, chart),
  // told.zoom(chart) and told.click(epoch) are called when that happens.
  constructor(card, epochs, curves, {yLabel, range = null, place, told = {}}) {
    this.card = card;
    this.epochs = epochs;
    this.curves = curves;
    this.place = place;
    this.told = told;
    this.mark = null; // an epoch
    this.row = epochs.length - 1;
    this.fillLegend();
    this.graph = new Dygraph(card.querySelector(".plot"), epochs.map((epoch, i) => [epoch, ...curves.map(c => c.values[i])]), {
      ...this.colours(), labels: ["epoch", ...curves.map(c => c.name)], visibility: curves.map(c => !c.off),
      xlabel: "epoch", ylabel: yLabel, valueRange: range, xLabelHeight: 18, yLabelWidth: 18, legend: "never", strokeWidth: 1.5,
      highlightCircleSize: 4, drawPoints: epochs.length < 60, pointSize: 2, rightGap: 20, xRangePad: 4, yRangePad: 6,
      axes: {x: {pixelsPerLabel: 60, axisLabelWidth: 40, axisLabelFormatter: x => String(+x.toPrecision(6))},
             y: {axisLabelWidth: 48, pixelsPerLabel: 36, axisLabelFormatter: y => String(+y.toPrecision(3))}},
      interactionModel: this.interaction(),
      highlightCallback: (event, x, points, row) => this.read(row),
      unhighlightCallback: () => this.read(null),
      clickCallback: (event, x) => told.click?.(x),
      drawCallback: (graph, first) => first || told.zoom?.(this),
      underlayCallback: (context, area, graph) => this.drawMark(context, area, graph),
    });
    this.read(null);
    const log = card.querySelector(".log");
    this.range = () => log?.checked ? null : range;
    log?.addEventListener("change", () => this.graph.updateOptions({logscale: log.checked, valueRange: this.range()}));
    const plot = card.querySelector(".plot");
    plot.tabIndex = 0;
    plot.setAttribute("role", "application"); // its keys are its own
    plot.setAttribute("aria-label", `Chart: ${card.querySelector("h2").textContent}`);
    plot.addEventListener("keydown", event => this.key(event));
    plot.addEventListener("blur", () => this.select(null));
  }

  colours() {
    return {colors: this.curves.map(c => colour(c.colour)), gridLineColor: colour("--grid"), axisLineColor: colour("--line")};
  }

  recolour() {
    this.graph.updateOptions(this.colours());
  }

  fillLegend() {
    const buttons = this.curves.map((curve, i) => {
      const button = make("button", "", {type: "button", title: `Show or hide: ${curve.name}`});
      const swatch = make("i", "");
      swatch.style.background = `var(${curve.colour})`;
      button.setAttribute("aria-pressed", String(!curve.off));
      button.append(swatch, make("span", curve.name), make("b", ""));
      button.addEventListener("click", () => {
        const on = button.getAttribute("aria-pressed") !== "true";
        button.setAttribute("aria-pressed", String(on));
        this.graph.setVisibility(i, on);
      });
      return button;
    });
    this.card.querySelector(".legend").replaceChildren(...buttons);
  }

  // Puts the values of a row (null: of the last) into the legend, as they are drawn.
  read(row) {
    const last = this.epochs.length - 1, period = this.graph.rollPeriod();
    this.row = row ?? last;
    this.card.querySelectorAll(".legend b").forEach((text, i) => {
      const window = this.curves[i].values.slice(Math.max(0, this.row - period + 1), this.row + 1);
      text.textContent = short(window.includes(null) ? null : window.reduce((a, b) => a + b, 0) / window.length);
    });
    this.card.querySelector(".place").textContent = this.place(this.row);
    this.told.read?.(row, this);
  }

  select(row) {
    if (row === null) this.graph.clearSelection();
    else this.graph.setSelection(row);
    this.read(row);
  }

  // The row whose epoch is nearest.
  nearest(epoch) {
    const after = this.epochs.findIndex(e => e >= epoch);
    if (after < 0) return this.epochs.length - 1;
    return after > 0 && epoch - this.epochs[after - 1] < this.epochs[after] - epoch ? after - 1 : after;
  }

  key(event) {
    const steps = {ArrowLeft: -1, ArrowRight: 1, PageDown: -10, PageUp: 10, Home: -Infinity, End: Infinity};
    if (event.key in steps) this.select(Math.min(Math.max(this.row + steps[event.key], 0), this.epochs.length - 1));
    else if (event.key === "+" || event.key === "-") this.zoomBy(event.key === "+" ? 0.5 : 2);
    else if (event.key === "Escape") this.resetZoom();
    else return;
    event.preventDefault();
  }

  // Dygraphs' own forgets the range of the values.
  resetZoom() {
    this.graph.resetZoom();
    this.graph.updateOptions({valueRange: this.range()});
  }

  // Scales the epochs in view about the one that is read.
  zoomBy(factor) {
    const [left, right] = this.graph.xAxisRange(), [first, last] = this.graph.xAxisExtremes();
    const centre = Math.min(Math.max(this.epochs[this.row], left), right);
    const window = [Math.max(first, centre - (centre - left) * factor), Math.min(last, centre + (right - centre) * factor)];
    this.graph.updateOptions({dateWindow: window});
    this.select(this.row); // drawing anew has wiped it away
  }

  // As dygraphs', but one finger reads values along the curves and leaves scrolling to the page; two zoom.
  interaction() {
    const usual = Dygraph.defaultInteractionModel;
    const touch = handler => (event, graph, context) => {
      if (event.touches.length > 1) return handler(event, graph, context);
      const left = graph.canvas_.getBoundingClientRect().left;
      this.select(this.nearest(graph.toDataXCoord(event.touches[0].clientX - left)));
    };
    return {...usual, dblclick: () => this.resetZoom(), touchstart: touch(usual.touchstart), touchmove: touch(usual.touchmove), touchend: () => {}};
  }

  markEpoch(epoch) {
    this.mark = epoch;
    this.graph.updateOptions({}, false);
  }

  drawMark(context, area, graph) {
    if (this.mark === null) return;
    const x = Math.round(graph.toDomXCoord(this.mark)) + 0.5;
    context.save();
    context.strokeStyle = colour("--quiet");
    context.setLineDash([3, 4]);
    context.beginPath();
    context.moveTo(x, area.y);
    context.lineTo(x, area.y + area.h);
    context.stroke();
    context.restore();
  }
}
