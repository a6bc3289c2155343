// Why nodes miss their quota: what the filters leave of the gaps, level by level, and the gap of one node as its parts.

// How many nodes of a level are listed at first; the others on demand.
var FIRST_GAPS = 15;
var LEVELS = ['company', 'region', 'team', 'manager', 'owner'];

// Rows of the gaps in the period and the money that are chosen: { of, period } more, where given.
Forecast.prototype.gapsOf = function (more) {
  var money = this.wanted.money.split(' ');
  return this.gaps.find(Object.assign({ period: this.wanted.period, basis: money[0], currency: money[1] }, more));
};
// What is broken down, where the choice is not.
Forecast.prototype.noGaps = function () {
  var gaps = this.gaps, known = new Set();
  for (var row = 0; row < gaps.rows; row++) known.add(gaps.at('period', row) + ' (' + gaps.at('currency', row) + ')');
  var wanted = { period: this.wanted.period, currency: this.wanted.money.split(' ')[1], known: Array.from(known).join(', ') };
  return make('p', { 'class': 'none', text: filled(words['gap-not-of-period'], wanted) });
};
Forecast.prototype.drawGaps = function () {
  var self = this, gaps = this.gaps, wanted = this.wanted, kept = this.kept(function (at) { return at.managers; });
  var isPart = PLACES.some(function (key) { return wanted[key]; }), of = new Map(), leftOut = new Set();
  this.gapsOf({}).forEach(function (row) {
    var level = gaps.at('level', row), isNode = LEVELS.indexOf(level) >= 0;
    // What a column splits is known of everybody together.
    if (!isNode && isPart) return leftOut.add(level);
    if (isNode && !kept.has(level + '/' + gaps.at('node', row))) return;
    of.set(level, (of.get(level) || []).concat([row]));
  });
  function rank(level) { var place = LEVELS.indexOf(level); return place < 0 ? LEVELS.length : place; }
  var levels = Array.from(of.keys()).sort(function (a, b) { return rank(a) - rank(b); });
  var said = [wanted.category === 'pipeline' ? '' : words['gap-of-categories'], leftOut.size ? filled(words['gap-of-everybody'], { columns: Array.from(leftOut).map(function (level) { return named('level', level); }).join(', ') }) : ''].filter(Boolean);
  this.gapsPlace.replaceChildren.apply(this.gapsPlace, [make('h2', { text: words.gaps + ' (' + wanted.period + ')' })]
    .concat(said.map(function (text) { return make('p', { 'class': 'quiet', text: text }); }), levels.length ? [make('p', { 'class': 'hint quiet', text: words['scroll-hint'] })] : [this.noGaps()])
    .concat(levels.map(function (level, i) { return self.gapLevel(level, of.get(level), i < 3); })));
};
// The nodes of one level, the largest gap first.
Forecast.prototype.gapLevel = function (level, found, opens) {
  var self = this, gaps = this.gaps, keys = settings.gap_columns, name = named('level', level), place = make('div', {});
  var values = gaps.values('gap');
  found.sort(function (a, b) { return values[b] - values[a] || a - b; });
  function lead(row) {
    var node = gaps.at('node', row), text = level === 'company' ? named('level', node) : level === 'owner' || level === 'manager' ? named('owner', node) : named('node', node);
    return LEVELS.indexOf(level) < 0 ? text : make('a', { href: '#' + address('forecast', level, node), text: text });
  }
  // What the gaps do not have themselves is that of the forecast of the node.
  function column(key) { return gaps.byKey[key] || self.rows.byKey[key]; }
  function cell(key, row) {
    var at = gaps.byKey[key] ? row : self.row(level, gaps.at('node', row));
    var text = at === undefined ? '' : (gaps.byKey[key] ? gaps : self.rows).shown(key, at);
    return key === 'status' && gaps.at(key, row) === 'behind' ? make('span', { 'class': 'bad', text: text }) : text;
  }
  function draw(most) {
    var heads = [defined(self.rows.byKey.node_name)].concat(keys.map(function (key) { return defined(column(key)); }));
    var numeric = [false].concat(keys.map(function (key) { return column(key).kind !== 'text'; }));
    place.replaceChildren(simpleTable(words.gaps + words.colon + name, heads, numeric, found.slice(0, most).map(function (row) {
      return [lead(row)].concat(keys.map(function (key) { return cell(key, row); }));
    })));
    if (found.length > most) place.append(make('button', { type: 'button', text: filled(words['show-all'], { all: grouped(found.length, 0) }), onclick: function () {
      draw(found.length);
      place.querySelector('.scroll').focus();
    } }));
  }
  draw(FIRST_GAPS);
  return make('details', { id: 'gaps/' + level, open: level in this.openGaps ? this.openGaps[level] : opens, ontoggle: function (event) { self.openGaps[level] = event.target.open; } }, [make('summary', { text: name }), place]);
};
// Why the quota is missed: the parts add up to the gap.
Forecast.prototype.gapParts = function (level, node) {
  var gaps = this.gaps, parts = [];
  this.gapsOf({ level: level, node: node }).forEach(function (row) {
    var causes = ['gap_pipeline', 'gap_slippage', 'gap_cycle', 'gap_conversion', 'gap_deal_size', 'gap'].map(function (key) {
      return { label: gaps.byKey[key].label, amount: gaps.at(key, row) || 0, shown: gaps.shown(key, row) + ' ' + gaps.shown('currency', row), total: key === 'gap' };
    });
    var cause = gaps.shown('main_cause', row);
    parts.push(make('h3', { text: words['gap-parts'] + ' (' + gaps.at('period', row) + ')' }),
      figure('scroll', words['gap-parts'], [partsChart(causes, words['gap-parts']), cause ? make('figcaption', {}, [defined(gaps.byKey.main_cause), words.colon + cause]) : ''].filter(Boolean)));
  });
  if (parts.length) return parts;
  return [make('h3', { text: words['gap-parts'] + ' (' + this.wanted.period + ')' }), this.noGaps()];
};
