var MEASURES = settings.node_columns;

function Forecast(data, place) {
  this.rows = new Table(data.forecast);
  this.gaps = new Table(data.gaps);
  this.place = place;
  this.period = data.period;
  this.level = 'team';
  this.currency = data.currency;
  this.basis = data.basis;
  this.search = '';
  if (!this.rows.find({ level: 'team', period: this.period }).length) this.level = 'company';
  this.build();
  this.draw();
}
Forecast.prototype.build = function () {
  var self = this, rows = this.rows;
  function options(list) { return list.map(function (word) { return { value: word, text: shown('text', word) }; }); }
  var currencies = {};
  for (var row = 0; row < rows.rows; row++) currencies[rows.at('basis', row) + ' ' + rows.at('currency', row)] = true;
  var choices = Object.keys(currencies).sort().map(function (key) {
    var parts = key.split(' ');
    return { value: key, text: parts[1] + (parts[0] === 'native' && currencies['base ' + parts[1]] ? ' (native)' : '') };
  });
  var levels = ['company', 'region', 'team', 'manager', 'owner'].filter(function (level) { return rows.distinct('level').indexOf(level) >= 0; });
  var search = make('input', { type: 'search', oninput: function () { self.search = search.value.toLowerCase(); self.draw(); } });
  this.body = make('div', {});
  this.place.replaceChildren(make('div', { 'class': 'controls' }, [
    choice(words.period, options(rows.distinct('period')), this.period, function (value) { self.period = value; self.draw(); }),
    choice(words.level, options(levels), this.level, function (value) { self.level = value; self.draw(); }),
    choice(words.currency, choices, this.basis + ' ' + this.currency, function (value) { self.basis = value.split(' ')[0]; self.currency = value.split(' ')[1]; self.draw(); }),
    make('label', { text: words.search }, [search])
  ]), this.body);
};
Forecast.prototype.draw = function () {
  var self = this, rows = this.rows;
  var found = this.rows.find({ period: this.period, level: this.level, basis: this.basis, currency: this.currency }).filter(function (row) {
    return !self.search || (rows.at('node_name', row) || '').toLowerCase().indexOf(self.search) >= 0;
  });
  found.sort(function (a, b) { return (rows.at('gap', b) || -Infinity) - (rows.at('gap', a) || -Infinity); });
  this.body.replaceChildren(this.table(found, 'node_name'));
};
Forecast.prototype.table = function (found, first) {
  var rows = this.rows;
  var bars = found.map(function (row) {
    var bar = { won: rows.at('won', row) || 0, label: rows.at('node_name', row) };
    ['expected', 'p10', 'p50', 'p90', 'quota'].forEach(function (key) { bar[key] = rows.at(key, row); });
    return bar;
  });
  var top = Math.max.apply(null, [1].concat(bars.map(function (bar) { return Math.max(bar.won, bar.expected || 0, bar.p90 || 0, bar.quota || 0); })));
  var heads = [first].concat(MEASURES).map(function (key) {
    var column = rows.byKey[key];
    return make('th', { scope: 'col', text: column.label, title: column.note, 'class': column.kind === 'text' ? '' : 'num' });
  });
  heads.splice(1, 0, make('th', { scope: 'col', text: words['forecast-bar'] }));
  var lines = found.map(function (row, i) {
    var cells = MEASURES.map(function (key) { return make('td', { 'class': 'num', text: rows.shown(key, row) }); });
    var name = first === 'node_name' ? make('a', { href: '#' + address('forecast', rows.at('level', row), rows.at('node', row)), text: rows.shown(first, row) }) : rows.shown(first, row);
    return make('tr', {}, [make('th', { scope: 'row' }, [name]), make('td', {}, [rangeBar(bars[i], top)])].concat(cells));
  });
  if (!lines.length) lines = [make('tr', {}, [make('td', { 'class': 'none', colspan: String(heads.length), text: words.empty })])];
  return make('div', { 'class': 'scroll', tabindex: '0', role: 'region', 'aria-label': words.period }, [make('table', { 'class': 'grid' }, [make('thead', {}, [make('tr', {}, heads)]), make('tbody', {}, lines)])]);
};
Forecast.prototype.node = function (level, node) {
  var rows = this.rows, gaps = this.gaps, self = this;
  var found = this.rows.find({ level: level, node: node, basis: this.basis });
  if (!found.length) return this.draw();
  var parts = [make('h2', { text: shown('text', level) + ': ' + rows.at('node_name', found[0]) }), this.table(found, 'period')];
  for (var row = 0; row < gaps.rows; row++) {
    if (gaps.at('level', row) !== level || gaps.at('node', row) !== node || gaps.at('period', row) !== self.period) continue;
    var causes = ['gap_pipeline', 'gap_slippage', 'gap_cycle', 'gap_conversion', 'gap_deal_size', 'gap'].map(function (key) {
      return make('div', {}, [make('dt', { text: gaps.byKey[key].label, title: gaps.byKey[key].note }), make('dd', { text: gaps.shown(key, row) + ' ' + gaps.shown('currency', row) })]);
    });
    parts.push(make('h3', { text: words['gap-parts'] + ' (' + self.period + ')' }), make('dl', { 'class': 'facts' }, causes));
  }
  this.body.replaceChildren.apply(this.body, parts);
};
