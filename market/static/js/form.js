// A form that came back: the summary of what is wrong gets the focus, so that it is read first.
document.querySelector("[data-focus]")?.focus()
