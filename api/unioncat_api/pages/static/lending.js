/* What scripts add to the desks: choosing all lines, a scanner's input that is always ready. */
(() => {
  "use strict";
  for (const all of document.querySelectorAll("[data-all]")) {
    const lines = [...all.form.querySelectorAll("input[name=chosen]")];
    all.addEventListener("change", () => { for (const one of lines) one.checked = all.checked; });
    all.form.addEventListener("change", () => {
      const chosen = lines.filter((one) => one.checked).length;
      all.checked = chosen === lines.length;
      all.indeterminate = chosen > 0 && chosen < lines.length;
    });
  }
  /* A scanner types fast and ends with Enter: what it types outside of any field goes where codes go. */
  const code = document.querySelector("input#code");
  if (code) {
    document.addEventListener("keydown", (event) => {
      const field = event.target.closest?.("input, textarea, select, button, a, summary");
      if (field || event.ctrlKey || event.altKey || event.metaKey || event.key.length !== 1) return;
      code.focus();
    });
  }
})();
