// Tells the browser of a run: the title of the tab, a notice when it ends, and a button that allows notices.

const canAsk = () => "Notification" in window;

/** Let a dashboard's tab tell how its run goes; in JupyterLab the title is not ours. */
function title(words) {
  if (document.body.dataset.voila !== "voila") return;
  window.dssTitle ??= document.title;
  document.title = words ? `${words} – ${window.dssTitle}` : window.dssTitle;
}

/** Tell the end of a run that was seen going, once. */
function notice({ words, run, going }) {
  const seen = window.dssSeen ??= new Set();
  if (going) seen.add(run);
  else if (run && seen.delete(run) && canAsk() && Notification.permission === "granted") new Notification(words, { body: run, tag: run });
}

export default {
  render({ model, el }) {
    const button = make("button", { type: "button", className: "dss-copy dss-notify", textContent: "Notify me when it ends" });
    button.onclick = () => Notification.requestPermission().then(() => draw());
    const draw = () => {
      const told = model.get("told");
      button.hidden = !told.going || !canAsk() || Notification.permission !== "default";
      if (!told.run) return;
      title(told.words);
      notice(told);
    };
    const end = follow(model, ["change:told"], draw);
    draw();
    el.append(button);
    return end;
  },
};
