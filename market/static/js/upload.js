// Files of a bid come piece by piece and go on where the network broke them off. Without this they come with the form.
const form = document.getElementById("bid"), words = document.getElementById("files").dataset
const list = document.getElementById("held"), input = document.getElementById("upload")
const bringing = document.getElementById("bringing")
const LEAST = 1000, MOST = 15000
let queue = Promise.resolve(), coming = 0, failed = 0

const row = id => {
  list.hidden = false
  return list.appendChild(document.getElementById(id).content.firstElementChild.cloneNode(true))
}
const pause = (wait, signal) => new Promise(done => {
  setTimeout(done, wait)
  addEventListener("online", done, { once: true })
  signal.addEventListener("abort", done)
})

class Coming {
  constructor(file) {
    this.file = file
    this.stop = new AbortController()
    this.row = row("row-coming")
    this.bar = this.row.querySelector("progress")
    this.row.querySelector("strong").textContent = file.name
    this.bar.setAttribute("aria-label", file.name)
    this.row.querySelector("button span").textContent = " " + file.name
    this.row.querySelector("button").addEventListener("click", () => this.forget())
  }

  say(text) {
    const place = this.row.querySelector("[role=status]")
    if (place.textContent !== text) place.textContent = text
  }

  came(bytes) {
    this.bar.value = Math.floor(100 * bytes / this.file.size)
    this.row.querySelector(".n").textContent = this.bar.value + " %"
    this.say(bytes === this.file.size ? words.look : "")
  }

  // Until there is an answer to act upon: the network, the scanner, the store and the sign-in may be away for a while.
  async post(to, data) {
    for (let wait = LEAST; ; wait = Math.min(2 * wait, MOST)) {
      this.stop.signal.throwIfAborted()
      try {
        const answer = await fetch(to, { method: "POST", body: data, redirect: "manual", signal: this.stop.signal })
        const told = (answer.headers.get("content-type") || "").startsWith("application/json")
        const news = told ? await answer.json() : {}
        if (answer.status === 401) this.say(words.away)
        else if (answer.status < 500 && answer.status !== 429) return { ...news, status: answer.status }
        else this.say(news.said || words.wait)
      } catch {
        this.say(words.wait)
      }
      await pause(wait, this.stop.signal)
    }
  }

  async bring() {
    const draft = new CustomEvent("draft", { detail: {} }), { name, type, size, lastModified } = this.file
    form.dispatchEvent(draft)
    await draft.detail.saved
    const place = await this.post(form.action + "/files", new URLSearchParams({ name, type, size, modified: lastModified }))
    if (place.status !== 200) return this.fail(place.said)
    this.to = place.to
    list.querySelector(`[data-coming="${place.upload}"]`)?.remove()
    for (let came = place.came; ; ) {
      this.came(came)
      const data = new FormData()
      data.set("start", came)
      if (came < size) data.set("piece", this.file.slice(came, came + place.piece), "piece")
      const news = await this.post(place.to, data)
      if (news.held) return this.here(news.held)
      if (news.came === undefined) return this.fail(news.said)
      came = news.came
    }
  }

  here(held) {
    const shown = row("row-held"), button = shown.querySelector("button")
    shown.querySelector("strong").textContent = held.name
    shown.querySelector("p").textContent = held.size
    button.value = held.ref
    button.querySelector("span").textContent = " " + held.name
    this.row.replaceWith(shown)
  }

  fail(said) {
    failed += 1
    const shown = row("row-failed"), button = shown.querySelector("button")
    shown.querySelector("strong").textContent = this.file.name
    shown.querySelector("p").textContent = said || words.lost
    button.querySelector("span").textContent = " " + this.file.name
    button.addEventListener("click", () => this.forget())
    this.row.replaceWith(shown)
    this.row = shown
  }

  forget() {
    this.stop.abort()
    this.row.remove()
    list.hidden = !list.children.length
    if (this.to) fetch(this.to, { method: "POST", body: new URLSearchParams({ off: 1 }) }).catch(() => {})
    input.focus()
  }
}

function choose() {
  for (const file of input.files) {
    const one = new Coming(file)
    coming += 1
    const brought = () => one.bring().catch(() => { if (!one.stop.signal.aborted) one.fail() })
    queue = queue.then(brought).finally(() => { coming -= 1 })
  }
  input.value = ""
}

document.getElementById("bring").hidden = true
input.addEventListener("change", choose)
if (input.files.length) choose()  // chosen before this script was here
addEventListener("beforeunload", event => { if (coming) event.preventDefault() })
form.addEventListener("submit", async event => {
  if (!coming) return
  event.preventDefault()
  event.stopImmediatePropagation()
  const before = failed
  bringing.hidden = false
  bringing.scrollIntoView({ block: "center" })
  while (coming) await queue
  bringing.hidden = true
  if (failed === before) form.requestSubmit(event.submitter)
}, true)
