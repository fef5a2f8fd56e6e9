// Small comforts. Every page works without this file.
"use strict";
(() => {
  const each = (selector, act) => document.querySelectorAll(selector).forEach(act);

  // Copy a number to hand on.
  each("[data-copy]", (button) => {
    if (!navigator.clipboard) return;
    button.hidden = false;
    button.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(button.dataset.copy);
        button.nextElementSibling.textContent = button.dataset.done;
        button.textContent = button.dataset.done;
      } catch { /* the number is on the page and can be selected */ }
    });
  });

  each("[data-print]", (button) => {
    button.hidden = false;
    button.addEventListener("click", () => window.print());
  });

  // Show a password while it is typed; it is hidden again when the form is sent.
  each("[data-reveal]", (button) => {
    const input = document.getElementById(button.dataset.reveal);
    if (!input) return;
    const show = (on) => {
      input.type = on ? "text" : "password";
      button.setAttribute("aria-pressed", String(on));
    };
    button.hidden = false;
    button.addEventListener("click", () => show(input.type === "password"));
    input.form?.addEventListener("submit", () => show(false));
  });

  // Full-width digits become half-width ones when the field is left.
  each("[data-half-width]", (input) => {
    input.addEventListener("change", () => {
      input.value = input.value
        .replace(/[\uff01-\uff5e]/g, (c) => String.fromCharCode(c.charCodeAt(0) - 0xfee0))
        .replace(/[\u2010-\u2015\u2212\u30fc]/g, "-")
        .trim();
    });
  });

  // A form is sent once, however often the button is pressed.
  each("form[data-once]", (form) => {
    form.addEventListener("submit", (event) => {
      if (form.dataset.sent) event.preventDefault();
      form.dataset.sent = "1";
    });
    window.addEventListener("pageshow", () => delete form.dataset.sent);
  });

  // Numbers behind curves and proofs are printed too.
  window.addEventListener("beforeprint", () => each("main details:not([open])", (d) => {
    d.open = true;
    d.dataset.printed = "1";
  }));
  window.addEventListener("afterprint", () => each("details[data-printed]", (d) => {
    d.open = false;
    delete d.dataset.printed;
  }));

  // An unattended screen is cleared, after a warning of one minute.
  each("[data-idle]", (box) => {
    const WARNING_MS = 60000;
    const limit = Math.max(Number(box.dataset.idle) * 1000, 2 * WARNING_MS);
    let last = Date.now();
    const alive = () => { last = Date.now(); box.hidden = true; };
    for (const name of ["keydown", "pointerdown", "scroll"]) {
      window.addEventListener(name, alive, { passive: true });
    }
    box.querySelector("button").addEventListener("click", alive);
    setInterval(() => {
      const left = limit - (Date.now() - last);
      if (left <= 0) location.replace(box.dataset.idleHref);
      else if (left <= WARNING_MS && box.hidden) box.hidden = false;
    }, 1000);
  });
})();
