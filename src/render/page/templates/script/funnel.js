// Two groups of deals side by side: a cohort or a segment each.

function FunnelPair(data, place) {
  var rows = this.rows = new Table(data.funnel), groups = [];
  this.place = place;
  for (var row = 0; row < rows.rows; row++) {
    var key = rows.at('cohort', row) + '|' + rows.at('segment', row);
    if (groups.indexOf(key) < 0) groups.push(key);
  }
  this.groups = groups;
  this.pair = [groups[0], groups[groups.length - 1]];
  if (groups.length > 1) this.build();
}
FunnelPair.prototype.build = function () {
  var self = this;
  var options = this.groups.map(function (key) {
    var parts = key.split('|').map(function (part, i) { return part === 'all' ? '' : named(i ? 'segment' : 'cohort', part); }).filter(Boolean);
    return { value: key, text: parts.join(', ') || words.all };
  });
  this.body = make('div', {});
  this.status = make('p', { role: 'status' });
  function called(key) { return options.find(function (option) { return option.value === key; }).text; }
  this.said = function () { return self.pair.map(function (key, i) { return words['group-' + 'ab'[i]] + words.colon + called(key); }).join(words.semicolon) + '.'; };
  this.place.replaceChildren(make('h2', { text: words['two-groups'] }), make('div', { 'class': 'controls' }, [0, 1].map(function (i) {
    return choice(words['group-' + 'ab'[i]], options, self.pair[i], function (value) { self.pair[i] = value; self.draw(); });
  })), this.status, this.body);
  this.draw();
};
FunnelPair.prototype.draw = function () {
  this.status.textContent = this.said();
  var rows = this.rows, sides = this.pair.map(function (key) {
    var parts = key.split('|'), of = Object.create(null);
    rows.find({ cohort: parts[0], segment: parts[1] }).forEach(function (row) { of[rows.at('stage', row)] = row; });
    return of;
  });
  var stages = settings.stages.filter(function (stage) { return sides.some(function (side) { return stage in side && rows.at('conversion', side[stage]) !== null; }); });
  var heads = [defined(rows.byKey.stage)], numeric = [false];
  sides.forEach(function (_, i) {
    heads.push(words['group-' + 'ab'[i]] + words.colon + rows.byKey.entered.label, rows.byKey.conversion.label, words.interval, rows.byKey.median_days.label);
    numeric.push(true, true, false, true);
  });
  this.body.replaceChildren(simpleTable(words['two-groups'], heads, numeric, stages.map(function (stage) {
    var line = [named('stage', stage)];
    sides.forEach(function (side) {
      var row = side[stage];
      if (row === undefined) return line.push('', '', '', '');
      line.push(rows.shown('entered', row), rows.shown('conversion', row), interval(rows.at('conversion', row), rows.at('conversion_low', row), rows.at('conversion_high', row)), rows.shown('median_days', row));
    });
    return line;
  })));
};
// A share with its interval, from 0 to 100 %.
function interval(share, low, high) {
  var svg = drawn('svg', { viewBox: '0 0 120 16', width: 120, height: 16, role: 'img', 'aria-label': shown('share', low) + ' – ' + shown('share', high) });
  svg.append(drawn('line', { 'class': 'i-rule', x1: 4, x2: 116, y1: 8, y2: 8 }));
  if (share === null) return svg;
  if (low !== null && high !== null) svg.append(drawn('rect', { 'class': 'i-range', x: 4 + 112 * low, y: 3, width: 112 * (high - low), height: 10 }));
  svg.append(drawn('circle', { 'class': 'i-won', cx: 4 + 112 * share, cy: 8, r: 4 }));
  return svg;
}
