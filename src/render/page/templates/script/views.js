// Addresses: `#forecast`, `#forecast/team/Americas-1`, `#deal/D00001`, `#define/forecast/gap`.

// An address that was typed may have a stray `%`.
function decoded(text) {
  try { return decodeURIComponent(text); } catch (_) { return text; }
}
function route(parts) {
  var hash = decoded(location.hash.slice(1)) || 'monday';
  var at = location.hash.slice(1).split('/').map(decoded);
  var inside = document.getElementById(hash);
  var view = document.getElementById(at[0]);
  if (!view || !view.classList.contains('view')) view = (inside && inside.closest('.view')) || document.getElementById('monday');
  // A node or a deal that is not there is told where it would be.
  var isThere = inside || ((view.id === 'deal' || view.id === 'forecast') && at[0] === view.id) || at.join('') === '' || at[0] === view.id && at.length === 1;
  var notice = document.getElementById('notice');
  notice.hidden = isThere;
  notice.textContent = isThere ? '' : words['view-not-found'].replace('{address}', function () { return hash; });
  document.querySelectorAll('.view').forEach(function (other) { other.classList.toggle('shown', other === view); });
  document.querySelectorAll('nav a').forEach(function (link) {
    var here = link.hash === '#' + (view.id === 'deal' ? 'pipeline' : view.id);
    if (here) link.setAttribute('aria-current', 'page'); else link.removeAttribute('aria-current');
  });
  if (parts && view.id === 'deal') fill(document.getElementById('deal-live'), parts.pages.page(at[1]));
  document.getElementById('gaps-all').hidden = view.id === 'forecast' && at.length > 2;
  if (parts && view.id === 'forecast') { if (at.length > 2) parts.forecast.node(at[1], at[2]); else parts.forecast.draw(); }
  // What is drawn just now may have the address.
  inside = document.getElementById(hash);
  var heading = view.querySelector('h2.node') || view.querySelector('h1');
  if (heading) document.title = heading.textContent + ' – ' + called;
  document.querySelectorAll('.target').forEach(function (marked) { marked.classList.remove('target'); });
  if (inside && inside !== view && view.contains(inside)) {
    inside.classList.add('target');
    inside.scrollIntoView({ block: 'center' });
  } else window.scrollTo(0, 0);
}
function fill(place, children) { place.replaceChildren.apply(place, children); }

// What a heading means appears when it is pointed at; a click leads to its definition.
function explainHeadings() {
  document.querySelectorAll('a.def:not([title])').forEach(function (link) {
    var definition = document.getElementById(decoded(link.hash.slice(1)));
    if (definition) link.title = definition.querySelector('dd').textContent.trim();
  });
}

// Deals named in the static tables lead to their pages.
function linkDeals(rows) {
  document.querySelectorAll('[data-to]').forEach(function (name) {
    if (rows.has(decoded(name.dataset.to.slice('#deal/'.length)))) name.replaceWith(make('a', { href: name.dataset.to, text: name.textContent }));
  });
  document.querySelectorAll('main .grid').forEach(function (table) {
    var place = Array.from(table.querySelectorAll('thead th')).findIndex(function (head) { return head.querySelector('a.def[href$="/deal_id"]'); });
    if (place < 0) return;
    table.querySelectorAll('tbody tr').forEach(function (row) {
      var cell = row.cells[place];
      if (cell && rows.has(cell.textContent) && !cell.firstElementChild) fill(cell, [make('a', { href: '#' + address('deal', cell.textContent), text: cell.textContent })]);
    });
  });
}

document.documentElement.classList.add('js');
var called = document.title;
var parts = null;
addEventListener('hashchange', function () {
  route(parts);
  // Whoever goes on by keyboard goes on from where the link leads, not from what is hidden now.
  var place = document.querySelector('.target') || document.querySelector('.view.shown h2.node') || document.querySelector('.view.shown h1');
  if (place) {
    place.tabIndex = -1;
    place.focus({ preventScroll: true });
  }
});
route(null);
explainHeadings();
unpacked().then(function (data) {
  owners = plainMap(data.owners);
  var deals = new Table(data.deals);
  wholeNames(deals);
  withPositions(deals, new Table(data.positions));
  parts = { pages: new DealPages(data, deals), forecast: new Forecast(data, deals, document.getElementById('forecast-live'), document.getElementById('gaps-live')) };
  parts.pipeline = new Pipeline(deals, document.getElementById('pipeline-live'));
  parts.funnel = new FunnelPair(data, document.getElementById('funnel-live'));
  ['forecast', 'gaps', 'pipeline', 'funnel'].forEach(function (id) { document.getElementById(id + '-live').hidden = false; });
  document.querySelectorAll('.static').forEach(function (replaced) {
    replaced.hidden = true;
    // Addresses lead to what stands in its place.
    replaced.querySelectorAll('[id]').forEach(function (place) { place.removeAttribute('id'); });
  });
  linkDeals(parts.pages.rows);
  route(parts);
  document.documentElement.dataset.ready = 'yes';
}, function () { document.documentElement.dataset.ready = 'static'; });
