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

  // An unattended screen is cleared, after a warning of one minute. While somebody works,
  // the server is told, at most once a minute, so that it does not lock what is in use.
  each("[data-idle]", (box) => {
    const MINUTE_MS = 60000;
    const limit = Math.max(Number(box.dataset.idle) * 1000, 2 * MINUTE_MS);
    let last = Date.now();
    let told = last;
    const close = () => {
      clearInterval(timer);
      document.body.replaceChildren();
      const here = encodeURIComponent(location.pathname + location.search);
      location.replace(`${box.dataset.idleHref}${box.dataset.idleHref.includes("?") ? "&" : "?"}next=${here}`);
    };
    const alive = () => {
      const now = Date.now();
      if (now - last >= limit) return close();
      last = now;
      box.hidden = true;
      if (box.dataset.alive && now - told >= MINUTE_MS) {
        told = now;
        fetch(box.dataset.alive).catch(() => { /* the next page tells */ });
      }
    };
    const look = () => {
      const left = limit - (Date.now() - last);
      if (left <= 0) close();
      else if (left <= MINUTE_MS && box.hidden) box.hidden = false;
    };
    const timer = setInterval(look, 1000);
    for (const name of ["keydown", "pointerdown", "scroll"]) {
      window.addEventListener(name, alive, { passive: true });
    }
    // A browser that slept, or goes back in its history, shows nothing old.
    window.addEventListener("pageshow", look);
    document.addEventListener("visibilitychange", look);
    box.querySelector("button").addEventListener("click", alive);
  });

  // A passkey: the browser asks its holder, the answer goes with the form.
  each("[data-passkey]", (form) => {
    const button = form.querySelector("#passkey-button");
    const status = form.querySelector("#passkey-status");
    if (!window.PublicKeyCredential) {
      status.textContent = form.dataset.unsupported;
      return;
    }
    const bytes = (text) => Uint8Array.from(
      atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
    const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer)))
      .replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
    const ask = async () => {
      const reply = await fetch(form.dataset.options, {
        method: "POST",
        body: new URLSearchParams({ csrf: form.elements.csrf.value }),
      });
      if (!reply.ok) throw new Error("no options");
      const { publicKey } = await reply.json();
      publicKey.challenge = bytes(publicKey.challenge);
      for (const list of [publicKey.allowCredentials, publicKey.excludeCredentials]) {
        for (const one of list ?? []) one.id = bytes(one.id);
      }
      const adds = form.dataset.passkey === "add";
      if (adds) publicKey.user.id = bytes(publicKey.user.id);
      const made = await navigator.credentials[adds ? "create" : "get"]({ publicKey });
      const response = { clientDataJSON: text(made.response.clientDataJSON) };
      if (adds) {
        response.attestationObject = text(made.response.attestationObject);
      } else {
        response.authenticatorData = text(made.response.authenticatorData);
        response.signature = text(made.response.signature);
        const handle = made.response.userHandle;
        response.userHandle = handle ? text(handle) : null;
      }
      form.elements.passkey.value = JSON.stringify({
        id: made.id, rawId: text(made.rawId), type: made.type, response, extensions: {},
      });
      form.submit();
    };
    button.hidden = false;
    button.addEventListener("click", () => {
      button.disabled = true;
      status.textContent = "";
      ask().catch(() => {
        button.disabled = false;
        status.textContent = form.dataset.failed;
      });
    });
  });
})();
