// Passkeys: asks the server for a challenge and the device for an answer, and sends that with an ordinary form.
// Without scripts or passkeys in the browser nothing of it shows. `data-passkey` of a form holds the address that gives
// the challenge, `data-kind` is `create` or `get`, `data-offer` lets the e-mail field offer passkeys by itself.

const MINUTES_4 = 240000 // a challenge lasts five

const bytes = text => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), letter => letter.charCodeAt(0))
const letters = buffer =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "")

let asking = Promise.resolve()
const ask = form => {
  // One question after the other: each answer sets the cookie its challenge belongs to
  const asked = asking.then(() => question(form))
  asking = asked.catch(() => {})
  return asked
}

const question = async form => {
  const answer = await fetch(form.dataset.passkey, { method: "POST", credentials: "same-origin" })
  if (answer.redirected) location.assign(answer.url) // somebody has to sign in or to confirm first
  if (answer.redirected || !answer.ok) throw new Error("no challenge")
  const options = await answer.json()
  options.challenge = bytes(options.challenge)
  if (options.user) options.user.id = bytes(options.user.id)
  for (const list of [options.excludeCredentials, options.allowCredentials])
    for (const known of list ?? []) known.id = bytes(known.id)
  return options
}

const send = (form, credential) => {
  const { response } = credential
  const said = { clientDataJSON: letters(response.clientDataJSON) }
  for (const name of ["attestationObject", "authenticatorData", "signature", "userHandle"])
    if (response[name]) said[name] = letters(response[name])
  if (response.getTransports) said.transports = response.getTransports()
  const id = letters(credential.rawId)
  form.elements.credential.value = JSON.stringify({ id, rawId: id, type: credential.type, response: said })
  form.submit()
}

const say = (form, which) => {
  for (const text of form.parentElement.querySelectorAll("[data-passkey-said]"))
    text.hidden = text.dataset.passkeySaid !== which
}

let offered
let using = false // somebody has pressed the button: a challenge for the offer would make that one's worthless
const offer = async form => {
  if (using) return
  offered?.abort()
  offered = new AbortController()
  const { signal } = offered
  const again = setTimeout(() => offer(form), MINUTES_4)
  try {
    const publicKey = await ask(form)
    if (signal.aborted) return
    send(form, await navigator.credentials.get({ publicKey, mediation: "conditional", signal }))
  } catch {
    if (signal.aborted) clearTimeout(again)
  }
}

const use = async form => {
  using = true
  offered?.abort()
  say(form, "")
  try {
    const publicKey = await ask(form)
    send(form, await navigator.credentials[form.dataset.kind]({ publicKey }))
  } catch (fault) {
    say(form, fault.name === "InvalidStateError" ? "known" : "failed")
    using = false
    if ("offer" in form.dataset) start(form)
  }
}

const start = async form => {
  if (await window.PublicKeyCredential.isConditionalMediationAvailable?.()) offer(form)
}

if (window.PublicKeyCredential)
  for (const form of document.querySelectorAll("form[data-passkey]")) {
    for (const part of document.querySelectorAll("[data-passkey-only]")) part.hidden = false
    for (const part of document.querySelectorAll("[data-passkey-without]")) part.hidden = true
    form.addEventListener("submit", event => {
      event.preventDefault()
      use(form)
    })
    if ("offer" in form.dataset) start(form)
  }
