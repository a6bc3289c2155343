// Makes the page handier: one view at a time, the whole list of deals, filters, a page per deal and per node.
// Everything it shows stands in the page; controls appear once the data is there.
(function () {
  'use strict';
  var settings = JSON.parse(document.getElementById('settings').textContent);
  var words = settings.words;
  var island = document.getElementById('data');

  // --- data -----------------------------------------------------------------------------------------------------

  function unpacked() {
    var text = island.textContent.trim();
    if (island.dataset.encoding === 'plain') return Promise.resolve(JSON.parse(text));
    if (typeof DecompressionStream === 'undefined') return Promise.reject(new Error('no decompression'));
    var packed = Uint8Array.from(atob(text), function (letter) { return letter.charCodeAt(0); });
    var stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream('gzip'));
    return new Response(stream).json();
  }

  function Table(raw) {
    this.rows = raw.rows;
    this.columns = raw.columns;
    this.byKey = {};
    raw.columns.forEach(function (column) { this.byKey[column.key] = column; }, this);
  }
  Table.prototype.at = function (key, row) {
    var column = this.byKey[key];
    var cell = column.cells[row];
    if (cell === null) return null;
    return column.kind === 'text' || column.kind === 'day' ? column.words[cell] : cell;
  };
  Table.prototype.shown = function (key, row) { return shown(this.byKey[key].kind, this.at(key, row)); };

  function grouped(number, places) {
    var parts = Math.abs(number).toFixed(places).split('.');
    var whole = parts[0].replace(/\B(?=(\d{3})+$)/g, settings.thousands);
    return (number < 0 && Number(number.toFixed(places)) !== 0 ? '-' : '') + whole + (parts[1] ? settings.decimal + parts[1] : '');
  }
  function shown(kind, value) {
    if (value === null || value === undefined) return '';
    if (kind === 'money') return grouped(value, 0);
    if (kind === 'share') return grouped(100 * value, 1) + settings.percent + '%';
    if (kind === 'number') return Number.isInteger(value) ? grouped(value, 0) : grouped(value, Math.abs(value) < 10 ? 2 : 1);
    if (kind === 'day') {
      var parts = value.split('-');
      return settings.date.replace('{y}', parts[0]).replace('{m}', parts[1]).replace('{d}', parts[2]);
    }
    return settings.values[value] || value;
  }

  // --- page ------------------------------------------------------------------------------------------------------

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
  function distinct(table, key) {
    return Array.from(new Set(table.byKey[key].cells.filter(function (cell) { return cell !== null; })))
      .map(function (cell) { return table.byKey[key].words[cell]; }).sort();
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

  // --- the list of deals and the board ----------------------------------------------------------------------------

  var FILTERS = ['owner', 'stage', 'grade', 'trend', 'stagnation', 'currency'];
  var ROW = 31;

  function Pipeline(deals, place) {
    this.deals = deals;
    this.place = place;
    this.wanted = {};
    this.search = '';
    this.columns = settings.deal_columns.filter(function (key) { return deals.byKey[key]; });
    this.order = { key: deals.byKey.expected_value.cells.some(function (cell) { return cell !== null; }) ? 'expected_value' : 'amount', down: true };
    this.board = false;
    this.texts = [];
    for (var row = 0; row < deals.rows; row++) {
      this.texts.push(['deal_id', 'name', 'account', 'owner', 'stage'].map(function (key) { return deals.at(key, row) || ''; }).join('\n').toLowerCase());
    }
    this.build();
    this.select();
  }
  Pipeline.prototype.build = function () {
    var self = this, deals = this.deals;
    var filters = FILTERS.map(function (key) {
      var options = [{ value: '', text: words.all }].concat(distinct(deals, key).map(function (word) { return { value: word, text: shown('text', word) }; }));
      return options.length > 2 ? choice(deals.byKey[key].label, options, '', function (value) { self.wanted[key] = value; self.select(); }) : null;
    });
    var search = make('input', { type: 'search', oninput: function () { self.search = search.value.toLowerCase(); self.select(); } });
    var chooser = make('details', { 'class': 'choose' }, [make('summary', { text: words.columns }), make('div', {}, deals.columns.map(function (column) {
      var box = make('input', { type: 'checkbox', onchange: function () { self.choose(column.key, box.checked); } });
      box.checked = self.columns.indexOf(column.key) >= 0;
      return make('label', {}, [box, ' ' + column.label]);
    }))]);
    this.views = [false, true].map(function (board) {
      return make('button', { type: 'button', text: board ? words.board : words.list, onclick: function () { self.board = board; self.draw(); } });
    });
    var save = make('button', { type: 'button', text: words['save-csv'], onclick: function () { self.save(); } });
    this.count = make('p', { role: 'status' });
    this.body = make('div', {});
    var controls = make('div', { 'class': 'controls' }, [make('label', { text: words.search }, [search])].concat(filters, this.views, [chooser, save]));
    this.place.replaceChildren(controls, this.count, this.body);
  };
  Pipeline.prototype.choose = function (key, on) {
    var all = this.deals.columns.map(function (column) { return column.key; });
    var kept = this.columns.filter(function (known) { return known !== key; });
    if (on) kept.push(key);
    this.columns = all.filter(function (known) { return kept.indexOf(known) >= 0; });
    this.draw();
  };
  Pipeline.prototype.select = function () {
    var deals = this.deals, found = [], wanted = this.wanted, self = this;
    var keys = FILTERS.filter(function (key) { return wanted[key]; });
    for (var row = 0; row < deals.rows; row++) {
      if (self.search && self.texts[row].indexOf(self.search) < 0) continue;
      if (keys.every(function (key) { return deals.at(key, row) === wanted[key]; })) found.push(row);
    }
    this.found = found;
    this.sort();
  };
  Pipeline.prototype.sort = function () {
    var deals = this.deals, key = this.order.key, sign = this.order.down ? -1 : 1;
    this.found.sort(function (a, b) {
      var left = deals.at(key, a), right = deals.at(key, b);
      if (left === right) return a - b;
      if (left === null) return 1;
      if (right === null) return -1;
      return sign * (left < right ? -1 : 1);
    });
    this.draw();
  };
  Pipeline.prototype.draw = function () {
    var deals = this.deals, sums = {}, self = this;
    this.found.forEach(function (row) {
      var currency = deals.at('currency', row) || '';
      sums[currency] = (sums[currency] || 0) + (deals.at('amount', row) || 0);
    });
    var money = Object.keys(sums).sort().map(function (currency) { return grouped(sums[currency], 0) + ' ' + currency; }).join(', ');
    this.count.textContent = grouped(this.found.length, 0) + ' ' + words['deals-shown'] + (money ? ': ' + money : '');
    this.views.forEach(function (button, i) { button.setAttribute('aria-pressed', String(self.board === (i === 1))); });
    this.body.replaceChildren(this.board ? this.lanes() : this.table());
  };
  Pipeline.prototype.table = function () {
    var self = this, deals = this.deals;
    var heads = this.columns.map(function (key) {
      var column = deals.byKey[key];
      var sorted = self.order.key === key;
      var button = make('button', { type: 'button', 'class': 'sort', text: column.label + (sorted ? (self.order.down ? ' ↓' : ' ↑') : ''), onclick: function () {
        self.order = { key: key, down: sorted ? !self.order.down : column.kind !== 'text' };
        self.sort();
      } });
      return make('th', { scope: 'col', title: column.note, 'class': column.kind === 'text' ? '' : 'num', 'aria-sort': sorted ? (self.order.down ? 'descending' : 'ascending') : 'none' }, [button]);
    });
    var body = make('tbody', {});
    var frame = make('div', { 'class': 'window', tabindex: '0', role: 'region', 'aria-label': words.deals }, [make('table', { 'class': 'grid' }, [make('thead', {}, [make('tr', {}, heads)]), body])]);
    function pad(rows) { return make('tr', { 'class': 'pad', 'aria-hidden': 'true' }, [make('td', { colspan: String(self.columns.length), height: String(rows * ROW) })]); }
    function fill() {
      var first = Math.max(0, Math.floor(frame.scrollTop / ROW) - 10);
      var last = Math.min(self.found.length, first + Math.ceil((frame.clientHeight || 700) / ROW) + 20);
      var rows = self.found.slice(first, last).map(function (row) { return self.row(row); });
      if (!self.found.length) rows = [make('tr', {}, [make('td', { 'class': 'none', colspan: String(self.columns.length), text: words.empty })])];
      body.replaceChildren.apply(body, [first ? pad(first) : ''].concat(rows, last < self.found.length ? [pad(self.found.length - last)] : []));
    }
    frame.addEventListener('scroll', function () { requestAnimationFrame(fill); });
    requestAnimationFrame(fill);
    fill();
    return frame;
  };
  Pipeline.prototype.row = function (row) {
    var deals = this.deals;
    return make('tr', {}, this.columns.map(function (key) {
      var text = deals.shown(key, row);
      if (key === 'deal_id') return make('td', {}, [make('a', { href: '#' + address('deal', deals.at(key, row)), text: text })]);
      var bad = key === 'stagnation' && deals.at(key, row) === 'stalled' || key === 'trend' && deals.at(key, row) === 'declining';
      return make('td', { text: text, title: text, 'class': (deals.byKey[key].kind === 'text' ? '' : 'num') + (bad ? ' bad' : '') });
    }));
  };
  Pipeline.prototype.lanes = function () {
    var self = this, deals = this.deals, lanes = {};
    this.found.forEach(function (row) { (lanes[deals.at('stage', row)] = lanes[deals.at('stage', row)] || []).push(row); });
    var stages = settings.stages.filter(function (stage) { return lanes[stage]; });
    stages = stages.concat(Object.keys(lanes).filter(function (stage) { return stages.indexOf(stage) < 0; }));
    return make('div', { 'class': 'board', tabindex: '0', role: 'region', 'aria-label': words.board }, stages.map(function (stage) {
      var rows = lanes[stage], shownRows = 40;
      var wins = rows.reduce(function (sum, row) { return sum + (deals.at('win_probability', row) || 0); }, 0);
      var lane = make('section', { 'class': 'lane' }, [make('h3', { text: stage }, [make('small', { text: grouped(rows.length, 0) + ' · ' + grouped(wins, 1) + ' ' + words['wins-expected'] })])]);
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
      make('p', { text: deals.shown('amount', row) + ' ' + deals.shown('currency', row) }),
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
    var lines = [columns.join(',')].concat(this.found.map(function (row) {
      return columns.map(function (key) { return quoted(deals.at(key, row)); }).join(',');
    }));
    var url = URL.createObjectURL(new Blob([lines.join('\n') + '\n'], { type: 'text/csv' }));
    var link = make('a', { href: url, download: 'deals.csv' });
    document.body.append(link);
    link.click();
    link.remove();
    setTimeout(function () { URL.revokeObjectURL(url); }, 1000);
  };

  // --- a deal ------------------------------------------------------------------------------------------------------

  function dealPage(deals, factors, id) {
    var row = -1;
    for (var i = 0; i < deals.rows && row < 0; i++) if (deals.at('deal_id', i) === id) row = i;
    var back = make('p', {}, [make('a', { href: '#pipeline', text: '← ' + words['back-to-list'] })]);
    if (row < 0) return [back, make('p', { 'class': 'none', text: words['deal-not-found'] })];
    var facts = deals.columns.filter(function (column) { return deals.at(column.key, row) !== null; }).map(function (column) {
      return make('div', {}, [make('dt', { text: column.label, title: column.note }), make('dd', { text: deals.shown(column.key, row) })]);
    });
    return [back, make('h1', { text: deals.at('name', row) || id }), make('dl', { 'class': 'facts' }, facts),
      make('h2', { text: words['why-this-score'] }), reasons(factors, row)];
  }
  function reasons(factors, row) {
    var listed = factors.cells[row] || [];
    if (!listed.length) return make('p', { 'class': 'none', text: words['no-factors'] });
    var top = Math.max.apply(null, listed.map(function (factor) { return Math.abs(factor[2]); }));
    return make('div', { 'class': 'scroll' }, [make('table', {}, [make('tbody', {}, listed.map(function (factor) {
      var size = Math.abs(factor[2]) / (top || 1) * 110, right = factor[2] > 0;
      var svg = drawn('svg', { viewBox: '0 0 240 16', width: 240, height: 16, 'aria-hidden': 'true' });
      svg.append(drawn('rect', { 'class': right ? 'i-won' : 'i-lost', x: right ? 120 : 120 - size, y: 2, width: size, height: 12 }), drawn('line', { 'class': 'i-rule', x1: 120, x2: 120, y1: 0, y2: 16 }));
      return make('tr', {}, [make('th', { scope: 'row', text: factors.words[factor[0]] }), make('td', { text: factors.words[factor[1]] }), make('td', {}, [svg]), make('td', { 'class': 'num', text: (right ? '+' : '') + grouped(factor[2], 2) })]);
    }))])]);
  }

  // --- the forecast --------------------------------------------------------------------------------------------------

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
    if (!this.find({ level: 'team', period: this.period }).length) this.level = 'company';
    this.build();
    this.draw();
  }
  Forecast.prototype.find = function (wanted) {
    var found = [], rows = this.rows, keys = Object.keys(wanted);
    for (var row = 0; row < rows.rows; row++) {
      if (keys.every(function (key) { return rows.at(key, row) === wanted[key]; })) found.push(row);
    }
    return found;
  };
  Forecast.prototype.build = function () {
    var self = this, rows = this.rows;
    function options(list) { return list.map(function (word) { return { value: word, text: shown('text', word) }; }); }
    var currencies = {};
    for (var row = 0; row < rows.rows; row++) currencies[rows.at('basis', row) + ' ' + rows.at('currency', row)] = true;
    var choices = Object.keys(currencies).sort().map(function (key) {
      var parts = key.split(' ');
      return { value: key, text: parts[1] + (parts[0] === 'native' && currencies['base ' + parts[1]] ? ' (native)' : '') };
    });
    var levels = ['company', 'region', 'team', 'manager', 'owner'].filter(function (level) { return distinct(rows, 'level').indexOf(level) >= 0; });
    var search = make('input', { type: 'search', oninput: function () { self.search = search.value.toLowerCase(); self.draw(); } });
    this.body = make('div', {});
    this.place.replaceChildren(make('div', { 'class': 'controls' }, [
      choice(words.period, options(distinct(rows, 'period')), this.period, function (value) { self.period = value; self.draw(); }),
      choice(words.level, options(levels), this.level, function (value) { self.level = value; self.draw(); }),
      choice(words.currency, choices, this.basis + ' ' + this.currency, function (value) { self.basis = value.split(' ')[0]; self.currency = value.split(' ')[1]; self.draw(); }),
      make('label', { text: words.search }, [search])
    ]), this.body);
  };
  Forecast.prototype.draw = function () {
    var self = this, rows = this.rows;
    var found = this.find({ period: this.period, level: this.level, basis: this.basis, currency: this.currency }).filter(function (row) {
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
    var found = this.find({ level: level, node: node, basis: this.basis });
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

  // --- addresses -------------------------------------------------------------------------------------------------------

  function route(parts) {
    var hash = decodeURIComponent(location.hash.slice(1)) || 'monday';
    var at = location.hash.slice(1).split('/').map(decodeURIComponent);
    var view = document.getElementById(at[0]);
    if (!view || !view.classList.contains('view')) {
      var inside = document.getElementById(hash);
      view = (inside && inside.closest('.view')) || document.getElementById('monday');
    }
    document.querySelectorAll('.view').forEach(function (other) { other.classList.toggle('shown', other === view); });
    document.querySelectorAll('nav a').forEach(function (link) {
      var here = link.hash === '#' + (view.id === 'deal' ? 'pipeline' : view.id);
      if (here) link.setAttribute('aria-current', 'page'); else link.removeAttribute('aria-current');
    });
    if (parts && view.id === 'deal') document.getElementById('deal-live').replaceChildren.apply(document.getElementById('deal-live'), dealPage(parts.deals, parts.factors, at[1]));
    if (parts && view.id === 'forecast') { if (at.length > 2) parts.forecast.node(at[1], at[2]); else parts.forecast.draw(); }
    window.scrollTo(0, 0);
  }

  document.documentElement.classList.add('js');
  var parts = null;
  addEventListener('hashchange', function () { route(parts); });
  route(null);
  unpacked().then(function (data) {
    var deals = new Table(data.deals);
    parts = { deals: deals, factors: data.factors, forecast: new Forecast(data, document.getElementById('forecast-live')) };
    parts.pipeline = new Pipeline(deals, document.getElementById('pipeline-live'));
    ['forecast', 'pipeline'].forEach(function (id) {
      document.getElementById(id + '-live').hidden = false;
      document.querySelector('#' + id + ' > .static').hidden = true;
    });
    route(parts);
    document.documentElement.dataset.ready = 'yes';
  }, function () { document.documentElement.dataset.ready = 'static'; });
})();
