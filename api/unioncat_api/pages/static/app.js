/* What scripts add to pages that work without them: suggestions, live progress, copying an address. */
(() => {
  "use strict";
  document.documentElement.classList.add("js");

  /* On a phone a row of tabs is longer than the screen: the present one is brought into sight. */
  for (const here of document.querySelectorAll(".tabs [aria-current]")) {
    const row = here.closest(".tabs");
    row.scrollLeft = here.offsetLeft - (row.clientWidth - here.offsetWidth) / 2;
  }

  /* Suggestions: the combobox pattern of WAI-ARIA, list only. */
  for (const input of document.querySelectorAll("input[data-suggest]")) {
    const list = document.createElement("ul");
    const heard = document.createElement("p");
    list.id = `${input.id}-list`;
    list.className = "listbox";
    list.hidden = true;
    list.setAttribute("role", "listbox");
    list.setAttribute("aria-label", input.dataset.suggest);
    heard.className = "sr";
    heard.setAttribute("aria-live", "polite");
    input.setAttribute("role", "combobox");
    input.setAttribute("aria-autocomplete", "list");
    input.setAttribute("aria-expanded", "false");
    input.setAttribute("aria-controls", list.id);
    input.after(list, heard);
    let typed = input.value, timer = 0, asked = 0, at = -1, open = null;

    const close = () => {
      list.hidden = true;
      at = -1;
      input.setAttribute("aria-expanded", "false");
      input.removeAttribute("aria-activedescendant");
    };
    const mark = (to) => {
      const all = list.children;
      at = (to + all.length + 1) % (all.length + 1);
      [...all].forEach((one, n) => one.setAttribute("aria-selected", String(n === at)));
      if (at < all.length) {
        input.value = all[at].textContent;
        input.setAttribute("aria-activedescendant", all[at].id);
      } else {
        at = -1;
        input.value = typed;
        input.removeAttribute("aria-activedescendant");
      }
    };
    const show = (items) => {
      list.replaceChildren(...items.map((text, n) => {
        const one = document.createElement("li");
        one.id = `${list.id}-${n}`;
        one.textContent = text;
        one.setAttribute("role", "option");
        one.setAttribute("aria-selected", "false");
        return one;
      }));
      list.hidden = items.length === 0;
      at = -1;
      input.setAttribute("aria-expanded", String(items.length > 0));
      heard.textContent = input.dataset.found.replace("#", items.length);
    };
    const ask = async () => {
      const mine = ++asked;
      open?.abort();
      open = new AbortController();
      try {
        const answer = await fetch(`/api/v1/suggest?limit=8&q=${encodeURIComponent(typed)}`, { signal: open.signal });
        if (answer.ok && mine === asked) show((await answer.json()).items);
      } catch { /* An answer that does not come is no suggestion. */ }
    };
    input.addEventListener("input", () => {
      typed = input.value;
      clearTimeout(timer);
      if (typed.trim().length < 2) { asked++; close(); } else timer = setTimeout(ask, 120);
    });
    input.addEventListener("keydown", (event) => {
      if (event.isComposing) return;
      if (event.key === "Escape" && !list.hidden) { event.preventDefault(); input.value = typed; close(); }
      else if (list.hidden || !list.children.length) return;
      else if (event.key === "ArrowDown") { event.preventDefault(); mark(at + 1); }
      else if (event.key === "ArrowUp") { event.preventDefault(); mark(at < 0 ? list.children.length - 1 : at - 1); }
      else if (event.key === "Enter") close();
    });
    list.addEventListener("pointerdown", (event) => event.preventDefault());
    list.addEventListener("click", (event) => {
      const one = event.target.closest("li");
      if (one) { input.value = one.textContent; close(); input.form.requestSubmit(); }
    });
    input.addEventListener("blur", close);
    input.form.addEventListener("submit", () => { clearTimeout(timer); asked++; });
  }

  /* Sorting without a button. */
  for (const select of document.querySelectorAll("select[data-submit]")) {
    select.addEventListener("change", () => select.form.requestSubmit());
  }

  /* Copying an address. */
  for (const button of document.querySelectorAll("[data-copy]")) {
    if (!navigator.clipboard) continue;
    button.hidden = false;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(button.dataset.copy);
      button.textContent = button.dataset.done;
    });
  }

  /* Live progress: when the state of the harvest has changed, take the new page's part in place of the old one. */
  const live = document.querySelector("[data-live]");
  if (live) {
    const pause = Number(live.dataset.live) * 1000;
    let before = "", shown = "";
    /* A page of one person's own asks for itself, as long as it says that there is something to wait for. */
    const own = live.hasAttribute("data-self");
    const look = async () => {
      try {
        if (own) {
          if (!document.hidden && !(await renew())) return;
        } else if (!document.hidden) {
          const answer = await fetch("/api/v1/status", { cache: "no-store" });
          const now = answer.ok ? await answer.text() : before;
          if (before && now !== before) await renew();
          before = now;
        }
      } catch { /* The next look may succeed. */ }
      setTimeout(look, pause);
    };
    const renew = async () => {
      const answer = await fetch(location.href, { cache: "no-store" });
      if (!answer.ok) return true;
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const fresh = page.querySelector("[data-live]") || page.querySelector("[data-was-live]");
      const goes = Boolean(page.querySelector("[data-live]"));
      const place = live.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
      /* What has not changed stays, so that nobody hears it again and nothing that was opened closes. */
      if (!fresh || fresh.innerHTML === shown) return goes;
      shown = fresh.innerHTML;
      live.replaceChildren(...fresh.childNodes);
      if (place) live.querySelector(`a[href="${place.replaceAll(`"`, `\\"`)}"]`)?.focus();
      return goes;
    };
    look();
  }
})();
