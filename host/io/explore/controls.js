// The images to choose from, in rows of eight as `gan_cuda sample` has them.
class Sheet {
  static columns = 8;
  static count = 64;

  constructor(element, generator, chosen) {
    Object.assign(this, {element, generator, chosen, vectors: [], index: 0, frame: 0});
    this.tiles = Array.from({length: Sheet.count}, (_, i) => {
      const tile = make("button", "", {type: "button"});
      tile.setAttribute("role", "radio");
      tile.setAttribute("aria-label", `Image ${i + 1}`);
      tile.append(document.createElement("canvas"));
      tile.addEventListener("click", () => this.select(i));
      return tile;
    });
    element.replaceChildren(...this.tiles);
    element.addEventListener("keydown", event => this.key(event));
  }

  show(vectors, index = 0) {
    this.vectors = vectors;
    this.draw(0);
    this.select(index);
  }

  // Draws from a tile on; large networks take more than one frame.
  draw(first) {
    cancelAnimationFrame(this.frame);
    const end = performance.now() + 30;
    let i = first;
    do this.generator.draw(this.tiles[i].firstChild, this.vectors[i]);
    while (++i < Sheet.count && performance.now() < end);
    this.frame = i < Sheet.count ? requestAnimationFrame(() => this.draw(i)) : 0;
  }

  select(index) {
    this.index = index;
    this.tiles.forEach((tile, i) => {
      tile.setAttribute("aria-checked", String(i === index));
      tile.tabIndex = i === index ? 0 : -1;
    });
    this.chosen(this.vectors[index]);
  }

  key(event) {
    const steps = {ArrowLeft: -1, ArrowRight: 1, ArrowUp: -Sheet.columns, ArrowDown: Sheet.columns};
    const target = this.index + (steps[event.key] ?? 0);
    if (!(event.key in steps) || target < 0 || target >= Sheet.count) return;
    event.preventDefault();
    this.select(target);
    this.tiles[target].focus();
  }
}

// An axis of the latent space: its name, where a vector lies along it, and the vector moved to another place.
const latentAxis = i => ({name: `z ${i + 1}`, read: z => z[i], move: (z, to) => z.with(i, to)});
const directionAxis = (i, direction, share) => ({
  name: `${i + 1} · ${(100 * share).toFixed(1)} %`,
  read: z => dot(z, direction),
  move(z, to) {
    const by = to - dot(z, direction);
    return z.map((value, j) => value + by * direction[j]);
  },
});

// A slider for each of some axes.  moved(axis, to) is called when one is moved.
class Sliders {
  constructor(element, moved) {
    Object.assign(this, {element, moved, axes: [], inputs: []});
  }

  use(axes, z) {
    this.axes = axes;
    this.inputs = axes.map(axis => {
      const input = make("input", "", {type: "range", min: -4, max: 4, step: 0.01});
      input.addEventListener("input", () => this.moved(axis, input.valueAsNumber));
      return input;
    });
    this.element.replaceChildren(...this.inputs.map((input, i) => {
      const label = make("label", axes[i].name);
      label.append(input, make("output", ""));
      return label;
    }));
    this.show(z);
  }

  show(z) {
    this.inputs.forEach((input, i) => {
      const place = this.axes[i].read(z);
      input.value = place;
      input.nextSibling.textContent = place.toFixed(2);
    });
  }
}

// A closed walk from stop to stop.  moved(z) is called at every step.
class Walk {
  static secondsPerStop = 1.5;

  constructor(generator, moved) {
    Object.assign(this, {generator, moved, stops: [], frame: 0});
    $("position").addEventListener("input", () => {
      this.pause();
      this.goTo($("position").valueAsNumber);
    });
    $("play").addEventListener("click", () => this.frame ? this.pause() : this.play());
  }

  show(stops) {
    this.pause();
    this.stops = stops;
    $("stops").replaceChildren(...stops.map((z, i) => this.button(z, i)));
    $("position").max = stops.length;
    $("position").value = 0;
    $("play").disabled = $("position").disabled = stops.length < 2;
    $("walk-hint").hidden = stops.length >= 2;
  }

  button(z, i) {
    const button = make("button", "", {type: "button", title: "Remove from the walk"});
    button.setAttribute("aria-label", `Remove stop ${i + 1}`);
    button.append(document.createElement("canvas"));
    this.generator.draw(button.firstChild, z);
    button.addEventListener("click", () => this.show(this.stops.toSpliced(i, 1)));
    return button;
  }

  goTo(position) {
    const stop = Math.floor(position), at = i => this.stops[i % this.stops.length];
    this.moved(spherical(at(stop), at(stop + 1), position - stop));
  }

  play() {
    let last = performance.now(), position = $("position").valueAsNumber;
    const step = now => {
      position = (position + Math.max(0, now - last) / 1000 / Walk.secondsPerStop) % this.stops.length;
      last = now;
      $("position").value = position;
      this.goTo(position);
      this.frame = requestAnimationFrame(step);
    };
    this.frame = requestAnimationFrame(step);
    this.tell();
  }

  pause() {
    cancelAnimationFrame(this.frame);
    this.frame = 0;
    this.tell();
  }

  tell() {
    $("play").textContent = this.frame ? "Pause" : "Play";
    $("play").setAttribute("aria-pressed", String(this.frame !== 0));
  }
}
