/* Bringing files: dropping them on the page, progress on the way, a page that follows the reading. */
(() => {
  "use strict";
  const form = document.querySelector("form[data-upload]");
  if (form) {
    const input = form.querySelector("input[type=file]");
    const drop = form.querySelector(".drop");
    const chosen = form.querySelector("[data-chosen]");
    const progress = form.querySelector("[data-progress]");
    const bar = progress.querySelector("progress");
    const said = progress.querySelector("span");
    const button = form.querySelector("button[type=submit]");

    const size = (bytes) => bytes < 1048576 ? `${Math.max(1, Math.round(bytes / 1024))} KB` : `${(bytes / 1048576).toFixed(1)} MB`;
    const tell = () => {
      const file = input.files[0];
      chosen.hidden = !file;
      if (!file) return;
      const large = file.size > Number(form.dataset.most);
      chosen.textContent = `${file.name} (${size(file.size)})`;
      input.setCustomValidity(large ? form.dataset.large : "");
      if (large) input.reportValidity();
    };
    input.addEventListener("change", tell);
    for (const name of ["dragenter", "dragover"]) {
      drop.addEventListener(name, (event) => { event.preventDefault(); drop.classList.add("over"); });
    }
    for (const name of ["dragleave", "drop"]) {
      drop.addEventListener(name, (event) => { event.preventDefault(); drop.classList.remove("over"); });
    }
    drop.addEventListener("drop", (event) => {
      if (event.dataTransfer.files.length !== 1) return;
      input.files = event.dataTransfer.files;
      tell();
    });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const request = new XMLHttpRequest();
      const fail = () => {
        progress.hidden = false;
        said.textContent = form.dataset.failed;
        button.disabled = false;
      };
      request.open("POST", form.action);
      request.upload.addEventListener("progress", (step) => {
        if (!step.lengthComputable) return;
        const share = Math.floor(100 * step.loaded / step.total);
        bar.value = share;
        said.textContent = `${form.dataset.sending} ${share} %`;
      });
      request.addEventListener("load", () => {
        if (request.status < 400) { location.assign(request.responseURL); return; }
        const page = new DOMParser().parseFromString(request.responseText, "text/html");
        const main = page.querySelector("main");
        if (!main) { fail(); return; }
        const alarm = main.querySelector(".alarm") ?? main.querySelector("p");
        progress.hidden = true;
        button.disabled = false;
        form.querySelector(".alarm")?.remove();
        const shown = document.createElement("div");
        shown.className = "alarm";
        shown.setAttribute("role", "alert");
        shown.append(...(alarm.matches(".alarm") ? alarm.cloneNode(true).childNodes : [alarm.cloneNode(true)]));
        form.prepend(shown);
        shown.scrollIntoView({ block: "nearest" });
      });
      request.addEventListener("error", fail);
      progress.hidden = false;
      bar.value = 0;
      said.textContent = form.dataset.sending;
      button.disabled = true;
      request.send(new FormData(form));
    });
  }

  /* While a file is read, its page asks again; when it has been read, the whole page comes anew. */
  const follow = async () => {
    const reading = document.querySelector("[data-reading]");
    if (!reading) return;
    await new Promise((done) => setTimeout(done, 1500));
    if (!document.hidden) {
      try {
        const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
        const page = new DOMParser().parseFromString(await answer.text(), "text/html");
        const fresh = page.querySelector("[data-reading]");
        if (answer.ok && !fresh) { location.reload(); return; }
        if (fresh) reading.replaceChildren(...fresh.childNodes);
      } catch { /* the line is away for a moment */ }
    }
    follow();
  };
  follow();
})();
