// APG combobox with a list of suggestions; free text stays allowed. The list element stands right after the input
// and names the address to ask in data-source.
const WAIT = 150

export function combobox(input, chosen) {
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
