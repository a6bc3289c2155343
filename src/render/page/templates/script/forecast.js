// The forecast as a tree of nodes, and a page per node.

var MEASURES = settings.node_columns;
// By what the page filters people.
var PLACES = ['region', 'team', 'owner'];
var CATEGORIES = ['pipeline', 'best_case', 'commit'];

// Who stands under whom: company > region > team > manager > owner.
function Positions(table) {
  this.of = new Map();
  this.children = new Map();
  var add = this.add.bind(this);
  for (var row = 0; row < table.rows; row++) {
    var at = { owner: table.at('owner', row), manager: table.at('manager', row), managers: JSON.parse(table.at('managers', row)), team: table.at('team', row), region: table.at('region', row) };
    this.of.set(at.owner, at);
    var chain = [['company', 'company'], ['region', at.region], ['team', at.team], ['manager', at.manager], ['owner', at.owner]];
    for (var i = 1; i < chain.length; i++) add(chain[i - 1], chain[i], chain.slice(0, i));
  }
}
// A manager with two teams stands under both, with the owners of that team.
Positions.prototype.key = function (chain) { return chain.map(function (node) { return node.join('/'); }).join('|'); };
Positions.prototype.add = function (parent, child, chain) {
  var key = this.key(chain), list = this.children.get(key) || [];
  if (!list.some(function (known) { return known[1] === child[1]; })) list.push(child);
  this.children.set(key, list);
};
Positions.prototype.under = function (level, node) {
  var found = new Set();
  this.of.forEach(function (at, owner) {
    if (level === 'company' || (level === 'manager' ? at.managers.indexOf(node) >= 0 : at[level] === node)) found.add(owner);
  });
  return found;
};

// The company is called by a word of the page, everybody else by their names.
function nodeName(rows, row) {
  return rows.at('level', row) === 'company' ? named('level', rows.at('node', row)) : rows.shown('node_name', row);
}

