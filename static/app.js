/* What the pages gain where scripts run. Nothing here is needed: each form and link works without it.
   No storage, no eval, syntax that old browsers read. */
(function () {
  "use strict";

  var SENDING_FOR_MS = 10000;   // a second click within this time is a double click, not a second wish
  var DRAFT_REST_MS = 2000;
  var READING_REST_MS = 600;
  var MINUTE_MS = 60000;

  function all(selector, within) {
    return Array.prototype.slice.call((within || document).querySelectorAll(selector));
  }

  function say(text) {
    var announcer = document.getElementById("announcer");
    if (announcer) { announcer.textContent = text; }
  }

  /* Ctrl+K goes to the search of the contact book. A sign alone would be in the way of who speaks to the computer
     or presses keys by mistake (WCAG 2.1.4). */
  document.addEventListener("keydown", function (event) {
    var box = document.getElementById("search-box");
    var pressed = (event.key || "").toLowerCase() === "k" && (event.ctrlKey || event.metaKey);
    if (!pressed || !box || event.altKey || event.shiftKey) { return; }
    event.preventDefault();
    box.focus();
    box.select();
  });

  /* htmx notes the address of the page in the tab's storage, with what was searched for; nothing is to stay there. */
  function forgetAddress() {
    try { sessionStorage.removeItem("htmx-current-path-for-history"); } catch (refused) { /* then htmx kept nothing */ }
  }

  document.addEventListener("htmx:pushedIntoHistory", forgetAddress);

  /* A form that was refused: its summary is read first, after a load and after a swap. */
  function focusSummary(within) {
    var summary = within.querySelector(".govuk-error-summary");
    if (!summary) { return false; }
    summary.setAttribute("tabindex", "-1");
    summary.focus();
    return true;
  }

  document.addEventListener("htmx:afterSettle", function (event) {
    var place = event.detail.elt || event.target;
    if (focusSummary(place)) { return; }
    var result = place.matches("[data-announce]") ? place : place.querySelector("[data-announce]");
    if (result) { say(result.textContent.replace(/\s+/g, " ").trim()); }
  });

  /* One press, one request. The button stays enabled, so that its name and value are sent. */
  document.addEventListener("submit", function (event) {
    var form = event.target;
    if ((form.getAttribute("method") || "get").toLowerCase() === "get") { return; }
    if (form.sendingUntil > Date.now()) {
      event.preventDefault();
      event.stopImmediatePropagation();
      return;
    }
    form.sendingUntil = Date.now() + SENDING_FOR_MS;
    dropDraft(form);
  }, true);

  function release(form) {
    if (form) { form.sendingUntil = 0; }
  }

  window.addEventListener("pageshow", function () { all("form").forEach(release); });
  document.addEventListener("htmx:afterRequest", function (event) {
    var element = event.detail.elt;
    release(element.closest ? element.closest("form") : null);
  });

  /* Drafts: two seconds after the last change, and at once when the page is left. */
  function dropDraft(form) {
    clearTimeout(form.draftTimer);
    form.draftTimer = null;
    if (form.draftRequest) { form.draftRequest.abort(); }
  }

  function tellDraft(text) {
    var state = document.getElementById("draft-state");
    if (state) { state.textContent = text; }
  }

  function saveDraft(form) {
    dropDraft(form);
    var request = new XMLHttpRequest();
    form.draftRequest = request;
    request.open("POST", form.getAttribute("data-draft-url"));
    request.onload = function () {
      watchIdle();
      tellDraft(request.status === 200 ? request.responseText : form.getAttribute("data-draft-failed") || "");
    };
    request.onerror = function () { tellDraft(form.getAttribute("data-draft-failed") || ""); };
    request.send(new FormData(form));
  }

  function changed(event) {
    var form = event.target.form;
    if (!form || !form.hasAttribute("data-draft-url")) { return; }
    clearTimeout(form.draftTimer);
    form.draftTimer = setTimeout(function () { saveDraft(form); }, DRAFT_REST_MS);
  }

  document.addEventListener("input", changed);
  document.addEventListener("change", changed);
  document.addEventListener("visibilitychange", function () {
    if (document.visibilityState !== "hidden" || !navigator.sendBeacon) { return; }
    all("form[data-draft-url]").forEach(function (form) {
      if (!form.draftTimer) { return; }
      dropDraft(form);
      navigator.sendBeacon(form.getAttribute("data-draft-url"), new FormData(form));
    });
  });

  /* How hard a text is to read, a moment after the last key. */
  document.addEventListener("input", function (event) {
    var place = event.target.closest ? event.target.closest("[data-reading-url]") : null;
    if (!place || !event.target.form) { return; }
    clearTimeout(place.readingTimer);
    place.readingTimer = setTimeout(function () {
      htmx.ajax("POST", place.getAttribute("data-reading-url"), {
        target: "#reading",
        values: {plain: event.target.value, csrf_token: event.target.form.elements.csrf_token.value}
      });
    }, READING_REST_MS);
  });

  /* A minute before the session ends it is said, where the other messages are. */
  var idleTimer;
  function watchIdle() {
    var seconds = Number(document.body.getAttribute("data-idle-seconds"));
    var warning = document.getElementById("idle-warning");
    if (warning) { warning.parentNode.removeChild(warning); }
    if (!seconds) { return; }
    clearTimeout(idleTimer);
    idleTimer = setTimeout(warnIdle, Math.max(0, seconds * 1000 - MINUTE_MS));
  }

  function warnIdle() {
    var alerts = document.getElementById("alerts");
    if (!alerts || document.getElementById("idle-warning")) { return; }
    var warning = document.createElement("p");
    warning.id = "idle-warning";
    warning.className = "idle-warning";
    warning.textContent = document.body.getAttribute("data-idle-text");
    alerts.appendChild(warning);
  }

  /* What a person did starts the wait anew; what a page asks for by itself does not, on the server neither. */
  document.addEventListener("htmx:afterOnLoad", function (event) {
    if (event.detail.requestConfig && event.detail.requestConfig.triggeringEvent) { watchIdle(); }
  });

  document.addEventListener("click", function (event) {
    if (event.target.closest && event.target.closest("[data-print]")) { window.print(); }
  });

  all("[data-print]").forEach(function (button) { button.hidden = false; });
  forgetAddress();
  focusSummary(document);
  watchIdle();
})();
