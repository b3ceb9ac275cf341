// A text to read, with a button that copies it and one that saves it as a file.

/** Copy without the clipboard API, which browsers give to encrypted pages alone. */
function copy(element) {
  const range = document.createRange(), all = getSelection();
  range.selectNodeContents(element);
  all.removeAllRanges();
  all.addRange(range);
  const isDone = document.execCommand("copy");
  all.removeAllRanges();
  return isDone;
}

export default {
  render({ model, el }) {
    const text = make("pre", { tabIndex: 0 });
    const copying = make("button", { type: "button", className: "dss-copy", textContent: "Copy" });
    const saving = make("button", { type: "button", className: "dss-copy dss-download", textContent: model.get("words") });
    const tools = make("div", { className: "dss-code-tools" }, saving, copying);
    copying.onclick = () => { copying.textContent = copy(text) ? "Copied" : "Press Ctrl+C"; };
    saving.onclick = () => save(new Blob([model.get("value")], { type: "text/plain;charset=utf-8" }), model.get("file"));
    const draw = () => {
      const value = model.get("value");
      text.textContent = value;
      copying.textContent = "Copy";
      saving.hidden = !model.get("file");
      text.hidden = copying.hidden = !model.get("shown");
      tools.hidden = !value;
      if (!value) text.hidden = true;
    };
    const end = follow(model, ["change:value", "change:file", "change:shown"], draw);
    draw();
    el.append(tools, text);
    return end;
  },
};
