// A slider that the browser brings along: with a name for screen readers, keys, and marks at places worth going to.

export default {
  render({ model, el }) {
    const name = `dss-marks-${Math.random().toString(36).slice(2)}`;
    const range = make("input", { type: "range" });
    const told = make("output", {});
    const words = make("span", {});
    const marks = make("datalist", { id: name });
    range.setAttribute("list", name);
    const draw = () => {
      for (const key of ["min", "max", "step"]) range[key] = model.get(key);
      if (Number(range.value) !== model.get("value")) range.value = model.get("value");
      words.textContent = model.get("words");
      told.textContent = Number(range.value).toFixed(2);
      marks.replaceChildren(...model.get("marks").map((value) => make("option", { value })));
    };
    range.oninput = () => {
      told.textContent = Number(range.value).toFixed(2);
      model.set("value", Number(range.value));
      model.save_changes();
    };
    const changes = ["min", "max", "step", "value", "words", "marks"].map((key) => `change:${key}`);
    const end = follow(model, changes, draw);
    el.append(make("label", { className: "dss-slider-row" }, words, range, told), marks);
    draw();
    return end;
  },
};
