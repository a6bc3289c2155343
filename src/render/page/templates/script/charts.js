// The charts of the static part again, for what only the script shows.

// What a chart shows, in words: its name and its numbers.
function toldBy(label, numbers) { return label + words.colon + numbers.join(words.semicolon); }

// Won, expected, 80 % range and quota of one node.
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

// Parts that add up to a total: to the right what widens a gap, to the left what narrows it.
function partsChart(parts, label) {
  var longest = Math.max.apply(null, parts.map(function (part) { return part.label.length; }));
  var row = 26, left = Math.max(170, 14 + 7 * longest), plot = 300, width = left + plot + 130, height = row * parts.length;
  var most = Math.max.apply(null, [1].concat(parts.map(function (part) { return Math.abs(part.amount); })));
  var anyLess = parts.some(function (part) { return part.amount < 0; });
  var zero = anyLess ? left + plot / 2 : left, scale = (anyLess ? plot / 2 : plot) / most;
  var svg = drawn('svg', { viewBox: '0 0 ' + width + ' ' + height, width: width, height: height, role: 'img', 'aria-label': toldBy(label, parts.map(function (part) { return part.label + ' ' + part.shown; })) });
  parts.forEach(function (part, i) {
    var size = Math.abs(part.amount) * scale, y = i * row;
    svg.append(drawn('text', { 'class': 'i-words', x: left - 8, y: y + 17, 'text-anchor': 'end', text: part.label }));
    svg.append(drawn('rect', { 'class': part.total ? 'i-baseline' : part.amount < 0 ? 'i-expected' : 'i-lost', x: part.amount < 0 ? zero - size : zero, y: y + 5, width: size, height: row - 10 }));
    svg.append(drawn('text', { 'class': 'i-quiet', x: left + plot + 10, y: y + 17, text: part.shown }));
  });
  svg.append(drawn('line', { 'class': 'i-rule', x1: zero, x2: zero, y1: 0, y2: height }));
  return svg;
}

// The step between the lines of an axis: 1, 2, 2.5 or 5 times a power of ten, some four of them in `span`.
function roundStep(span) {
  var power = Math.pow(10, Math.floor(Math.log10(span / 4 || 1)));
  return [1, 2, 2.5, 5, 10].find(function (times) { return times * power * 4 >= span * 0.999; }) * power;
}

// Numbers from day to day. `lines` are { ink, points: [[place, number]], step }, `band` is [[place, low, high]].
function timeChart(chart) {
  var left = 72, plot = 520, top = 14, height = 170, all = [];
  chart.lines.forEach(function (line) { line.points.forEach(function (point) { all.push(point[1]); }); });
  (chart.band || []).forEach(function (point) { all.push(point[1], point[2]); });
  if (chart.quota !== null && chart.quota !== undefined) all.push(chart.quota);
  var step = roundStep(Math.max.apply(null, [0].concat(all)) - Math.min.apply(null, [0].concat(all)));
  var low = Math.floor(Math.min.apply(null, [0].concat(all)) / step) * step, high = Math.ceil(Math.max.apply(null, [0].concat(all)) / step) * step || step;
  function x(place) { return left + (place + 0.5) / chart.days.length * plot; }
  function y(number) { return top + height - (number - low) / (high - low) * height; }
  function told(line, point) { return chart.days[point[0]] + words.colon + line.name + ' ' + (chart.told || chart.tick)(point[1]); }
  var said = chart.lines.map(function (line) { return line.points.map(function (point) { return told(line, point); }); });
  var svg = drawn('svg', { viewBox: '0 0 640 215', width: 640, height: 215, role: 'img', 'aria-label': toldBy(chart.label, [].concat.apply([], said)) });
  for (var i = 0; i <= Math.round((high - low) / step); i++) {
    var number = low + step * i;
    svg.append(drawn('line', { 'class': 'i-rule', x1: left, x2: left + plot, y1: y(number), y2: y(number) }));
    svg.append(drawn('text', { 'class': 'i-quiet', x: left - 6, y: y(number) + 4, 'text-anchor': 'end', text: chart.tick(number) }));
  }
  if (chart.band && chart.band.length > 1) {
    var there = chart.band.map(function (point) { return x(point[0]) + ',' + y(point[2]); });
    var back = chart.band.slice().reverse().map(function (point) { return x(point[0]) + ',' + y(point[1]); });
    svg.append(drawn('path', { 'class': 'i-range', d: 'M' + there.concat(back).join(' L') + ' Z' }));
  } else (chart.band || []).forEach(function (point) {
    svg.append(drawn('rect', { 'class': 'i-range', x: x(point[0]) - 4, y: y(point[2]), width: 8, height: y(point[1]) - y(point[2]) }));
  });
  if (chart.quota !== null && chart.quota !== undefined) svg.append(drawn('line', { 'class': 'i-quota', x1: left, x2: left + plot, y1: y(chart.quota), y2: y(chart.quota), 'stroke-width': 2 }));
  chart.lines.forEach(function (line) {
    line.points.forEach(function (point, i) {
      var before = line.points[i - 1];
      if (before && !line.loose) svg.append(drawn('line', { 'class': line.ink, x1: x(before[0]), y1: y(before[1]), x2: x(point[0]), y2: y(point[1]), 'stroke-width': 2 }));
      var dot = drawn('circle', { 'class': line.ink, cx: x(point[0]), cy: y(point[1]), r: 4 });
      dot.append(drawn('title', { text: told(line, point) }));
      svg.append(dot);
    });
  });
  var every = Math.ceil(chart.days.length / 4);
  chart.days.forEach(function (day, i) {
    if ((chart.days.length - 1 - i) % every === 0) svg.append(drawn('text', { 'class': 'i-quiet', x: x(i), y: 205, 'text-anchor': 'middle', text: day }));
  });
  return svg;
}
