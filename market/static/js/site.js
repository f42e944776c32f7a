// What every page may use, in one file so that a page asks for one: the switch between light and dark, and on the search
// page live results while typing, the place combobox, the settled count for screen readers and the "/" key.
// Everything listens on the document, because going back replaces the whole body.

const byId = id => document.getElementById(id)

// The choice of colours is a cookie the server reads, so no page flashes; choosing what the system has anyway forgets
// it again.
const root = document.documentElement
const system = matchMedia("(prefers-color-scheme: dark)")
const theme = () => root.dataset.theme ?? (system.matches ? "dark" : "light")
const drawTheme = () => {
  const button = document.querySelector("[data-theme-switch]")
  if (!button) return
  button.hidden = false
  button.setAttribute("aria-pressed", String(theme() === "dark"))
}
system.addEventListener("change", drawTheme)
document.addEventListener("click", event => {
  if (!event.target.closest?.("[data-theme-switch]")) return
  const next = theme() === "dark" ? "light" : "dark"
  const asSystem = next === (system.matches ? "dark" : "light")
  if (asSystem) delete root.dataset.theme
  else root.dataset.theme = next
  const secure = location.protocol === "https:" ? "; secure" : ""
  document.cookie = `theme=${asSystem ? "" : next}; path=/; max-age=${asSystem ? 0 : 31536000}; samesite=lax${secure}`
  drawTheme()
})

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
const drawSlash = () => {
  const button = byId("slash")
  if (!button) return
  button.hidden = false
  button.setAttribute("aria-pressed", String(wanted()))
}
document.addEventListener("click", event => {
  if (!event.target.closest?.("#slash")) return
  localStorage.setItem(KEY, wanted() ? "off" : "on")
  drawSlash()
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
// APG combobox with a list of suggestions; free text stays allowed. The list element stands right after the input
// and names the address to ask in data-source.
const WAIT = 150

function combobox(input, chosen) {
  const list = document.getElementById(input.dataset.list)
  if (!list || input.hasAttribute("role")) return
  let active = -1
  let timer
  let asking
  const options = () => [...list.children]

  input.setAttribute("role", "combobox")
  input.setAttribute("aria-autocomplete", "list")
  input.setAttribute("aria-controls", list.id)
  input.setAttribute("aria-expanded", "false")
  input.setAttribute("autocomplete", "off")

  const close = () => {
    clearTimeout(timer)
    asking?.abort()
    list.hidden = true
    active = -1
    input.setAttribute("aria-expanded", "false")
    input.removeAttribute("aria-activedescendant")
  }
  const mark = index => {
    active = index
    options().forEach((option, i) => option.setAttribute("aria-selected", String(i === index)))
    const option = options()[index]
    if (!option) return input.removeAttribute("aria-activedescendant")
    input.setAttribute("aria-activedescendant", option.id)
    option.scrollIntoView({ block: "nearest" })
  }
  const choose = option => {
    input.value = option.textContent
    close()
    chosen(input)
  }
  const ask = async () => {
    asking?.abort()
    asking = new AbortController()
    try {
      const url = `${input.dataset.source}?text=${encodeURIComponent(input.value)}`
      const answer = await fetch(url, { signal: asking.signal })
      const names = answer.ok ? await answer.json() : []
      list.replaceChildren(...names.map((name, i) => {
        const option = document.createElement("li")
        option.id = `${list.id}-${i}`
        option.role = "option"
        option.textContent = name
        option.setAttribute("aria-selected", "false")
        return option
      }))
      if (!names.length || document.activeElement !== input) return close()
      active = -1
      list.hidden = false
      input.setAttribute("aria-expanded", "true")
    } catch {
      close()
    }
  }

  input.addEventListener("input", () => {
    clearTimeout(timer)
    if (input.value.trim().length < 2) return close()
    timer = setTimeout(ask, WAIT)
  })
  input.addEventListener("keydown", event => {
    const open = !list.hidden
    const last = options().length - 1
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault()
      if (!open) return input.value.trim().length > 1 && ask()
      const down = event.key === "ArrowDown"
      mark(down ? (active >= last ? 0 : active + 1) : active <= 0 ? last : active - 1)
    } else if (event.key === "Enter" && open && active >= 0) {
      event.preventDefault()
      choose(options()[active])
    } else if (event.key === "Escape" && open) {
      event.preventDefault()
      close()
    }
  })
  input.addEventListener("blur", close)
  // before blur, so that the list is still there
  list.addEventListener("mousedown", event => {
    event.preventDefault()
    const option = event.target.closest("li")
    if (option) choose(option)
  })
}

// The address stands in a field anyway; a button spares selecting it.
const copying = () => document.querySelectorAll("button[data-copy]").forEach(button => {
  button.hidden = false
  button.addEventListener("click", async () => {
    const field = byId(button.dataset.copy)
    field.select()
    try { await navigator.clipboard.writeText(field.value) } catch { return }
    const said = document.querySelector("[data-copied]")
    said.textContent = said.dataset.copied
  })
})

const start = () => {
  copying()
  drawTheme()
  drawSlash()
  const place = byId("near")
  if (place) combobox(place, () => fire("picked"))
  document.querySelectorAll("input[data-source]:not(#near)").forEach(input => combobox(input, () => {}))
}
document.addEventListener("htmx:after:swap", start)
start()
