// A page that says how far something is: asked again every second, and loaded anew once there is a next step.
const ask = async () => {
  const shown = document.getElementById("progress")
  if (!shown) return
  try {
    const answer = await fetch(location.href, { headers: { "HX-Request": "true" } })
    const text = await answer.text()
    const found = answer.ok && new DOMParser().parseFromString(text, "text/html").getElementById("progress")
    if (answer.ok && !found) return location.reload()
    if (found) shown.replaceWith(document.adoptNode(found))
  } catch {
    // the network is away: ask again
  }
  setTimeout(ask, 1000)
}
setTimeout(ask, 2000)
