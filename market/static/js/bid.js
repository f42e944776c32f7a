// A bid saves itself: two seconds after the last change and when a field is left. Handing in stays an act of its own.
const form = document.getElementById("bid")
const states = [...document.querySelectorAll("#saved > .st")]
const [ok, , busy, failed, signedOut] = states
const stale = document.getElementById("stale")
const summary = document.getElementById("errors")
const seen = form.elements.seen
const WAIT = 2000, AGAIN = 5000
let timer, changed = false, running = null, leaving = false, stopped = false

const show = which => { for (const one of states) one.hidden = one !== which }
const later = wait => { clearTimeout(timer); timer = setTimeout(save, wait) }

function tell(news) {
  seen.value = news.version
  ok.lastElementChild.textContent = news.saved
  for (const place of document.querySelectorAll("[data-out]"))
    place.textContent = news.outputs[place.dataset.out] || place.dataset.none || ""
  for (const place of document.querySelectorAll("[data-fault]")) {
    const said = news.faults[place.dataset.fault] || "", input = document.getElementById(place.dataset.fault)
    place.textContent = said
    place.parentElement.hidden = !said
    if (said) input.setAttribute("aria-invalid", "true")
    else input.removeAttribute("aria-invalid")
    input.classList.toggle("bad", Boolean(said))
  }
  if (summary) summary.hidden = !Object.keys(news.faults).length
  if (!changed) show(ok)
}

async function send() {
  const data = new FormData(form)
  data.delete("files")
  data.set("do", "autosave")
  const answer = await fetch(form.action, { method: "POST", body: new URLSearchParams(data), redirect: "manual" })
  if (answer.ok) return tell(await answer.json())
  changed = true
  if (answer.status === 401) return show(signedOut)
  show(failed)
  if (answer.status !== 409 || !answer.headers.get("content-type").startsWith("application/json")) return
  seen.value = (await answer.json()).version
  stopped = true
  stale.hidden = false
  stale.focus()
}

async function save() {
  clearTimeout(timer)
  if (!changed || running || stopped) return
  changed = false
  show(busy)
  running = send().catch(() => { changed = true; show(failed) })
  await running
  running = null
  if (changed && !stopped) later(busy.hidden ? AGAIN : WAIT)
}

const typed = event => { if (event.target.type !== "file") { changed = true; if (!stopped) later(WAIT) } }
form.addEventListener("input", typed)
form.addEventListener("change", typed)
form.addEventListener("focusout", save)
addEventListener("online", save)
addEventListener("beforeunload", event => { if ((changed || running) && !leaving) event.preventDefault() })
stale.querySelector("a").addEventListener("click", () => { leaving = true })
// Files belong to a draft: there is one as soon as it was saved once.
async function drafted() {
  if (running) await running
  while (seen.value === "0" && !stopped) {
    changed = true
    await save()
    if (seen.value === "0") await new Promise(done => setTimeout(done, AGAIN))
  }
}
form.addEventListener("draft", event => { event.detail.saved = drafted() })
// What is on its way is waited for: else this window would be a second one to itself.
form.addEventListener("submit", async event => {
  clearTimeout(timer)
  if (running) {
    event.preventDefault()
    await running
    form.requestSubmit(event.submitter)
    return
  }
  leaving = true
})
