// A table of files with what is known of each, and a button that fetches one from the kernel and lets the browser save it.

class FileList {
  constructor(model, element) {
    this.model = model;
    this.where = make("p");
    this.rows = make("tbody");
    this.head = make("tr");
    const table = make("table", { className: "dss-table" }, make("thead", {}, this.head), this.rows);
    this.frame = make("div", { className: "dss-scroll", tabIndex: 0, role: "group" }, table);
    this.told = make("p", { className: "dss-small dss-muted", role: "status" });
    element.append(this.where, this.frame, this.told);
    const follows = follow(model, ["change:_listed"], () => this.draw());
    const took = (answer, buffers) => this.take(answer, buffers[0]);
    model.on("msg:custom", took);
    this.close = () => { follows(); model.off("msg:custom", took); };
    this.draw();
  }

  draw() {
    const { turn, folder, title, detail, files } = this.model.get("_listed");
    this.turn = turn;
    this.where.replaceChildren("In ", make("code", {}, folder));
    this.where.hidden = this.frame.hidden = !files.length;
    this.frame.setAttribute("aria-label", title);
    this.head.replaceChildren(make("th", {}, title), ...[detail, "File"].map(words => make("th", { className: "dss-number" }, words)));
    this.rows.replaceChildren(...files.map((file, number) => this.row(file, number)));
    this.told.textContent = "";
  }

  row({ name, path, detail, saved }, number) {
    const save = make("button", { type: "button", className: "dss-copy dss-download", "aria-label": `Download ${name}` }, "Download");
    save.onclick = () => { this.told.textContent = ""; this.model.send({ turn: this.turn, file: number }); };
    return make("tr", {}, make("td", { className: "dss-name", title: path }, name),
      make("td", { className: "dss-number" }, detail), make("td", { className: "dss-number" }, ...(saved ? [save] : [])));
  }

  take(answer, content) {
    if (answer.turn !== this.turn) return;
    if (answer.fault) this.told.textContent = answer.fault;
    else save(new Blob([content]), answer.name);
  }
}

export default { render: ({ model, el }) => { const list = new FileList(model, el); return () => list.close(); } };
