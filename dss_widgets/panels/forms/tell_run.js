(() => {
    const { words, run, going } = this.dataset;
    if (document.body.dataset.voila === 'voila') {
        window.dssTitle ??= document.title;
        document.title = words ? `${words} – ${window.dssTitle}` : window.dssTitle;
    }
    const canAsk = 'Notification' in window;
    const ask = this.parentElement.querySelector('.dss-notify');
    if (ask) ask.hidden = !canAsk || Notification.permission !== 'default';
    window.dssSeen ??= new Set();
    if (going) window.dssSeen.add(run);
    else if (run && window.dssSeen.delete(run) && canAsk && Notification.permission === 'granted')
        new Notification(words, { body: run, tag: run });
})()
