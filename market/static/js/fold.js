// Groups folded on a phone lie open on a wide screen: the style sheet shows them, this says so to screen readers too.
const wide = matchMedia("(min-width: 40.01rem)")
const settle = () => document.querySelectorAll("details.fold").forEach(fold => { fold.open = wide.matches })
if (wide.matches) settle()
wide.addEventListener("change", settle)
