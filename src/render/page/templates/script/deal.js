function dealPage(deals, factors, id) {
  var row = -1;
  for (var i = 0; i < deals.rows && row < 0; i++) if (deals.at('deal_id', i) === id) row = i;
  var back = make('p', {}, [make('a', { href: '#pipeline', text: '← ' + words['back-to-list'] })]);
  if (row < 0) return [back, make('p', { 'class': 'none', text: words['deal-not-found'] })];
  var facts = deals.columns.filter(function (column) { return deals.at(column.key, row) !== null; }).map(function (column) {
    return make('div', {}, [make('dt', { text: column.label, title: column.note }), make('dd', { text: deals.shown(column.key, row) })]);
  });
  return [back, make('h1', { text: deals.at('name', row) || id }), make('dl', { 'class': 'facts' }, facts),
    make('h2', { text: words['why-this-score'] }), reasons(factorsOf(factors, row, Math.trunc(deals.at('amount', row) || 0) + ' ' + deals.at('currency', row)))];
}
// Value and contribution of every factor that says something of the deal, the strongest first.
function factorsOf(factors, row, amount) {
  var listed = factors.filter(function (factor) { return factor.cells[row] >= 0; }).map(function (factor) {
    var pair = factor.pairs[factor.cells[row]];
    return { name: factor.name, value: pair[0].replace('{amount}', amount), size: pair[1] / 100 };
  });
  return listed.sort(function (a, b) { return b.size - a.size; });
}
function reasons(listed) {
  if (!listed.length) return make('p', { 'class': 'none', text: words['no-factors'] });
  var top = Math.max.apply(null, listed.map(function (factor) { return Math.abs(factor.size); }));
  return make('div', { 'class': 'scroll' }, [make('table', {}, [make('tbody', {}, listed.map(function (factor) {
    var size = Math.abs(factor.size) / (top || 1) * 110, right = factor.size > 0;
    var svg = drawn('svg', { viewBox: '0 0 240 16', width: 240, height: 16, 'aria-hidden': 'true' });
    svg.append(drawn('rect', { 'class': right ? 'i-won' : 'i-lost', x: right ? 120 : 120 - size, y: 2, width: size, height: 12 }), drawn('line', { 'class': 'i-rule', x1: 120, x2: 120, y1: 0, y2: 16 }));
    return make('tr', {}, [make('th', { scope: 'row', text: factor.name }), make('td', { text: factor.value }), make('td', {}, [svg]), make('td', { 'class': 'num', text: (right ? '+' : '') + grouped(factor.size, 2) })]);
  }))])]);
}
