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
// A table of chosen cells: heads are elements or texts, rows are lists of elements or texts.
// `stacked` tables are cards where the page is narrow.
function simpleTable(label, heads, numeric, rows, stacked) {
  var names = heads.map(function (head) { return head.textContent || head; });
  function cell(content, i) { return make('td', { 'class': numeric[i] ? 'num' : '', 'data-label': stacked && names[i] }, [content]); }
  var head = make('tr', {}, heads.map(function (content, i) { return make('th', { scope: 'col', 'class': numeric[i] ? 'num' : '' }, [content]); }));
  var body = rows.map(function (row) { return make('tr', {}, row.map(cell)); });
  if (!rows.length) body = [make('tr', {}, [make('td', { 'class': 'none', colspan: String(heads.length), text: words.empty })])];
  return make('div', { 'class': 'scroll', tabindex: '0', role: 'region', 'aria-label': label }, [make('table', { 'class': stacked ? 'grid stacked pairs' : 'grid' }, [make('thead', {}, [head]), make('tbody', {}, body)])]);
}
function dealLink(deals, row) {
  return make('a', { href: '#' + address('deal', deals.at('deal_id', row)), text: deals.at('name', row) || deals.at('deal_id', row) });
}
