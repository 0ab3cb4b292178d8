// Forms whose changes would be lost by leaving the page: they say so, and the browser asks first. Works without it.

const stands = (form) => new URLSearchParams(new FormData(form)).toString();

for (const form of document.querySelectorAll("form[data-unsaved]")) {
  const said = form.querySelector("[data-said]");
  // What came back with a mistake in it is not saved either.
  const saved = form.dataset.unsaved === "yes" ? null : stands(form);
  const isChanged = () => stands(form) !== saved;
  const tell = () => { said.hidden = !isChanged(); };
  form.addEventListener("input", tell);
  tell();
  let sent = false;
  form.addEventListener("submit", () => { sent = true; });
  addEventListener("pageshow", () => { sent = false; tell(); });
  addEventListener("beforeunload", (event) => { if (!sent && isChanged()) event.preventDefault(); });
}
