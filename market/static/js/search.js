// The search page beyond plain HTML: live while typing, place combobox, settled count for screen readers, "/" key.
// Everything listens on the document, because going back replaces the whole body.
import { combobox } from "./combobox.js"

const byId = id => document.getElementById(id)
const form = () => byId("search")
const fire = name => form()?.dispatchEvent(new CustomEvent(name, { bubbles: true }))

// typing asks from two letters on (or when emptied), every other field when its value is chosen
document.addEventListener("input", event => {
  const { target } = event
  if (target.id !== "q" || event.isComposing) return
  const letters = target.value.trim().length
  if (letters !== 1) fire("typed")
})
document.addEventListener("change", event => {
  const { target } = event
  if (target.form === form() && form() && target.id !== "q" && target.name) fire("picked")
})
// the server answers typing with a replaced history entry, everything else with a new one
document.addEventListener("htmx:config:request", event => {
  const { ctx } = event.detail
  if (ctx.sourceElement === form() && ctx.sourceEvent?.type === "typed") ctx.request.headers["X-Typing"] = "1"
})

let telling
document.addEventListener("htmx:after:swap", event => {
  if (event.detail.ctx.sourceElement !== form()) return
  // what the server said stands in the attributes; a box once clicked no longer follows them by itself
  for (const field of form().elements) {
    if (field.type === "checkbox" || field.type === "radio") field.checked = field.defaultChecked
  }
  for (const link of document.querySelectorAll(".lang a, a[hreflang]")) link.search = location.search
  if (event.detail.ctx.sourceEvent?.type === "submit") close()
  clearTimeout(telling)
  telling = setTimeout(() => {
    const told = byId("told")
    const count = byId("count")?.textContent.trim()
    if (told && told.textContent !== count) told.textContent = count
  }, 1200)
})

// the phone's sheets are opened by :target; a live answer keeps them open, "show" closes them
const close = () => {
  if (["#filter", "#map"].includes(location.hash)) location.replace("#hits")
}

const KEY = "slash"
const wanted = () => localStorage.getItem(KEY) !== "off"
const draw = () => {
  const button = byId("slash")
  if (!button) return
  button.hidden = false
  button.setAttribute("aria-pressed", String(wanted()))
}
document.addEventListener("click", event => {
  if (!event.target.closest?.("#slash")) return
  localStorage.setItem(KEY, wanted() ? "off" : "on")
  draw()
})
document.addEventListener("keydown", event => {
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || !wanted()) return
  if (event.target.closest?.("input, textarea, select, [contenteditable]")) return
  const box = byId("q")
  if (!box) return
  event.preventDefault()
  box.focus()
  box.select()
})
const start = () => {
  draw()
  const place = byId("near")
  if (place) combobox(place, () => fire("picked"))
}
document.addEventListener("htmx:after:swap", start)
start()
