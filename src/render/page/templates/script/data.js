// The data of the page: tables as columns, and how their cells are written. Everything here stands in the static part
// too, where it fits; controls appear once the data is there.
var settings = JSON.parse(document.getElementById('settings').textContent);
var words = settings.words;
var island = document.getElementById('data');
var owners = Object.create(null);
// Names of people and stages may be names of an object's own things.
function plainMap(object) { return Object.assign(Object.create(null), object); }
settings.values = plainMap(settings.values);

// Stands for what another column of the row has.
var SAME = '=';
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
Table.prototype.values = function (key) {
  var column = this.byKey[key];
  if (!column.values) {
    var there = column.of && this.values(column.of);
    if (there) column.values = column.cells.map(function (cell, row) { return cell === SAME ? there[row] : cell; });
    else column.values = column.words.length ? column.cells.map(function (cell) { return cell === null ? null : column.words[cell]; }) : column.cells;
  }
  return column.values;
};
Table.prototype.has = function (key) {
  return Boolean(this.byKey[key]) && this.byKey[key].cells.some(function (cell) { return cell !== null; });
};
Table.prototype.at = function (key, row) {
  var column = this.byKey[key];
  return (column.values || this.values(key))[row];
};
Table.prototype.shown = function (key, row) {
  var value = this.at(key, row);
  return this.byKey[key].kind === 'text' ? named(key, value) : shown(this.byKey[key].kind, value);
};
// The rows in which every column of `wanted` has its value.
Table.prototype.find = function (wanted) {
  var found = [], keys = Object.keys(wanted), columns = keys.map(this.values, this);
  for (var row = 0; row < this.rows; row++) {
    for (var i = 0; i < keys.length && columns[i][row] === wanted[keys[i]]; i++);
    if (i === keys.length) found.push(row);
  }
  return found;
};
Table.prototype.distinct = function (key) {
  return Array.from(new Set(this.values(key))).filter(function (value) { return value !== null; }).sort();
};

// Names of deals begin with `{account}` where that says the same; the amount in a factor stands as `{amount}`.
function wholeNames(deals) {
  var accounts = deals.values('account');
  deals.byKey.name.values = deals.values('name').map(function (name, row) {
    return name === null ? null : name.replace('{account}', function () { return accounts[row]; });
  });
}

// As the static part and every other output round: a half goes to the even neighbour. A half can only stand where the
// number has so few binary places.
function fixed(size, places) {
  var step = Math.pow(10, places), floor = Math.floor(size * step);
  var half = Number.isInteger(size * Math.pow(2, places + 1)) && size * step - floor === 0.5;
  return half ? ((floor % 2 ? floor + 1 : floor) / step).toFixed(places) : size.toFixed(places);
}
function grouped(number, places) {
  var parts = fixed(Math.abs(number), places).split('.');
  var whole = parts[0].replace(/\B(?=(\d{3})+$)/g, settings.thousands);
  return (number < 0 && Number(fixed(Math.abs(number), places)) !== 0 ? '-' : '') + whole + (parts[1] ? settings.decimal + parts[1] : '');
}
// A number with all of its decimals.
function written(number) {
  var parts = String(Math.abs(number)).split('.');
  return (number < 0 ? '-' : '') + parts[0].replace(/\B(?=(\d{3})+$)/g, settings.thousands) + (parts[1] ? settings.decimal + parts[1] : '');
}
function short(number) {
  var size = Math.abs(number);
  var scaled = size >= 999.5e6 ? [1e9, words.billion] : size >= 999500 ? [1e6, words.million] : size >= 999.5 ? [1e3, words.thousand] : [1, ''];
  var value = number / scaled[0];
  return grouped(value, Math.abs(value) < 99.5 && scaled[1] ? 1 : 0) + scaled[1];
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
  return value;
}
// The text of a column: words of the page in its language, names as they are.
function named(key, value) {
  if (value === null || value === undefined) return '';
  if (key === 'owner' || key === 'manager') return owners[value] || (value.charAt(0) === '(' && settings.values[value]) || value;
  return (settings.worded.indexOf(key) >= 0 || value.charAt(0) === '(') && settings.values[value] || value;
}
