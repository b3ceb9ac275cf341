// A button that fetches a file from the kernel, piece by piece, and lets the browser save it.

const PATIENCE = 8000;  // ms after which a piece is asked for again: a message may be lost

class Delivery {
  constructor(model, element) {
    this.model = model;
    this.button = make("button", { type: "button", className: "dss-copy dss-download", onclick: () => this.press() });
    this.told = make("span", { className: "dss-small dss-muted", role: "status" });
    this.root = make("span", { className: "dss-delivery-link" }, this.button, this.told);
    element.append(this.root);
    const follows = follow(model, ["change:_offered"], () => this.draw());
    const took = (answer, buffers) => this.take(answer, buffers[0]);
    model.on("msg:custom", took);
    this.close = () => { this.stop(); follows(); model.off("msg:custom", took); };
    this.draw();
  }

  draw() {
    this.stop();
    const { number, name, words } = this.offered = this.model.get("_offered");
    this.root.hidden = !number;
    this.button.textContent = number ? `Save ${name} (${words})` : "";
    this.told.textContent = "";
  }

  press() {
    if (this.pieces) { this.stop("Cancelled."); return; }
    this.pieces = [];
    this.at = 0;
    this.button.textContent = "Cancel";
    this.root.dataset.going = "true";
    this.ask();
  }

  ask() {
    this.told.textContent = `${this.offered.name}: ${Math.floor(100 * this.at / Math.max(1, this.offered.size))} %`;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.ask(), PATIENCE);
    this.model.send({ number: this.offered.number, at: this.at });
  }

  take(answer, buffer) {
    if (!this.pieces || answer.number !== this.offered.number) return;
    if (answer.fault) { this.stop(answer.fault); return; }
    if (answer.at !== this.at) return;  // asked for twice
    this.pieces.push(buffer);
    this.at += buffer.byteLength;
    if (this.at < this.offered.size && buffer.byteLength) { this.ask(); return; }
    const pieces = this.pieces;
    this.stop();
    save(new Blob(pieces), this.offered.name);
  }

  stop(words = "") {
    clearTimeout(this.timer);
    this.pieces = null;
    delete this.root.dataset.going;
    if (this.offered?.number) this.button.textContent = `Save ${this.offered.name} (${this.offered.words})`;
    this.told.textContent = words;
  }
}

export default { render: ({ model, el }) => { const delivery = new Delivery(model, el); return () => delivery.close(); } };
