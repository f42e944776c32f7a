// The sum of the weights while they are typed; the server counts again.
const sum = document.getElementById("sum")
const weights = [...document.querySelectorAll("[data-weight]")]
const count = () => {
  const total = weights.reduce((so, one) => so + (parseInt(one.value, 10) || 0), 0)
  sum.textContent = sum.dataset.sum.replace("%(total)s", total)
  sum.className = total === 100 ? "ok" : "bad-t"
}
for (const one of weights) one.addEventListener("input", count)
