/* Keys for the review pages: j joins, k keeps apart, s skips, u undoes, r writes a reason. Forms do the work. */
(() => {
  "use strict";
  const place = document.querySelector("[data-keys]");
  const button = place?.querySelector("button");
  const off = () => localStorage.getItem("keys") === "off";
  const show = () => { if (button) button.textContent = off() ? button.dataset.off : button.dataset.on; };
  if (place) place.hidden = false;
  button?.addEventListener("click", () => { localStorage.setItem("keys", off() ? "on" : "off"); show(); });
  show();
  let sent = false;
  document.addEventListener("submit", (event) => {
    if (event.target.method !== "post") return;
    if (sent) event.preventDefault();
    sent = true;
  });
  /* A page out of the browser's memory may send again. */
  addEventListener("pageshow", () => { sent = false; });
  document.addEventListener("keydown", (event) => {
    const writing = event.target.closest("input, select, textarea");
    if (event.key === "Escape" && writing) { writing.blur(); return; }
    if (writing || off() || event.repeat || event.isComposing || event.ctrlKey || event.altKey || event.metaKey) return;
    const key = event.key.toLowerCase();
    const field = document.querySelector(`[data-focus="${CSS.escape(key)}"]`);
    const action = document.querySelector(`[data-key="${CSS.escape(key)}"]`);
    if (field) { event.preventDefault(); field.focus(); }
    else if (action && !sent) { event.preventDefault(); action.form.requestSubmit(action); }
  });
})();
