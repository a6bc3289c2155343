var FILTERS = ['region', 'team', 'owner', 'stage', 'forecast_category', 'grade', 'trend', 'stagnation', 'currency'];

// The manager, team and region of each deal's owner, as columns of the deals.
function withPositions(deals, positions) {
  var of = new Map();
  for (var row = 0; row < positions.rows; row++) of.set(positions.at('owner', row), row);
  var people = deals.values('owner').map(function (owner) { return of.get(owner === null ? '(no owner)' : owner); });
  ['manager', 'team', 'region'].forEach(function (key) {
    var values = positions.values(key);
    var cells = people.map(function (at) { return at === undefined ? null : values[at]; });
    var column = positions.byKey[key];
    deals.byKey[key] = { key: key, table: 'positions', label: column.label, note: column.note, kind: 'text', words: [], cells: cells };
    deals.columns.push(deals.byKey[key]);
  });
}

function Pipeline(deals, place) {
  this.deals = deals;
  this.place = place;
  this.wanted = {};
  this.search = '';
  this.columns = settings.deal_columns.filter(function (key) { return deals.byKey[key]; });
  // The name leads, the id stands last; where there is room for a few columns only, those follow that say which deal matters,
  // and names have two lines.
  var narrow = matchMedia('(max-width:40rem)').matches;
  this.tall = narrow ? 46 : 31;
  this.frame = narrow ? 'window tall' : 'window';
  var first = (narrow ? ['name', 'win_in_period', 'score', 'amount'] : ['name']).filter(function (key) { return deals.has(key); });
  if (first[0] === 'name') this.columns = first.concat(this.columns.filter(function (key) { return first.indexOf(key) < 0 && key !== 'deal_id'; }), 'deal_id');
  this.order = { key: deals.has('base_amount') ? 'base_amount' : 'amount', down: true };
  this.board = false;
  this.texts = [];
  for (var row = 0; row < deals.rows; row++) {
    this.texts.push(['deal_id', 'name', 'account', 'stage', 'owner'].map(function (key) { return deals.at(key, row) || ''; }).concat(deals.shown('owner', row)).join('\n').toLowerCase());
  }
  this.build();
  this.select();
}
Pipeline.prototype.build = function () {
  var self = this, deals = this.deals;
  var filters = FILTERS.map(function (key) {
    var options = (deals.byKey[key] ? deals.distinct(key) : []).map(function (word) { return { value: word, text: named(key, word) }; });
    options.sort(function (a, b) { return a.text < b.text ? -1 : a.text > b.text ? 1 : 0; });
    options.unshift({ value: '', text: words.all });
    return options.length > 2 ? choice(deals.byKey[key].label, options, '', function (value) { self.wanted[key] = value; self.select(); }) : null;
  });
  var search = make('input', { type: 'search', oninput: function () { self.search = search.value.toLowerCase(); self.select(); } });
  var chooser = this.chooser = make('details', { 'class': 'choose' }, [make('summary', { text: words.columns }), make('div', {}, deals.columns.map(function (column) {
    var box = make('input', { type: 'checkbox', onchange: function () { self.choose(column.key, box.checked); } });
    box.checked = self.columns.indexOf(column.key) >= 0;
    return make('label', {}, [box, ' ', defined(column)]);
  }))]);
  this.views = [false, true].map(function (board) {
    return make('button', { type: 'button', text: board ? words.board : words.list, onclick: function () { self.board = board; self.draw(); } });
  });
  var save = make('button', { type: 'button', text: words['save-csv'], onclick: function () { self.save(); } });
  chooser.addEventListener('keydown', function (event) { if (event.key === 'Escape') chooser.open = false; });
  document.addEventListener('click', function (event) { if (!chooser.contains(event.target)) chooser.open = false; });
  this.count = make('p', { role: 'status' });
  this.body = make('div', {});
  var controls = make('div', { 'class': 'controls' }, [make('label', { text: words.search }, [search])].concat(filters, this.views, [chooser, save]));
  this.place.replaceChildren(controls, this.count, make('p', { 'class': 'hint quiet', text: words['scroll-hint'] }), this.body);
};
Pipeline.prototype.choose = function (key, on) {
  this.columns = this.columns.filter(function (known) { return known !== key; });
  if (on) this.columns.push(key);
  this.draw();
};
// Every deal in the order of the chosen column; made once a column, so that a filter has nothing to sort.
Pipeline.prototype.sorted = function () {
  var deals = this.deals, key = this.order.key, sign = this.order.down ? -1 : 1, values = deals.values(key), name = key + sign;
  if (key === 'owner' || key === 'manager') values = values.map(function (id) { return id === null ? null : named(key, id); });
  if (this.sortedBy !== name) {
    this.sortedBy = name;
    this.all = Array.from({ length: deals.rows }, function (_, row) { return row; }).sort(function (a, b) {
      var left = values[a], right = values[b];
      if (left === right) return a - b;
      if (left === null) return 1;
      if (right === null) return -1;
      return sign * (left < right ? -1 : 1);
    });
  }
  return this.all;
};
Pipeline.prototype.select = function () {
  var deals = this.deals, wanted = this.wanted, search = this.search, texts = this.texts;
  var keys = FILTERS.filter(function (key) { return wanted[key]; });
  var columns = keys.map(deals.values, deals), values = keys.map(function (key) { return wanted[key]; });
  this.found = this.sorted().filter(function (row) {
    for (var i = 0; i < keys.length; i++) if (columns[i][row] !== values[i]) return false;
    return !search || texts[row].indexOf(search) >= 0;
  });
  this.draw();
};
Pipeline.prototype.draw = function () {
  var deals = this.deals, sums = Object.create(null), self = this;
  this.found.forEach(function (row) {
    var currency = deals.at('currency', row) || '';
    sums[currency] = (sums[currency] || 0) + (deals.at('amount', row) || 0);
  });
  var money = Object.keys(sums).sort().map(function (currency) { return grouped(sums[currency], 0) + ' ' + currency; }).join(', ');
  this.count.textContent = grouped(this.found.length, 0) + ' ' + words['deals-shown'] + (money ? ': ' + money : '');
  this.views.forEach(function (button, i) { button.setAttribute('aria-pressed', String(self.board === (i === 1))); });
  // Cards have no columns to choose.
  this.chooser.hidden = this.board;
  if (this.board) this.chooser.open = false;
  this.body.replaceChildren(this.board ? this.lanes() : this.table());
};
Pipeline.prototype.table = function () {
  var self = this, deals = this.deals;
  var heads = this.columns.map(function (key) {
    var column = deals.byKey[key];
    var sorted = self.order.key === key;
    var button = make('button', { type: 'button', 'class': 'sort', text: column.label + (sorted ? (self.order.down ? ' ↓' : ' ↑') : ''), onclick: function () {
      self.order = { key: key, down: sorted ? !self.order.down : column.kind !== 'text' };
      self.select();
    } });
    return make('th', { scope: 'col', title: column.note, 'class': column.kind === 'text' ? '' : 'num', 'aria-sort': sorted ? (self.order.down ? 'descending' : 'ascending') : 'none' }, [button]);
  });
  var body = make('tbody', {});
  // Rows that are out of sight are not there: what there is, and where a row stands in it, is told.
  var frame = framed(this.frame, words.deals, make('table', { 'class': 'grid', 'aria-rowcount': String(self.found.length + 1) }, [caption(words.deals), make('thead', {}, [make('tr', { 'aria-rowindex': '1' }, heads)]), body]));
  function pad(rows) { return make('tr', { 'class': 'pad', 'aria-hidden': 'true' }, [make('td', { colspan: String(self.columns.length), height: String(rows * self.tall) })]); }
  function fill() {
    var first = Math.max(0, Math.floor(frame.scrollTop / self.tall) - 10);
    var last = Math.min(self.found.length, first + Math.ceil((frame.clientHeight || 700) / self.tall) + 20);
    var rows = self.found.slice(first, last).map(function (row, i) { return self.row(row, first + i + 2); });
    if (!self.found.length) rows = [make('tr', {}, [make('td', { 'class': 'none', colspan: String(self.columns.length), text: words.empty })])];
    body.replaceChildren.apply(body, [first ? pad(first) : ''].concat(rows, last < self.found.length ? [pad(self.found.length - last)] : []));
  }
  frame.addEventListener('scroll', function () { requestAnimationFrame(fill); });
  requestAnimationFrame(fill);
  fill();
  return frame;
};
Pipeline.prototype.row = function (row, place) {
  var deals = this.deals, lead = this.columns.find(function (key) { return key === 'deal_id' || key === 'name' && deals.at(key, row) !== null; });
  return make('tr', { 'aria-rowindex': String(place) }, this.columns.map(function (key) {
    var text = deals.shown(key, row);
    if (key === lead && text) return make('td', { 'class': 'lead', title: text }, [make('a', { href: '#' + address('deal', deals.at('deal_id', row)), text: text })]);
    var bad = key === 'stagnation' && deals.at(key, row) === 'stalled' || key === 'trend' && deals.at(key, row) === 'declining';
    return make('td', { text: text, title: text, 'class': (deals.byKey[key].kind === 'text' ? '' : 'num') + (bad ? ' bad' : '') });
  }));
};
Pipeline.prototype.lanes = function () {
  var self = this, deals = this.deals, lanes = Object.create(null);
  this.found.forEach(function (row) { (lanes[deals.at('stage', row)] = lanes[deals.at('stage', row)] || []).push(row); });
  var stages = settings.stages.filter(function (stage) { return lanes[stage]; });
  stages = stages.concat(Object.keys(lanes).filter(function (stage) { return stages.indexOf(stage) < 0; }));
  return make('div', { 'class': 'board', tabindex: '0', role: 'region', 'aria-label': words.board }, stages.map(function (stage) {
    var rows = lanes[stage], shownRows = 40;
    var wins = rows.reduce(function (sum, row) { return sum + (deals.at('win_probability', row) || 0); }, 0);
    var lane = make('section', { 'class': 'lane' }, [make('h2', { text: stage }, [make('small', { text: grouped(rows.length, 0) + ' · ' + grouped(wins, 1) + ' ' + words['wins-expected'] })])]);
    rows.slice(0, shownRows).forEach(function (row) { lane.append(self.card(row)); });
    if (rows.length > shownRows) lane.append(make('p', { 'class': 'quiet', text: '+ ' + grouped(rows.length - shownRows, 0) + ' ' + words['more-cards'] }));
    return lane;
  }));
};
Pipeline.prototype.card = function (row) {
  var deals = this.deals;
  var score = deals.at('score', row);
  return make('article', { 'class': 'card' + (deals.at('stagnation', row) === 'stalled' ? ' stalled' : '') }, [
    make('p', {}, [make('a', { href: '#' + address('deal', deals.at('deal_id', row)), text: deals.at('name', row) || deals.at('deal_id', row) }), score === null ? null : make('span', { 'class': 'score', text: String(score) })]),
    make('p', { text: deals.at('amount', row) === null ? '–' : deals.shown('amount', row) + ' ' + deals.shown('currency', row) }),
    make('p', { 'class': 'quiet', text: ['account', 'grade', 'trend', 'stagnation'].map(function (key) { return deals.shown(key, row); }).filter(Boolean).join(' · ') })
  ]);
};
Pipeline.prototype.save = function () {
  var deals = this.deals, columns = this.columns;
  function quoted(value) {
    if (value === null) return '';
    var text = String(value);
    if (typeof value === 'string' && /^[=+\-@\t\r]/.test(text) && isNaN(Number(text))) text = "'" + text;
    return /[",\n\r]/.test(text) ? '"' + text.replace(/"/g, '""') + '"' : text;
  }
  // People by name and by id.
  function isPerson(key) { return key === 'owner' || key === 'manager'; }
  var lines = [columns.map(function (key) { return isPerson(key) ? key + '_name,' + key : key; }).join(',')].concat(this.found.map(function (row) {
    return columns.map(function (key) { return (isPerson(key) ? quoted(deals.shown(key, row)) + ',' : '') + quoted(deals.at(key, row)); }).join(',');
  }));
  var url = URL.createObjectURL(new Blob([lines.join('\n') + '\n'], { type: 'text/csv' }));
  var link = make('a', { href: url, download: 'deals.csv' });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(function () { URL.revokeObjectURL(url); }, 1000);
};
