function make(tag, attributes, children) {
  var element = document.createElement(tag);
  Object.keys(attributes || {}).forEach(function (name) {
    if (name === 'text') element.textContent = attributes[name];
    else if (name.slice(0, 2) === 'on') element.addEventListener(name.slice(2), attributes[name]);
    else if (attributes[name] !== undefined && attributes[name] !== false) element.setAttribute(name, attributes[name]);
  });
  (children || []).forEach(function (child) { if (child) element.append(child); });
  return element;
}
function drawn(tag, attributes) {
  var element = document.createElementNS('http://www.w3.org/2000/svg', tag);
  Object.keys(attributes).forEach(function (name) {
    if (name === 'text') element.textContent = attributes[name];
    else element.setAttribute(name, attributes[name]);
  });
  return element;
}
function choice(label, options, value, changed) {
  var select = make('select', { 'aria-label': label, onchange: function () { changed(select.value); } }, options.map(function (option) {
    return make('option', { value: option.value, text: option.text, selected: option.value === value });
  }));
  return make('label', { text: label }, [select]);
}
function address() {
  return Array.from(arguments).map(encodeURIComponent).join('/');
}

// The same bar as the page has without scripts.
function rangeBar(bar, top) {
  var width = 240, height = 22, low = Math.min(bar.won, 0);
  function at(number) { return 1 + (Math.min(Math.max(number, low), top) - low) / ((top - low) || 1) * (width - 2); }
  var svg = drawn('svg', { viewBox: '0 0 240 22', width: width, height: height, role: 'img', 'aria-label': bar.label });
  function area(ink, from, to, y, tall) {
    svg.append(drawn('rect', { 'class': ink, x: at(from), y: y, width: Math.max(at(to) - at(from), 0), height: tall }));
  }
  function tick(ink, where, from, to, thick) {
    svg.append(drawn('line', { 'class': ink, x1: at(where), x2: at(where), y1: from, y2: to, 'stroke-width': thick }));
  }
  if (bar.p10 !== null && bar.p90 !== null) area('i-range', bar.p10, bar.p90, 3, 15);
  if (bar.expected !== null) area('i-expected', bar.won, bar.expected, 7, 7);
  area('i-won', 0, bar.won, 7, 7);
  if (bar.p50 !== null) tick('i-won', bar.p50, 3, 18, 1.5);
  if (bar.quota !== null) tick('i-quota', bar.quota, 0, height, 2.5);
  return svg;
}
