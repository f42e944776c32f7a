// Words broken where no hyphen stands. Browsers of the tests know no hyphenation, so these are broken anywhere.
// Addresses may be. What is folded away is unfolded for as long as it is looked at.
() => {
  const hidden = element => !!element && (element.offsetWidth <= 1 || hidden(element.parentElement));
  const folded = document.querySelectorAll("details:not([open])");
  folded.forEach(one => { one.open = true });
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const found = [];
  while (texts.nextNode()) {
    const text = texts.currentNode;
    const around = text.parentElement;
    if (around.closest("script, style, textarea, code, pre, svg") || hidden(around) || !around.checkVisibility()) continue;
    for (const word of text.data.matchAll(/(?<![@.\/\p{L}])[\p{L}\p{M}\u00ad]{5,}(?![@.\p{L}]\S)/gu)) {
      const place = document.createRange();
      place.setStart(text, word.index);
      place.setEnd(text, word.index + word[0].length);
      const lines = new Set([...place.getClientRects()].filter(box => box.width > 1).map(box => Math.round(box.top)));
      if (lines.size > word[0].split("\u00ad").length) found.push(word[0]);
    }
  }
  folded.forEach(one => { one.open = false });
  return found;
}
