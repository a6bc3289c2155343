function make(tag, attributes, children) {
  var element = document.createElement(tag);
  Object.keys(attributes || {}).forEach(function (name) {
    if (name === 'text') element.textContent = attributes[name];
    else if (name.slice(0, 2) === 'on') element.addEventListener(name.slice(2), attributes[name]);
    else if (attributes[name] !== undefined && attributes[name] !== false) element.setAttribute(name, attributes[name]);
  });
  (children || []).forEach(function (child) { if (child !== null && child !== undefined && child !== '') element.append(child); });
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

// A name that leads to its definition.
function defined(column) {
  return make('a', { 'class': 'def', href: '#' + address('define', column.table, column.name || column.key), text: column.label, title: column.note });
}
function facts(list) {
  return make('dl', { 'class': 'facts' }, list.map(function (fact) {
    return make('div', {}, [make('dt', {}, [fact.name]), make('dd', {}, [fact.text])]);
  }));
}
// Letters from which on a text takes several lines, and from which on it may.
var LONG = 34, NAME = 16;
// What a table is called, for those who do not see what stands above it.
function caption(label) { return make('caption', { 'class': 'unseen', text: label }); }
// A table in a frame that scrolls, by keys too.
function framed(kind, label, table) { return make('div', { 'class': kind, tabindex: '0', role: 'region', 'aria-label': label }, [table]); }
// A chart in its frame, which scrolls, or shrinks with the page (`fits`).
function figure(kind, label, children) { return make('figure', { 'class': kind, tabindex: '0', 'aria-label': label }, children); }
// A table of chosen cells: heads are elements or texts, rows are lists of elements or texts.
// `stacked` tables are cards where the page is narrow.
function simpleTable(label, heads, numeric, rows, stacked) {
  var names = heads.map(function (head) { return head.textContent || head; });
  // A card is a row still: what the style sheet draws as blocks says so itself.
  function role(of) { return stacked && of; }
  function kind(content, i) {
    var text = content && (content.textContent || content);
    return numeric[i] ? 'num' : !text || text.length <= NAME ? '' : text.length > LONG ? 'long' : 'name';
  }
  function cell(content, i) { return make('td', { 'class': kind(content, i), role: role('cell'), 'data-label': stacked && names[i] }, [content]); }
  var head = make('tr', { role: role('row') }, heads.map(function (content, i) { return make('th', { scope: 'col', role: role('columnheader'), 'class': numeric[i] ? 'num' : '' }, [content]); }));
  var body = rows.map(function (row) { return make('tr', { role: role('row') }, row.map(cell)); });
  if (!rows.length) body = [make('tr', {}, [make('td', { 'class': 'none', colspan: String(heads.length), text: words.empty })])];
  return framed('scroll', label, make('table', { 'class': stacked ? 'grid stacked pairs' : 'grid', role: role('table') }, [caption(label), make('thead', { role: role('rowgroup') }, [head]), make('tbody', { role: role('rowgroup') }, body)]));
}
function dealLink(deals, row) {
  return make('a', { href: '#' + address('deal', deals.at('deal_id', row)), text: deals.at('name', row) || deals.at('deal_id', row) });
}
// A sentence with its places filled: `{day}` by what `parts` has of it.
function filled(sentence, parts) {
  return sentence.replace(/\{([a-z]+)\}/g, function (place, name) { return name in parts ? parts[name] : place; });
}
