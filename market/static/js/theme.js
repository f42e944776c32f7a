// The manual switch between light and dark. The choice is a cookie the server reads, so no page flashes; choosing what
// the system has anyway forgets it again.
const root = document.documentElement
const system = matchMedia("(prefers-color-scheme: dark)")
const button = document.querySelector("[data-theme-switch]")
const theme = () => root.dataset.theme ?? (system.matches ? "dark" : "light")
const show = () => button.setAttribute("aria-pressed", String(theme() === "dark"))

if (button) {
  button.hidden = false
  show()
  system.addEventListener("change", show)
  button.addEventListener("click", () => {
    const next = theme() === "dark" ? "light" : "dark"
    const asSystem = next === (system.matches ? "dark" : "light")
    if (asSystem) delete root.dataset.theme
    else root.dataset.theme = next
    const secure = location.protocol === "https:" ? "; secure" : ""
    document.cookie = `theme=${asSystem ? "" : next}; path=/; max-age=${asSystem ? 0 : 31536000}; samesite=lax${secure}`
    show()
  })
}