function Forecast(data, deals, place, gapsPlace) {
  this.data = data;
  this.deals = deals;
  this.rows = new Table(data.forecast);
  this.gaps = new Table(data.gaps);
  this.runs = new Table(data.runs);
  this.cases = new Table(data.cases);
  this.revisions = new Table(data.revisions);
  this.positions = new Positions(new Table(data.positions));
  this.place = place;
  this.gapsPlace = gapsPlace;
  this.openGaps = Object.create(null);
  this.wanted = { period: data.period, money: data.basis + ' ' + data.currency, category: 'pipeline', region: '', team: '', owner: '' };
  this.closed = Object.create(null);
  this.index = new Map();
  for (var row = 0; row < this.rows.rows; row++) {
    this.index.set(['level', 'node', 'period', 'basis', 'currency'].map(function (key) { return this.rows.at(key, row); }, this).join('|'), row);
  }
  this.build();
}
Forecast.prototype.row = function (level, node, period) {
  var money = this.wanted.money.split(' ');
  return this.index.get([level, node, period || this.wanted.period, money[0], money[1]].join('|'));
};
Forecast.prototype.build = function () {
  var self = this, rows = this.rows, known = Object.create(null);
  function pick(key, label, options, all) {
    var list = options.map(function (value) { return { value: value.value || value, text: value.text || named(key, value) }; });
    if (all) list.unshift({ value: '', text: words.all });
    if (list.length < 2) return null;
    return choice(label, list, self.wanted[key], function (value) { self.wanted[key] = value; location.hash === '#forecast' ? self.draw() : location.hash = 'forecast'; });
  }
  for (var row = 0; row < rows.rows; row++) known[rows.at('basis', row) + ' ' + rows.at('currency', row)] = true;
  var currencies = Object.keys(known).sort().map(function (key) {
    var parts = key.split(' ');
    return { value: key, text: parts[1] + (parts[0] === 'native' && known['base ' + parts[1]] ? ' (' + words.native + ')' : '') };
  });
  var places = Array.from(this.positions.of.values());
  function different(key) { return Array.from(new Set(places.map(function (at) { return at[key]; }))).sort(); }
  var people = different('owner').map(function (id) { return { value: id, text: named('owner', id) }; }).sort(function (a, b) { return a.text < b.text ? -1 : 1; });
  var labels = new Table(this.data.positions);
  this.body = make('div', {});
  this.status = make('p', { role: 'status' });
  this.place.replaceChildren(make('div', { 'class': 'controls' }, [
    pick('period', words.period, rows.distinct('period')),
    pick('category', words.category, CATEGORIES.map(function (key) { return { value: key, text: key === 'pipeline' ? words.all : rows.byKey[key].label }; })),
    pick('money', words.currency, currencies),
    pick('region', labels.byKey.region.label, different('region'), true),
    pick('team', labels.byKey.team.label, different('team'), true),
    pick('owner', labels.byKey.owner.label, people, true)
  ]), this.status, this.body);
};
// What rests on all open deals: unknown of one category, as `dealcast forecast --category` has it.
var OF_ALL = ['expected', 'p10', 'p50', 'p90', 'p_hit_quota'];
Forecast.prototype.measures = function () {
  var category = this.wanted.category;
  return MEASURES.map(function (key) { return key === 'pipeline' ? category : key; });
};
// The number of a node: of the category that is chosen, empty where it is not known of it.
Forecast.prototype.at = function (key, row) {
  var rows = this.rows, category = this.wanted.category, gap = rows.at('gap', row);
  if (category === 'pipeline') return rows.at(key, row);
  if (OF_ALL.indexOf(key) >= 0) return null;
  if (key === 'coverage') return gap > 0 && rows.at(category, row) !== null ? rows.at(category, row) / gap : null;
  return rows.at(key, row);
};
Forecast.prototype.shown = function (key, row) {
  return this.rows.byKey[key].kind === 'text' ? this.rows.shown(key, row) : shown(this.rows.byKey[key].kind, this.at(key, row));
};
// What a category that is chosen leaves out.
Forecast.prototype.remark = function () {
  var category = this.wanted.category;
  return category === 'pipeline' ? '' : words['of-category'].replace('{category}', this.rows.byKey[category].label);
};
// What the page leaves to the files of the run, where there are very many nodes.
Forecast.prototype.leftOut = function () {
  return this.data.whole ? '' : make('p', { 'class': 'quiet', text: words['many-nodes'] });
};
// The nodes that have somebody whom the filters leave; `managers` says which managers of somebody count.
Forecast.prototype.kept = function (managers) {
  var wanted = this.wanted, kept = new Set(['company/company']);
  this.positions.of.forEach(function (at) {
    if (PLACES.some(function (key) { return wanted[key] && at[key] !== wanted[key]; })) return;
    PLACES.forEach(function (key) { kept.add(key + '/' + at[key]); });
    managers(at).forEach(function (manager) { kept.add('manager/' + manager); });
  });
  return kept;
};
// The nodes of the tree that the filters leave, from top to bottom: { level, node, row, depth, key, open }.
Forecast.prototype.tree = function () {
  var self = this, wanted = this.wanted, found = [], kept = this.kept(function (at) { return [at.manager]; });
  function visit(chain) {
    var last = chain[chain.length - 1], row = self.row(last[0], last[1]), key = self.positions.key(chain);
    var children = (self.positions.children.get(key) || []).filter(function (child) { return kept.has(child.join('/')); });
    // A level nobody named has no rows; its children stand where it would.
    var isOpen = key in self.closed ? !self.closed[key] : chain.length < 3 || Boolean(wanted.team || wanted.owner);
    if (row !== undefined) found.push({ level: last[0], node: last[1], row: row, depth: chain.depth, key: key, open: isOpen, parent: children.length > 0 });
    if (row !== undefined && !isOpen) return;
    children.map(function (child) {
      var at = self.row(child[0], child[1]);
      return { child: child, gap: at === undefined ? 0 : self.rows.at('gap', at) || 0 };
    }).sort(function (a, b) { return b.gap - a.gap; }).forEach(function (one) {
      var next = chain.concat([one.child]);
      next.depth = chain.depth + (row === undefined ? 0 : 1);
      visit(next);
    });
  }
  var top = [['company', 'company']];
  top.depth = 0;
  visit(top);
  return found;
};
Forecast.prototype.draw = function () {
  var self = this, rows = this.rows, tree = this.tree();
  this.status.textContent = [filled(words['nodes-shown'], { nodes: grouped(tree.length, 0), period: this.wanted.period, currency: this.wanted.money.split(' ')[1] }), this.remark()].filter(Boolean).join(' ');
  this.drawGaps();
  this.body.replaceChildren(this.leftOut(), make('p', { 'class': 'legend', text: words['range-legend'] }), this.table(words.nodes + ', ' + this.wanted.period, tree.map(function (one) { return one.row; }), 'node_name', function (row, i) {
    var one = tree[i];
    var toggle = one.parent ? make('button', { type: 'button', 'class': 'toggle', 'aria-expanded': String(one.open), 'aria-label': nodeName(rows, row), text: one.open ? '▾' : '▸', onclick: function () {
      self.closed[one.key] = one.open;
      self.draw();
      var again = self.body.querySelectorAll('.toggle');
      for (var k = 0; k < again.length; k++) if (again[k].dataset.key === one.key) again[k].focus();
    } }) : null;
    if (toggle) toggle.dataset.key = one.key;
    var name = make('span', { 'class': 'depth-' + one.depth }, [toggle, make('a', { href: '#' + address('forecast', one.level, one.node), text: nodeName(rows, row) }), one.level === one.node ? null : make('small', { text: ' ' + named('level', one.level) })]);
    return name;
  }));
};
Forecast.prototype.table = function (label, found, first, lead) {
  var rows = this.rows, self = this, measures = this.measures();
  var bars = found.map(function (row) {
    var bar = { won: rows.at('won', row) || 0 };
    ['expected', 'p10', 'p50', 'p90', 'quota'].forEach(function (key) { bar[key] = self.at(key, row); });
    var known = ['won', 'expected', 'p10', 'p90', 'quota'].filter(function (key) { return bar[key] !== null; });
    bar.label = toldBy(nodeName(rows, row), known.map(function (key) { return rows.byKey[key].label + ' ' + shown('money', bar[key]); }));
    return bar;
  });
  var top = Math.max.apply(null, [1].concat(bars.map(function (bar) { return Math.max(bar.won, bar.expected || 0, bar.p90 || 0, bar.quota || 0); })));
  var heads = [defined(rows.byKey[first]), words['forecast-bar']].concat(measures.map(function (key) { return defined(rows.byKey[key]); }));
  var numeric = [false, false].concat(measures.map(function () { return true; }));
  return simpleTable(label, heads, numeric, found.map(function (row, i) {
    return [lead(row, i), rangeBar(bars[i], top)].concat(measures.map(function (key) { return self.shown(key, row); }));
  }), true);
};
// The node an address means: `Americas-1` is `Americas 1` where nobody is called otherwise.
Forecast.prototype.meant = function (level, node) {
  var rows = this.rows, names = rows.find({ level: level }).map(function (row) { return rows.at('node', row); });
  if (names.indexOf(node) >= 0) return node;
  return names.find(function (name) { return name.replace(/\s+/g, '-') === node; }) || node;
};
Forecast.prototype.node = function (level, node) {
  node = this.meant(level, node);
  var rows = this.rows, self = this, money = this.wanted.money.split(' ');
  var found = rows.find({ level: level, node: node, basis: money[0], currency: money[1] }).filter(function (row) { return self.data.near.indexOf(rows.at('period', row)) >= 0; });
  found.sort(function (a, b) { return self.data.near.indexOf(rows.at('period', a)) - self.data.near.indexOf(rows.at('period', b)); });
  if (!found.length) {
    this.draw();
    return this.body.prepend(make('p', { 'class': 'warning', role: 'alert', text: words['view-not-found'].replace('{address}', function () { return level + '/' + node; }) }));
  }
  var name = nodeName(rows, found[0]), row = this.row(level, node);
  this.status.textContent = this.remark();
  this.body.replaceChildren.apply(this.body, [
    make('p', {}, [make('a', { href: '#forecast', text: '← ' + words['back-to-tree'] })]),
    make('h2', { 'class': 'node', text: level === node ? name : name + ' (' + named('level', level) + ')' }),
    this.leftOut(), this.table(words.forecast + words.colon + name, found, 'period', function (row) { return rows.shown('period', row); })
  ].concat(this.gapParts(level, node), row === undefined ? [] : this.closers(level, node, row), this.overTime(level, node), this.accuracy(level, node)));
};
// The open deals that are most of what is expected of the running period, and how far they go towards the gap. Their
// parts of it are the forecast's own, so that all of them add up to what it expects from open deals.
Forecast.prototype.closers = function (level, node, row) {
  var deals = this.deals, under = this.positions.under(level, node), gap = this.rows.at('gap', row), sum = 0, self = this;
  // Gap and parts are in the currency that is chosen: converted, or the deals of that currency alone.
  var money = this.wanted.money.split(' '), native = money[0] === 'native', amount = native ? 'amount' : 'base_amount', part = native ? 'expected' : 'base_expected';
  var people = deals.values('owner'), parts = deals.values(part), currencies = deals.values('currency'), listed = [];
  var title = make('h3', { text: words['deals-for-gap'] + ' (' + this.data.period + ')' });
  if (this.wanted.period !== this.data.period) return [title, make('p', { 'class': 'none', text: words['deals-not-of-period'].replace('{running}', this.data.period).replace('{period}', this.wanted.period) })];
  for (var i = 0; i < deals.rows; i++) {
    if (native && currencies[i] !== money[1]) continue;
    if (under.has(people[i] === null ? '(no owner)' : people[i]) && parts[i]) listed.push([i, parts[i]]);
  }
  listed.sort(function (a, b) { return b[1] - a[1]; });
  var shownRows = listed.slice(0, 10).map(function (one) {
    sum += one[1];
    var share = gap > 0 ? shown('share', sum / gap) : '';
    return [dealLink(deals, one[0]), deals.shown('owner', one[0]), deals.shown('stage', one[0]), self.counted(amount, one[0], one[1]), deals.shown('win_at_pace', one[0]), deals.shown(part, one[0]), share];
  });
  var heads = ['name', 'owner', 'stage', amount, 'win_at_pace', part].map(function (key) { return defined(deals.byKey[key]); }).concat([words['of-gap']]);
  return [title, simpleTable(words['deals-for-gap'], heads, [false, false, false, true, true, true, true], shownRows)];
};
// The amount of a deal; where it has none, what the forecast takes it for.
Forecast.prototype.counted = function (amount, row, part) {
  var deals = this.deals, chance = deals.at('win_at_pace', row);
  if (deals.at(amount, row) !== null || !chance) return deals.shown(amount, row);
  return make('span', { 'class': 'estimate', title: words['estimated-note'], text: grouped(part / chance, 0) + ' (' + words.estimated + ')' });
};
// The most telling category first, the others after them.
function rankOf(category) {
  var rank = ['forecast', 'commit', 'best case'].indexOf((category || '').toLowerCase());
  return rank < 0 ? 3 : rank;
}
// What held by each day, added up, as [day, sum]: of each owner the newest of the most telling category; where nobody
// adjusted it, what was submitted is what is adjusted. The table has the oldest first.
Forecast.prototype.held = function (said, adjusted) {
  var revisions = this.revisions, held = Object.create(null), sums = [];
  said.forEach(function (row) {
    var amount = revisions.at('base_amount', row), rank = rankOf(revisions.at('category', row));
    if (amount === null) return;
    var owner = revisions.at('owner', row), of = held[owner] = held[owner] || {}, kind = revisions.at('adjustment', row) === 'true' ? 'adjusted' : 'submitted';
    if (of[kind] && rank > of[kind].rank) return;
    of[kind] = { rank: rank, amount: amount };
    var parts = Object.keys(held).map(function (key) { return adjusted && held[key].adjusted || held[key].submitted; }).filter(Boolean);
    var day = revisions.at('submitted_on', row);
    if (sums.length && sums[sums.length - 1][0] === day) sums.pop();
    if (parts.length) sums.push([day, parts.reduce(function (sum, part) { return sum + part.amount; }, 0)]);
  });
  return sums;
};
Forecast.prototype.revised = function (level, node) {
  var revisions = this.revisions, under = this.positions.under(level, node);
  return revisions.find({ period: this.data.period }).filter(function (row) { return under.has(revisions.at('owner', row)); });
};
// Submitted, adjusted and predicted, run by run.
Forecast.prototype.overTime = function (level, node) {
  var runs = this.runs, revisions = this.revisions, data = this.data, self = this;
  var found = runs.find({ level: level, node: node, currency: data.currency });
  var said = this.revised(level, node);
  var days = Array.from(new Set(found.map(function (row) { return runs.at('run_as_of', row); }).concat(said.map(function (row) { return revisions.at('submitted_on', row); })))).sort();
  if (days.length < 2) return [];
  var place = Object.create(null);
  days.forEach(function (day, i) { place[day] = i; });
  function summed(adjusted) { return self.held(said, adjusted).map(function (one) { return [place[one[0]], one[1]]; }); }
  function line(key) { return found.filter(function (row) { return runs.at(key, row) !== null; }).map(function (row) { return [place[runs.at('run_as_of', row)], runs.at(key, row)]; }); }
  var lines = [{ ink: 'i-won', name: words.predicted, points: line('expected') }, { ink: 'i-lost', name: words.submitted, points: summed(false) }, { ink: 'i-baseline', name: words.adjusted, points: summed(true) }];
  var band = found.filter(function (row) { return runs.at('p10', row) !== null; }).map(function (row) { return [place[runs.at('run_as_of', row)], runs.at('p10', row), runs.at('p90', row)]; });
  var quota = found.length ? runs.at('quota', found[found.length - 1]) : null;
  var chart = timeChart({ days: days.map(function (day) { return shown('day', day); }), lines: lines, band: band, quota: quota, label: words['over-time'], tick: short, told: function (amount) { return shown('money', amount); } });
  var chances = found.filter(function (row) { return runs.at('p_hit_quota', row) !== null; }).map(function (row) { return shown('day', runs.at('run_as_of', row)) + words.colon + runs.shown('p_hit_quota', row); });
  return [make('h3', { text: words['over-time'] + ' (' + data.period + ')' }), figure('scroll fits', words['over-time'], [chart, make('figcaption', { text: words['over-time-legend'] })]),
    chances.length ? make('p', { 'class': 'quiet', text: runs.byKey.p_hit_quota.label + ' – ' + chances.slice(-6).join(', ') }) : ''];
};
// Past forecasts of the node beside what was won.
Forecast.prototype.accuracy = function (level, node) {
  var cases = this.cases, data = this.data;
  var found = cases.find({ level: level, node: node }).filter(function (row) {
    var currency = cases.at('currency', row);
    return currency === null || currency === data.currency && data.basis === 'native';
  });
  found.sort(function (a, b) { return cases.at('cutoff', a) < cases.at('cutoff', b) ? -1 : 1; });
  found = found.slice(-16);
  if (!found.length) return [];
  var inside = found.filter(function (row) { return cases.at('p10', row) !== null && cases.at('p10', row) <= cases.at('actual', row) && cases.at('actual', row) <= cases.at('p90', row); }).length;
  var heads = ['period', 'cutoff', 'forecast', 'p10', 'p90', 'actual'];
  return [make('h3', { text: words['accuracy'] }),
    make('p', { text: words['inside-range'].replace('{inside}', grouped(inside, 0)).replace('{all}', grouped(found.length, 0)) }),
    simpleTable(words['accuracy'], heads.map(function (key) { return defined(cases.byKey[key]); }), [false, false, true, true, true, true], found.map(function (row) {
      return heads.map(function (key) { return cases.shown(key, row); });
    }))];
};
