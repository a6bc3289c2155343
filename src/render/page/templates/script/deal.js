// One open deal: what is known of it, why it has its score, what happened to it.

var DAY = 86400000;

function DealPages(data, deals) {
  this.deals = deals;
  this.factors = data.factors;
  this.changes = data.changes;
  this.asOf = Date.parse(data.as_of);
  var rows = this.rows = new Map();
  deals.values('deal_id').forEach(function (id, row) { rows.set(id, row); });
}
// The changes of a deal: { day, event, to, from, after }.
DealPages.prototype.history = function (wanted) {
  var all = this.changes, place = 0, used = Object.create(null), found = [], before = Object.create(null);
  for (var row = 0; row <= wanted; row++) {
    var day = this.asOf;
    for (var i = 0; i < all.counts[row]; i++, place++) {
      var event = all.kinds[all.events[place]], nth = used[event] = (used[event] || 0) + 1;
      if (row < wanted) continue;
      day = i ? day + all.days[place] * DAY : day - all.days[place] * DAY;
      var raw = all.values[event][nth - 1];
      var kind = ['created', 'won', 'lost', 'reopened'].indexOf(event) >= 0 ? 'stage' : event;
      var to = this.worded(event, raw, day, row), was = before[kind];
      found.push({ day: new Date(day).toISOString().slice(0, 10), event: event, to: to, from: was ? was.to : '', after: was ? Math.round((day - was.day) / DAY) : null });
      before[kind] = { to: to, day: day };
    }
  }
  return found;
};
DealPages.prototype.worded = function (event, raw, day, row) {
  if (raw === SAME) return event === 'amount' ? grouped(this.deals.at(event, row), 0) : named(event, this.deals.at(event, row));
  if (raw === null) return '';
  if (Array.isArray(raw)) return this.changes.words[raw[0]];
  if (event === 'amount') return grouped(raw, 0);
  if (event === 'score') return this.changes.words[raw].replace(' %', settings.percent + '%');
  if (event === 'close date') return shown('day', new Date(day + raw * DAY).toISOString().slice(0, 10));
  var text = this.changes.words[raw];
  return named(event === 'category' ? 'forecast_category' : event, text);
};
DealPages.prototype.page = function (id) {
  var deals = this.deals, row = this.rows.get(id);
  var back = make('p', {}, [make('a', { href: '#pipeline', text: '← ' + words['back-to-list'] })]);
  if (row === undefined) return [back, make('h1', { id: 'h-deal', text: id || words.deals }), make('p', { 'class': 'none', text: words['deal-not-found'] })];
  var known = deals.columns.filter(function (column) { return deals.at(column.key, row) !== null; });
  var amount = written(deals.at('amount', row) || 0) + ' ' + deals.at('currency', row);
  var review = deals.at('next_review', row);
  var lead = [['stage', ''], ['amount', ' ' + (deals.at('currency', row) || '')], ['score', ''], ['win_in_period', ''], ['win_at_pace', ''], ['predicted_close_date', ''], ['stagnation', '']].filter(function (one) { return deals.at(one[0], row) !== null; });
  return [back, make('h1', { id: 'h-deal', text: deals.at('name', row) || id }),
    make('dl', { 'class': 'tiles many' }, lead.map(function (one) {
      return make('div', { 'class': 'tile' }, [make('dt', {}, [defined(deals.byKey[one[0]])]), make('dd', { text: deals.shown(one[0], row) + one[1] })]);
    })),
    review === null ? null : make('p', { 'class': 'headline', text: Date.parse(review) > this.asOf ? words['look-again'].replace('{day}', shown('day', review)) : words['look-now'] }),
    make('h2', { text: words['why-this-score'] }), reasons(factorsOf(this.factors, row, amount)),
    make('h2', { text: words['what-happened'] }), this.story(row),
    make('h2', { text: words['all-known'] }),
    facts(known.map(function (column) { return { name: defined(column), text: deals.shown(column.key, row) }; }))
  ].filter(Boolean);
};
// Stages with their days as a bar, scores as a line, then every change.
DealPages.prototype.story = function (row) {
  var history = this.history(row), place = make('div', {});
  if (!history.length) return make('p', { 'class': 'none', text: words.empty });
  var scores = history.filter(function (one) { return one.event === 'score'; });
  if (scores.length) {
    var today = this.deals.at('win_probability', row);
    var points = scores.map(function (one, i) { return [i, parseFloat(one.to) / 100]; });
    var days = scores.map(function (one) { return shown('day', one.day); });
    if (today !== null) { points.push([points.length, today]); days.push(shown('day', new Date(this.asOf).toISOString().slice(0, 10))); }
    place.append(figure('scroll fits', words['earlier-scores'], [timeChart({ days: days, lines: [{ ink: 'i-won', name: words['earlier-scores'], points: points }], label: words['earlier-scores'], tick: function (share) { return shown('share', share); } }), make('figcaption', { text: words['earlier-scores'] })]));
  }
  var heads = ['day', 'event', 'before', 'after', 'stood'].map(function (key) { return words['change-' + key]; });
  place.append(simpleTable(words['what-happened'], heads, [false, false, false, false, true], history.slice().reverse().map(function (one) {
    return [shown('day', one.day), named('event', one.event), one.from, one.to, one.after === null ? '' : grouped(one.after, 0)];
  })));
  return place;
};

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
  return framed('scroll', words['why-this-score'], make('table', { 'class': 'reasons', role: 'table' }, [caption(words['why-this-score']), make('tbody', { role: 'rowgroup' }, listed.map(function (factor) {
    var size = Math.abs(factor.size) / (top || 1) * 110, right = factor.size > 0;
    var svg = drawn('svg', { viewBox: '0 0 240 16', width: 240, height: 16, 'aria-hidden': 'true' });
    svg.append(drawn('rect', { 'class': right ? 'i-won' : 'i-lost', x: right ? 120 : 120 - size, y: 2, width: size, height: 12 }), drawn('line', { 'class': 'i-rule', x1: 120, x2: 120, y1: 0, y2: 16 }));
    return make('tr', { role: 'row' }, [make('th', { scope: 'row', role: 'rowheader', text: factor.name }), make('td', { 'class': 'why', role: 'cell', text: factor.value }), make('td', { role: 'cell' }, [svg]), make('td', { 'class': 'num', role: 'cell', text: (right ? '+' : '') + grouped(factor.size, 2) })]);
  }))]));
}
